/**
 * StartExecution.
 *
 * Standard: the same name with the same input while the execution runs gives the first reply again; any other use of a name is
 * ExecutionAlreadyExists until 90 days after its execution has ended. Express: each call starts an
 * execution.
 */
import { AwsError, type Operation, type Shape } from "../../local-aws.ts";
import { KEPT_MS } from "../engine/ending.ts";
import type { Execution } from "../engine/execution.ts";
import { startExecution } from "../engine/run-execution.ts";
import { newId } from "../randomness.ts";
import type { Engine } from "../engine/visit.ts";
import { checkInput, checkName } from "./constraints.ts";

export const startExecutionOperation = (context: Engine): Operation => ({
  permissions: ({ stateMachineArn }) => [
    { action: "states:StartExecution", resource: String(stateMachineArn) },
  ],
  quota: { perSecond: 300, burst: 1300 },
  run(input) {
    const machine = context.machines.get(input["stateMachineArn"]);
    const name = input["name"] === undefined ? newId() : checkName(input["name"]);
    const inputText = checkInput(input["input"]);
    if (context.machines.isDeleting(machine.arn)) {
      throw new AwsError("StateMachineDeleting", `State Machine is being deleted: '${machine.arn}'`);
    }
    const existing = machine.byName.get(name);
    if (!existing || isNameFree(existing, context.localAws.clock.now())) {
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
  ended !== undefined && nowMs - ended.atMs > KEPT_MS;
