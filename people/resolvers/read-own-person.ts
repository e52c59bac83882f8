/** The Person of an owner. After createPerson, the Person as written, for the caller and the followers of the directory. */
import { type Context, type DynamoDBGetItemRequest, runtime, util } from "@aws-appsync/utils";
import type { Stash } from "../rules/one-person.ts";

export function request(ctx: Context): DynamoDBGetItemRequest {
  const { personId: id }: Stash = ctx.stash;
  if (!id) runtime.earlyReturn(null);
  return { operation: "GetItem", key: util.dynamodb.toMapValues({ id }), consistentRead: true };
}

export function response(ctx: Context) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  return ctx.result;
}
