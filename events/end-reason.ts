/**
 * Why a call ended, or one leg's part in it: the only list. Always computed on the server, never taken from a phone.
 * All code that depends on the reason is a table over this list, and does not compile if it misses one. Tests hold GraphQL's enum
 * and the table in docs/people.md to it. There is no schema here, so that pages can import the list alone.
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
