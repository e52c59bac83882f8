/** peopleByClientIds: the Person of each owner, in one batch read. */
import { type Context, type DynamoDBBatchGetItemRequest, runtime } from "@aws-appsync/utils";
import { distinct, itemsRead } from "../rules/client-owners.ts";
import { ownersKey } from "../rules/one-person.ts";

export function request(ctx: Context): DynamoDBBatchGetItemRequest {
  const owners = distinct(Object.values(ctx.stash.owners as Record<string, string>));
  ctx.stash.personIds = {};
  if (owners.length === 0) runtime.earlyReturn(null);
  const keys = owners.map(ownersKey);
  return { operation: "BatchGetItem", tables: { [ctx.env.OWNERS_TABLE as string]: { keys } } };
}

export function response(ctx: Context) {
  const personIds: Record<string, string> = {};
  for (const { owner, personId } of itemsRead(ctx, ctx.env.OWNERS_TABLE as string)) {
    personIds[owner as string] = personId as string;
  }
  ctx.stash.personIds = personIds;
  return null;
}
