/** The first step of every field for people: refuses a person whom an operator has signed out, though their token is still valid. */
import { type Context, type DynamoDBGetItemRequest, util } from "@aws-appsync/utils";
import { standingKey } from "../../handlers/store/tables.ts";
import { subOf } from "../rules/caller.ts";

export function request(ctx: Context): DynamoDBGetItemRequest {
  return {
    operation: "GetItem",
    key: util.dynamodb.toMapValues(standingKey(subOf(ctx))),
    projection: { expression: "refusedUntilMs" },
    consistentRead: true,
  };
}

export function response(ctx: Context) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  const untilMs = ctx.result?.refusedUntilMs ?? 0;
  if (util.time.nowEpochMilliSeconds() < untilMs) {
    util.error("An operator has signed this person out", "SignedOut");
  }
  return null;
}
