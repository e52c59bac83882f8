/** Pages of lists. */
import { type Context, util } from "@aws-appsync/utils";

/** As in the lists that Amplify generates. */
const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

export function pageOf({ limit, nextToken }: { limit?: number | null; nextToken?: string | null }) {
  if (limit && limit < 0) util.error("limit must be 1 or more", "ValidationError");
  const wanted = limit ? limit : DEFAULT_LIMIT;
  const size = wanted < MAX_LIMIT ? wanted : MAX_LIMIT;
  return nextToken ? { limit: size, nextToken } : { limit: size };
}

export function connectionOf(ctx: Context) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  const { items, nextToken } = ctx.result;
  return { items, nextToken };
}
