/**
 * The owner of a client. A client names its owner, and the owner's row names their Person (one-person.ts). So every client of a
 * person leads to them, a second one as well, and callers have the same name as in pushes.
 */
import { type Context, util } from "@aws-appsync/utils";
import { lowerId } from "./ids.ts";

/** What BatchGetItem takes. */
export const MOST_CLIENTS = 100;

const CLIENT_ID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";

/** Ids as clients are stored, because CallKit returns them in upper case; null if it is no client's id. */
export function clientIdIn(text: string): string | null {
  const id = lowerId(text);
  return util.matches(CLIENT_ID, id) ? id : null;
}

/** Each once: BatchGetItem refuses the same key twice. */
export function distinct(texts: (string | null | undefined)[]): string[] {
  const found: string[] = [];
  for (const text of texts) {
    if (text && found.indexOf(text) < 0) found.push(text);
  }
  return found;
}

type Item = Record<string, string> | null;

/** The found items of a table, in any order. Ends the request if DynamoDB held some back. */
export function itemsRead(ctx: Context, table: string): Record<string, string>[] {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  const heldBack = ctx.result.unprocessedKeys?.[table] ?? [];
  if (heldBack.length > 0) {
    util.error("DynamoDB did not read all of it: send this query again", "DynamoDB:ThrottlingException");
  }
  const items: Item[] = ctx.result.data[table] ?? [];
  return items.filter((item) => item) as Record<string, string>[];
}
