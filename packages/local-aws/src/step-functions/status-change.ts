/** The event "Step Functions Execution Status Change" on the default bus. Best effort, as on AWS. */
import { PERSON, type LocalAws, type Json } from "../local-aws.ts";
import { statusOf, type Execution } from "./engine/execution.ts";
import { redriveOf } from "./redrive.ts";

const INCLUDED = { included: true };

export function announceStatus(localAws: LocalAws, execution: Execution): void {
  // Express executions announce nothing.
  if (execution.machine.type === "EXPRESS") return;
  const events = localAws.services().find(({ name }) => name === "events");
  if (!events?.operations["PutServiceEvent"]) return;
  const input = {
    source: "aws.states",
    "detail-type": "Step Functions Execution Status Change",
    resources: [execution.arn],
    detail: detailOf(localAws, execution),
  };
  const lost = (): void => undefined;
  localAws.call({ service: "events", operation: "PutServiceEvent", input, caller: PERSON }).catch(lost);
}

function detailOf(localAws: LocalAws, execution: Execution): Record<string, Json> {
  const { arn, name, machine, inputText, startedAtMs, ended } = execution;
  const output = ended?.output ?? null;
  return {
    executionArn: arn,
    stateMachineArn: machine.arn,
    name,
    status: statusOf(execution),
    startDate: startedAtMs,
    stopDate: ended?.atMs ?? null,
    input: inputText,
    inputDetails: INCLUDED,
    output,
    outputDetails: output === null ? null : INCLUDED,
    stateMachineVersionArn: null,
    stateMachineAliasArn: null,
    redriveCount: execution.redrives.length,
    redriveDate: execution.redrives.at(-1) ?? null,
    ...redriveOf(execution, localAws.clock.now()),
    error: ended?.error ?? null,
    cause: ended?.cause ?? null,
  };
}
