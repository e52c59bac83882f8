/** peopleByClientIds: the people, in one batch read, each in the place of their client. */
import { type Context, type DynamoDBBatchGetItemRequest, runtime, util } from "@aws-appsync/utils";
import { distinct, itemsRead } from "../rules/client-owners.ts";

type Stash = {
  clientIds: (string | null)[];
  owners: Record<string, string>;
  personIds: Record<string, string>;
};

export function request(ctx: Context): DynamoDBBatchGetItemRequest {
  const { clientIds, personIds }: Stash = ctx.stash as Stash;
  const ids = distinct(Object.values(personIds));
  if (ids.length === 0) runtime.earlyReturn(clientIds.map(() => null));
  const keys = ids.map((id) => util.dynamodb.toMapValues({ id }));
  return { operation: "BatchGetItem", tables: { [ctx.env.PEOPLE_TABLE as string]: { keys } } };
}

export function response(ctx: Context) {
  const { clientIds, owners, personIds }: Stash = ctx.stash as Stash;
  const people = itemsRead(ctx, ctx.env.PEOPLE_TABLE as string);
  return clientIds.map((clientId) => {
    const personId = clientId ? personIds[owners[clientId] ?? ""] : undefined;
    return people.find(({ id }) => personId && id === personId) ?? null;
  });
}
