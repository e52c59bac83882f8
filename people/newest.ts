/** Which of an owner's records counts, if they have several from before each owner had one. */

interface Made {
  readonly id: string;
  readonly createdAt: string;
}

/** The index of owners lists the newest first; this many of the same moment are ordered by their ids. */
export const NEWEST_READ = 25;

export function newestOf<T extends Made>(records: readonly T[]): T | undefined {
  return records.reduce<T | undefined>(
    (newest, one) => (newest && !isNewer(one, newest) ? newest : one),
    undefined,
  );
}

const isNewer = (one: Made, other: Made): boolean =>
  one.createdAt === other.createdAt ? one.id > other.id : one.createdAt > other.createdAt;
