/** Y6 and Y13: what a call holds, and what its execution costs. */
import { type Call, isOver } from "../../calls/call.ts";
import { callIdOfExecution } from "../../calls/ids.ts";
import type { Checking, OpenChecker } from "./checking.ts";
import { callsOf, clientsOf, stagesOf } from "./stored.ts";

/** States of a call from its push to its end, when everything happens that the workflow acts on once. */
const STATES = 14;
const STATES_A_TURN = 6;
/** A wait ends after an hour. */
const STATES_AN_HOUR = 4;
const HOUR_MS = 3_600_000;

export const checkRelease: OpenChecker = (checking) => {
  const states = new Map<string, number>();
  return {
    onState: (execution) => void states.set(execution, (states.get(execution) ?? 0) + 1),
    async conclude() {
      const calls = callsOf(checking.stack);
      for (const call of calls) checkOver(checking, call);
      await checkHolders(checking, new Map(calls.map((call) => [String(call.callId), call])));
      for (const call of calls) {
        const hours = ((call.endedAtMs ?? 0) - call.createdAtMs) / HOUR_MS;
        const most = STATES + STATES_A_TURN * call.turn + STATES_AN_HOUR * hours;
        const entered = states.get(call.callId) ?? 0;
        if (entered > most) checking.report("Y13", `${entered} states for ${call.turn} turns`, call.callId);
      }
    },
  };
};

const LEFTOVERS = ["openShard", "sweepAtMs", "taskToken", "callerName"] as const;

function checkOver({ report }: Checking, call: Call): void {
  const { callId } = call;
  if (!isOver(call)) return report("Y6", `it is still ${call.status}`, callId);
  if (call.cleanedUpAtMs === undefined) report("Y6", "it is not cleaned up", callId);
  const left = LEFTOVERS.filter((name) => call[name] !== undefined);
  if (left.length > 0) report("Y6", `its record still has ${left.join(", ")}`, callId);
}

async function checkHolders({ report, stack }: Checking, calls: ReadonlyMap<string, Call>): Promise<void> {
  for (const { clientId, activeCallId } of clientsOf(stack)) {
    if (typeof activeCallId === "string")
      report("Y6", `the slot of ${String(clientId)} names it`, activeCallId);
  }
  for (const { stageId, status, callId } of stagesOf(stack)) {
    const call = calls.get(String(callId));
    if (status === "leased" && (!call || isOver(call)))
      report("Y6", `it still has stage ${String(stageId)}`, String(callId));
  }
  for (const { name, status } of await stack.workflow.executions()) {
    if (status === "RUNNING") report("Y6", `execution ${name} still runs`, callIdOfExecution(name));
  }
}
