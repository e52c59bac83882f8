/** Ends the wait of a call's workflow with what has just been read (W4, W5): whether as hoped for or by an error, calls/wake.ts. */
import type { Call } from "../../calls/call.ts";
import { type WorkflowView, workflowView } from "../../calls/snapshot.ts";
import { errorOfWait, isAwaited, type WaitError } from "../../calls/wake.ts";

/** The ids that an execution begins with; the item says all else. */
export type Started = Pick<Call, "callId" | "calleeId">;

export interface Workflow {
  /** Starts the call's execution. Its first task reads the callee's phones beside the call. `running` if one of that name does so already, `exists` if the name is spent. */
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
