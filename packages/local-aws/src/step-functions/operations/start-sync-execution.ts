/** StartSyncExecution: an Express execution, whose end is the reply. */
import { AwsError, type Operation, type Shape } from "../../local-aws.ts";
import type { Execution } from "../engine/execution.ts";
import { startExecution } from "../engine/run-execution.ts";
import { TIMEOUT } from "../engine/state-error.ts";
import { newId } from "../randomness.ts";
import type { Engine } from "../engine/visit.ts";
import { checkInput, checkName, WRONG_TYPE } from "./constraints.ts";

/** Express is billed in steps of 100 ms and 64 MB. */
const BILLED_STEP_MS = 100;
const BILLED_MEMORY_MB = 64;

export const startSyncExecution = (context: Engine): Operation => ({
  waits: true,
  permissions: ({ stateMachineArn }) => [
    { action: "states:StartSyncExecution", resource: String(stateMachineArn) },
  ],
  async run(input) {
    const machine = context.machines.get(input["stateMachineArn"]);
    if (machine.type !== "EXPRESS") throw new AwsError("StateMachineTypeNotSupported", WRONG_TYPE);
    const name = input["name"] === undefined ? newId() : checkName(input["name"]);
    const inputText = checkInput(input["input"]);
    const execution = startExecution(context, { machine, name, inputText });
    const { promise, resolve } = Promise.withResolvers<void>();
    execution.signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    return replyOf(execution, input["includedData"] !== "METADATA_ONLY");
  },
});

function replyOf(execution: Execution, withData: boolean): Shape {
  const { arn, name, machine, inputText, startedAtMs, ended } = execution;
  const endedAtMs = ended?.atMs ?? startedAtMs;
  const { status, output, cause } = ended ?? {};
  const error = status === "TIMED_OUT" ? TIMEOUT : ended?.error;
  const included = { included: withData };
  const steps = Math.max(1, Math.ceil((endedAtMs - startedAtMs) / BILLED_STEP_MS));
  return {
    executionArn: arn,
    stateMachineArn: machine.arn,
    name,
    startDate: startedAtMs / 1000,
    stopDate: endedAtMs / 1000,
    status,
    ...(error === undefined || !withData ? {} : { error }),
    ...(cause === undefined || !withData ? {} : { cause }),
    ...(withData ? { input: inputText } : {}),
    inputDetails: included,
    ...(output === undefined || !withData ? {} : { output }),
    outputDetails: included,
    billingDetails: {
      billedMemoryUsedInMB: BILLED_MEMORY_MB,
      billedDurationInMilliseconds: steps * BILLED_STEP_MS,
    },
  };
}
