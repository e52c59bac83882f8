/** What an app is told of a push that it has handed over. */
import type { Call } from "./call.ts";
import type { PushFate } from "./engine/ringing.ts";
import type { PushType } from "./wire/contract.ts";
import type { Push } from "./wire/pushes.ts";

/**
 * What became of a push. `incoming`: there is a call to report and to ring for. `stopped`: its call rings no more. `ignored`: end
 * what the system shows of it, if it shows anything.
 */
export type PushResult =
  | { readonly is: "incoming"; readonly call: Call }
  | { readonly is: "stopped"; readonly callId: string; readonly type: PushType }
  | {
      readonly is: "ignored";
      readonly why: Exclude<PushFate, "rings" | "stops"> | "not-ours" | "not-registered";
      readonly call?: Call | undefined;
    };

/** Live updates may have been faster than the push, or it came twice: the call rings all the same, until it is answered. */
export function pushResult(
  { call_id: callId, type }: Push,
  fate: PushFate,
  call: Call | undefined,
): PushResult {
  if (fate === "stops") return { is: "stopped", callId, type };
  const rings =
    call?.snapshot().direction === "incoming" && (call.state === "incoming" || call.state === "ringing");
  const isThere = fate === "rings" || (fate === "known" && rings);
  if (isThere && call) return { is: "incoming", call };
  return { is: "ignored", why: fate === "rings" ? "known" : fate, call };
}
