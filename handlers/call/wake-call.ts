/** Ends the wait of a call's workflow with the call just read (W4, W5), with success or an error (calls/wake.ts). */
import type { Call } from "../../calls/call.ts";
import { type WorkflowView, workflowView } from "../../calls/snapshot.ts";
import { errorOfWait, isAwaited, type WaitError } from "../../calls/wake.ts";

/** The ids that an execution begins with; the item has the rest. */
export type Started = Pick<Call, "callId" | "calleeId">;

export interface Workflow {
  /** Starts the call's execution. Its first task reads the callee's phones beside the call. `running` if an execution of that name runs, `exists` if the name is used up. */
  start(call: Started, name: string): Promise<"started" | "running" | "exists">;
  /** Ends a wait, with an error if one is named; `gone` if that wait is over. */
  wake(taskToken: string, view: WorkflowView, error?: WaitError): Promise<"woken" | "gone">;
}

export async function wakeCall(
  workflow: Pick<Workflow, "wake">,
  call: Call | undefined,
): Promise<"woken" | "gone" | "not waiting" | "nothing new"> {
  if (call?.taskToken === undefined || call.waitTurn === undefined) return "not waiting";
  if (!isAwaited(call)) return "nothing new";
  return workflow.wake(call.taskToken, workflowView(call), errorOfWait(call));
}
