/** deletePerson: by the owner, or by an operator. */
import { type Context, type DynamoDBDeleteItemRequest, util } from "@aws-appsync/utils";
import { isOperator, subOf } from "../rules/caller.ts";
import { allOf, refuseFailure } from "../rules/condition.ts";

type Args = { input: { id: string }; condition?: unknown };

export function request(ctx: Context<Args>): DynamoDBDeleteItemRequest {
  const { input, condition } = ctx.args;
  const isMine = isOperator(ctx) ? null : { owner: { eq: subOf(ctx) } };
  return {
    operation: "DeleteItem",
    key: util.dynamodb.toMapValues({ id: input.id }),
    condition: allOf([{ id: { attributeExists: true } }, isMine, condition]),
  };
}

export function response(ctx: Context) {
  refuseFailure(ctx);
  return ctx.result;
}
