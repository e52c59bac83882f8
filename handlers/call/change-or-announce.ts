/** A look at a call for its workflow, which was not woken by what it finds: so nobody may have told of it (W7). */
import type { CallId } from "../../calls/ids.ts";
import type { Decision, Rule } from "../../calls/rules.ts";
import { announceAgain } from "../../calls/snapshot.ts";
import { type CallChanging, changeKnownCall } from "./change-call.ts";

interface Followed {
  readonly callId: CallId;
  /** What the workflow has followed; if it does not say so, nothing is told again. */
  readonly turn: number | undefined;
}

/** Writes what the rule demands; a change publishes itself, and says all that is true by then. */
export async function changeOrAnnounce(
  tools: CallChanging,
  { callId, turn }: Followed,
  rule: Rule,
  nowMs: number,
): Promise<Decision> {
  const decision = await changeKnownCall(tools, callId, rule, nowMs);
  const isUntold = decision.kind === "already" && turn !== undefined && decision.call.turn > turn;
  if (isUntold) await tools.publisher.publish(announceAgain(decision.call));
  return decision;
}
