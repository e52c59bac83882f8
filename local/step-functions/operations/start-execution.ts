/**
 * StartExecution of a Standard state machine.
 *
 * The same name with the same input while the execution runs gives the first reply again; any other use of a name is
 * ExecutionAlreadyExists until 90 days after its execution has ended.
 */
import { AwsError, type Operation, type Shape } from "../../door.ts";
import type { Execution } from "../engine/execution.ts";
import { MAX_PAYLOAD_BYTES, isTooLarge } from "../engine/payload-limit.ts";
import { startExecution } from "../engine/run-execution.ts";
import { newId } from "../randomness.ts";
import type { ServiceContext } from "../service-context.ts";
import { checkName } from "./names.ts";
import { textOf } from "../wire-text.ts";

const NAME_REUSE_MS = 90 * 24 * 3_600_000;

export const startExecutionOperation = (context: ServiceContext): Operation => ({
  permissions: ({ stateMachineArn }) => [
    { action: "states:StartExecution", resource: String(stateMachineArn) },
  ],
  quota: { perSecond: 300, burst: 1300 },
  run(input) {
    const machine = context.machines.get(input["stateMachineArn"]);
    const name = input["name"] === undefined ? newId() : checkName(input["name"]);
    const inputText = checkInput(input["input"]);
    const existing = machine.byName.get(name);
    if (!existing || isNameFree(existing, context.door.clock.now())) {
      return replyOf(startExecution(context, { machine, name, inputText }));
    }
    if (!existing.ended && existing.inputText === inputText) return replyOf(existing);
    throw new AwsError("ExecutionAlreadyExists", `Execution Already Exists: '${existing.arn}'`);
  },
});

const replyOf = ({ arn, startedAtMs }: Execution): Shape => ({
  executionArn: arn,
  startDate: startedAtMs / 1000,
});

const isNameFree = ({ ended }: Execution, nowMs: number): boolean =>
  ended !== undefined && nowMs - ended.atMs > NAME_REUSE_MS;

function checkInput(input: unknown): string {
  const text = input === undefined ? "{}" : textOf(input);
  if (isTooLarge(text)) {
    throw new AwsError(
      "ValidationException",
      "1 validation error detected: Value at 'input' failed to satisfy constraint: " +
        `Member must have length less than or equal to ${MAX_PAYLOAD_BYTES}`,
    );
  }
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AwsError("InvalidExecutionInput", `Invalid State Machine Execution Input: '${reason}'`);
  }
}
