/** One page of a list, and the token of the next: what the list operations of most AWS services have in common. */
import type { AwsError } from "./local-aws.ts";

export interface PageRequest {
  /** Name of the member that limits the page, for the error. */
  readonly member: string;
  /** As asked for: a number, its text in a query, or nothing. */
  readonly limit: unknown;
  readonly most: number;
  readonly token: unknown;
  /** The error by which the service refuses a wrong limit or token. */
  readonly refuse: (message: string) => AwsError;
}

export interface Page<T> {
  readonly items: T[];
  readonly next?: string;
}

export function listPage<T>(items: readonly T[], request: PageRequest): Page<T> {
  const from = startOf(request, items.length);
  const end = from + sizeOf(request);
  const page = items.slice(from, end);
  return end < items.length
    ? { items: page, next: Buffer.from(String(end)).toString("base64") }
    : { items: page };
}

function sizeOf({ member, limit, most, refuse }: PageRequest): number {
  if (limit === undefined) return most;
  const size = Number(limit);
  if (Number.isInteger(size) && size >= 1 && size <= most) return size;
  const bound = size > most ? `less than or equal to ${most}` : "greater than or equal to 1";
  throw refuse(
    `1 validation error detected: Value '${size}' at '${member}' failed to satisfy constraint: ` +
      `Member must have value ${bound}`,
  );
}

function startOf({ token, refuse }: PageRequest, length: number): number {
  if (token === undefined) return 0;
  const start = typeof token === "string" ? Number(Buffer.from(token, "base64").toString()) : Number.NaN;
  if (Number.isInteger(start) && start > 0 && start <= length) return start;
  throw refuse("The token of the next page is not valid.");
}
