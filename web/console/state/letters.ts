/** What AWS writes on a letter that it could not deliver. */

/** Said first, in this order: what went wrong, then where to and how often. */
const FIRST = ["ERROR_MESSAGE", "ERROR_CODE", "RULE_ARN", "TARGET_ARN", "RETRY_ATTEMPTS"];

export function reasonsFirst(attributes: Readonly<Record<string, string>>): [string, string][] {
  const rank = (name: string): number => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  return Object.entries(attributes).toSorted(
    ([one], [other]) => rank(one) - rank(other) || one.localeCompare(other),
  );
}
