/**
 * Why a call ended, or one leg's part in it: the only list. Always computed on the server, never taken from a phone.
 * Whatever depends on the reason is a table over this list, which does not compile while it misses one; GraphQL's enum and
 * the table in docs/people.md are held to it by tests. No schema stands here, so that pages can import the list itself.
 */
export const END_REASONS = [
  "completed",
  "declined",
  "cancelled",
  "missed",
  "unreachable",
  "busy",
  "dropped",
  "removed",
  "ended_by_operator",
  "expired",
  "failed",
] as const;
export type EndReason = (typeof END_REASONS)[number];
