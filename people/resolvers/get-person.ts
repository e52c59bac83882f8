/** getPerson: every signed-in person may read. */
import { type Context, type DynamoDBGetItemRequest, util } from "@aws-appsync/utils";
import { checkId } from "../rules/names.ts";

export function request(ctx: Context<{ id: string }>): DynamoDBGetItemRequest {
  checkId("id", ctx.args.id);
  return { operation: "GetItem", key: util.dynamodb.toMapValues({ id: ctx.args.id }) };
}

export function response(ctx: Context) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  return ctx.result;
}
