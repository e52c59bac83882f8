/** Reads a call for its workflow. No wake announced what it finds, so its events may be unpublished (W7). */
import type { CallId } from "../../calls/ids.ts";
import type { Decision, Rule } from "../../calls/rules.ts";
import { announceAgain } from "../../calls/snapshot.ts";
import { type CallChanging, changeKnownCall } from "./change-call.ts";

interface Followed {
  readonly callId: CallId;
  /** The turn that the workflow has followed; without it, nothing is published again. */
  readonly turn: number | undefined;
}

/** Writes what the rule demands; a change publishes its own events, which hold the whole state by then. */
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
