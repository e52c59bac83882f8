/** Ends the wait of a call's workflow with what has just been read (W4, W5): whether as hoped for or by an error, calls/wake.ts. */
import type { Call } from "../calls/call.ts";
import { workflowView } from "../calls/snapshot.ts";
import { errorOfWait, isAwaited } from "../calls/wake.ts";
import type { Workflow } from "./drive-call.ts";

export async function wakeCall(
  workflow: Pick<Workflow, "wake">,
  call: Call | undefined,
): Promise<"woken" | "gone" | "not waiting" | "nothing new"> {
  if (call?.taskToken === undefined || call.waitTurn === undefined) return "not waiting";
  if (!isAwaited(call)) return "nothing new";
  return workflow.wake(call.taskToken, workflowView(call), errorOfWait(call));
}
