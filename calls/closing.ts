/** A call that is over is closed, and the sweep drops it: rules of a call (rules.ts). */
import { openShard } from "./admission.ts";
import { isOver } from "./call.ts";
import { nextVersion } from "./legs.ts";
import { CLEAN_UP_GRACE_SECONDS } from "./limits.ts";
import type { Rule } from "./rules.ts";
import { announceCall } from "./snapshot.ts";

/** Closes the call: it holds nothing any more, and the sweep need not find it. */
export const closeCall =
  (retentionDays: number): Rule =>
  (call, nowMs) => {
    if (!isOver(call)) throw new Error(`call ${call.callId} is ${call.status}: end it before it is closed`);
    if (call.cleanedUpAtMs !== undefined)
      return { kind: "already", call, events: [announceCall("CallEnded", call)] };
    const { openShard: _shard, sweepAtMs: _at, taskToken: _token, callerName: _name, ...rest } = call;
    const expiresAtSeconds = Math.ceil(nowMs / 1000) + retentionDays * 86_400;
    const next = nextVersion({ ...rest, cleanedUpAtMs: nowMs, expiresAtSeconds });
    return { kind: "changed", call: next, events: [announceCall("CallEnded", next)] };
  };

/**
 * The same in place of a workflow, with CallEnded still to be published: the sweep keeps the call until then, even if the
 * workflow has closed it before.
 */
export const closeBeforeAnnouncing =
  (retentionDays: number): Rule =>
  (call, nowMs) => {
    const sweep = { openShard: openShard(call.callId), sweepAtMs: nowMs + CLEAN_UP_GRACE_SECONDS * 1000 };
    const decision = closeCall(retentionDays)(call, nowMs);
    if (decision.kind === "already" && call.openShard !== undefined)
      return { kind: "already", call, events: [] };
    return { kind: "changed", call: { ...decision.call, ...sweep }, events: [] };
  };

/** All events are published, so the sweep drops the call. The change is not visible outside, so the version stays. */
export const endSweep: Rule = (call) => {
  if (call.openShard === undefined) return { kind: "already", call, events: [] };
  const { openShard: _shard, sweepAtMs: _at, ...rest } = call;
  return { kind: "changed", call: rest, events: [] };
};
