/** personByClientId: the owner of the client. A client that does not exist has none, which is no error. */
import { type Context, type DynamoDBGetItemRequest, runtime, util } from "@aws-appsync/utils";
import { clientIdIn } from "../rules/client-owners.ts";

export function request(ctx: Context<{ clientId: string }>): DynamoDBGetItemRequest {
  const clientId = clientIdIn(ctx.args.clientId);
  ctx.stash.owner = null;
  if (!clientId) runtime.earlyReturn(null);
  return {
    operation: "GetItem",
    key: util.dynamodb.toMapValues({ clientId }),
    projection: { expression: "#sub", expressionNames: { "#sub": "sub" } },
  };
}

export function response(ctx: Context) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  ctx.stash.owner = ctx.result?.sub ?? null;
  return null;
}
