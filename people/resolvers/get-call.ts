/** getCall: a call as the caller's own leg sees it, and no other leg. */
import { type Context, type DynamoDBGetItemRequest, util } from "@aws-appsync/utils";
import { callKey } from "../../handlers/store/tables.ts";
import { subOf } from "../rules/caller.ts";
import { lowerId } from "../rules/ids.ts";
import { checkId } from "../rules/names.ts";

type Args = { callId: string; clientId?: string | null };
type Leg = {
  clientId: string;
  sub: string;
  role: string;
  status: string;
  leftReason?: string;
  silenced?: string;
};

export function request(ctx: Context<Args>): DynamoDBGetItemRequest {
  checkId("callId", ctx.args.callId);
  return { operation: "GetItem", key: util.dynamodb.toMapValues(callKey(lowerId(ctx.args.callId))) };
}

export function response(ctx: Context<Args>) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  const call = ctx.result;
  if (!call) return null;
  const leg = ownLeg(ctx, Object.values(call.legs));
  if (!leg) util.unauthorized();
  const { callId, version, status, endReason, media } = call;
  const { createdAtMs, ringUntilMs, answeredAtMs, endedAtMs } = call;
  const own = leg as Leg; // `unauthorized` does not return
  return {
    callId,
    clientId: own.clientId,
    version,
    status,
    endReason,
    role: own.role,
    legStatus: own.status,
    legEndReason: own.leftReason,
    otherClientId: own.clientId === call.callerId ? call.calleeId : call.callerId,
    media,
    createdAtMs,
    ringUntilMs,
    answeredAtMs,
    endedAtMs,
    serverNowMs: util.time.nowEpochMilliSeconds(),
  };
}

/**
 * The leg of the named client, else the person's last one: a person who calls their own client is its callee. A callee who
 * blocks the caller has no part in the call.
 */
function ownLeg(ctx: Context<Args>, legs: Leg[]): Leg | null {
  const clientId = ctx.args.clientId ? lowerId(ctx.args.clientId) : null;
  let found: Leg | null = null;
  for (const leg of legs) {
    if (leg.silenced !== "blocked" && leg.sub === subOf(ctx) && (!clientId || leg.clientId === clientId))
      found = leg;
  }
  return found;
}
