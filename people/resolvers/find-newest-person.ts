/** The newest record of an owner without a row, if they have any from before rows existed. */
import { type Context, type DynamoDBQueryRequest, runtime, util } from "@aws-appsync/utils";
import { peopleByOwner } from "../../handlers/store/tables.ts";
import { NEWEST_READ, newestOf } from "../newest.ts";
import { subOf } from "../rules/caller.ts";
import type { Stash } from "../rules/one-person.ts";

export function request(ctx: Context): DynamoDBQueryRequest {
  const { row, owner }: Stash = ctx.stash;
  if (row || owner === null) runtime.earlyReturn();
  return {
    operation: "Query",
    index: peopleByOwner.name,
    query: {
      expression: "#owner = :owner",
      expressionNames: { "#owner": peopleByOwner.partitionKey },
      expressionValues: util.dynamodb.toMapValues({ ":owner": owner ?? subOf(ctx) }),
    },
    scanIndexForward: false,
    limit: NEWEST_READ,
  };
}

export function response(ctx: Context) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  ctx.stash.personId = newestOf(ctx.result.items as { id: string; createdAt: string }[])?.id ?? null;
  return null;
}
