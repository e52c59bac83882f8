/** peopleByClientIds: the owners of these clients, in one batch read. */
import { type Context, type DynamoDBBatchGetItemRequest, runtime, util } from "@aws-appsync/utils";
import { clientIdIn, distinct, itemsRead, MOST_CLIENTS } from "../rules/client-owners.ts";

export function request(ctx: Context<{ ids: string[] }>): DynamoDBBatchGetItemRequest {
  const { ids } = ctx.args;
  if (ids.length > MOST_CLIENTS) util.error(`ids must be ${MOST_CLIENTS} at most`, "ValidationError");
  ctx.stash.clientIds = ids.map(clientIdIn);
  ctx.stash.owners = {};
  const clientIds = distinct(ctx.stash.clientIds as (string | null)[]);
  if (clientIds.length === 0) runtime.earlyReturn(null);
  const keys = clientIds.map((clientId) => util.dynamodb.toMapValues({ clientId }));
  // The owner's attribute, `sub`, is a reserved word of DynamoDB.
  const projection = { expression: "clientId, #sub", expressionNames: { "#sub": "sub" } };
  return { operation: "BatchGetItem", tables: { [ctx.env.CLIENTS_TABLE as string]: { keys, projection } } };
}

export function response(ctx: Context) {
  const owners: Record<string, string> = {};
  for (const { clientId, sub } of itemsRead(ctx, ctx.env.CLIENTS_TABLE as string)) {
    owners[clientId as string] = sub as string;
  }
  ctx.stash.owners = owners;
  return null;
}
