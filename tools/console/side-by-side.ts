/** Does work for each of many items, a few at a time, so that no quota is used up at once. */

const MOST_AT_ONCE = 10;

export async function sideBySide<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += MOST_AT_ONCE) {
    results.push(...(await Promise.all(items.slice(from, from + MOST_AT_ONCE).map(work))));
  }
  return results;
}
