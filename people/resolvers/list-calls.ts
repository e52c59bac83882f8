/** listCalls, after its client was checked: one row for each call that the client had a part in. */
import { type Context, type DynamoDBQueryRequest, util } from "@aws-appsync/utils";
import { clientPartition, HISTORY_PREFIX } from "../../handlers/store/tables.ts";
import { lowerId } from "../rules/ids.ts";
import { connectionOf, pageOf } from "../rules/page.ts";

type Args = { clientId: string; limit?: number | null; nextToken?: string | null };

/** Rows are keyed by the time of the call, so the latest come first when they are read backwards. */
export function request(ctx: Context<Args>): DynamoDBQueryRequest {
  return {
    operation: "Query",
    query: {
      expression: "pk = :client AND begins_with(sk, :call)",
      expressionValues: util.dynamodb.toMapValues({
        ":client": clientPartition(lowerId(ctx.args.clientId)),
        ":call": HISTORY_PREFIX,
      }),
    },
    scanIndexForward: false,
    ...pageOf(ctx.args),
  };
}

export function response(ctx: Context) {
  const { items, nextToken } = connectionOf(ctx);
  const serverNowMs = util.time.nowEpochMilliSeconds();
  const stamped = (items as Record<string, unknown>[]).map((call) => ({ ...call, serverNowMs }));
  return { items: stamped, nextToken };
}
