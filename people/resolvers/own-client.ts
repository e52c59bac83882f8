/** A first step, or a check alone: the named client, if any, must be the caller's own. */
import { type Context, type DynamoDBGetItemRequest, runtime, util } from "@aws-appsync/utils";
import { subOf } from "../rules/caller.ts";
import { lowerId } from "../rules/ids.ts";
import { checkId } from "../rules/names.ts";

type Args = { clientId?: string | null; input?: { clientId?: string | null } };

/** Reads consistently, because an app may name a client right after registering it. */
export function request(ctx: Context<Args>): DynamoDBGetItemRequest {
  const clientId = ctx.args.clientId ?? ctx.args.input?.clientId;
  if (clientId === undefined || clientId === null) runtime.earlyReturn();
  const named = clientId as string; // `earlyReturn` does not return
  checkId("clientId", named);
  return {
    operation: "GetItem",
    key: util.dynamodb.toMapValues({ clientId: lowerId(named) }),
    projection: { expression: "#sub", expressionNames: { "#sub": "sub" } },
    consistentRead: true,
  };
}

/** A client that does not exist gets the same refusal, which reveals nothing. */
export function response(ctx: Context) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  if (ctx.result?.sub !== subOf(ctx)) util.unauthorized();
  return null;
}
