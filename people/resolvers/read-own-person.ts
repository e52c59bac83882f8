/** createPerson: the Person as it was written, for the caller and for those who follow the directory. */
import { type Context, type DynamoDBGetItemRequest, util } from "@aws-appsync/utils";

export function request(ctx: Context): DynamoDBGetItemRequest {
  const id: string = ctx.stash.personId;
  return { operation: "GetItem", key: util.dynamodb.toMapValues({ id }), consistentRead: true };
}

export function response(ctx: Context) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  return ctx.result;
}
