/** deletePerson: reads the record and its owner, if the caller may delete it. */
import { type Context, type DynamoDBGetItemRequest, util } from "@aws-appsync/utils";
import { isOperator, subOf } from "../rules/caller.ts";
import { checkId } from "../rules/names.ts";
import { refuseCondition } from "../rules/one-person.ts";

export function request(ctx: Context<{ input: { id: string } }>): DynamoDBGetItemRequest {
  const { id } = ctx.args.input;
  checkId("id", id);
  return { operation: "GetItem", key: util.dynamodb.toMapValues({ id }), consistentRead: true };
}

export function response(ctx: Context) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  const person = ctx.result;
  if (!person) refuseCondition();
  if (person.owner !== subOf(ctx) && !isOperator(ctx)) util.unauthorized();
  ctx.stash.person = person;
  ctx.stash.owner = person.owner;
  return null;
}
