/** The Person of an owner. Reads consistently, because two creations may follow each other at once. */
import { type Context, type DynamoDBGetItemRequest, runtime, util } from "@aws-appsync/utils";
import { subOf } from "../rules/caller.ts";
import { ownersKey, type Stash } from "../rules/one-person.ts";

/** Reads again only if another request was writing the row: a finished write has already shown its result. */
export function request(ctx: Context): DynamoDBGetItemRequest {
  const { owner, outcome }: Stash = ctx.stash;
  if (owner === null || (outcome && outcome !== "conflict")) runtime.earlyReturn();
  return { operation: "GetItem", key: ownersKey(owner ?? subOf(ctx)), consistentRead: true };
}

export function response(ctx: Context) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  const personId = ctx.result?.personId ?? null;
  ctx.stash.row = personId;
  ctx.stash.personId = personId;
  return null;
}
