/** The local Step Functions: its operations by name, and the resource that a template can create. */
import { AwsError, type LocalAws, type Operation, type Service } from "../local-aws.ts";
import type { ResourceTypes } from "../resource.ts";
import { redriveExecution, startExecution } from "./engine/run-execution.ts";
import { keptExecutions } from "./kept-executions.ts";
import { createMapRuns } from "./map-runs.ts";
import { createMachines } from "./machines.ts";
import { createStateMachineOperation } from "./operations/create-state-machine.ts";
import { describeExecution } from "./operations/describe-execution.ts";
import { describeStateMachine } from "./operations/describe-state-machine.ts";
import { getExecutionHistory } from "./operations/get-execution-history.ts";
import { listExecutions } from "./operations/list-executions.ts";
import { listStateMachines } from "./operations/list-state-machines.ts";
import { sendTaskFailure } from "./operations/send-task-failure.ts";
import { sendTaskHeartbeat } from "./operations/send-task-heartbeat.ts";
import { sendTaskSuccess } from "./operations/send-task-success.ts";
import { startExecutionOperation } from "./operations/start-execution.ts";
import { stopExecution } from "./operations/stop-execution.ts";
import { deleteStateMachine } from "./operations/delete-state-machine.ts";
import { describeStateMachineForExecution } from "./operations/describe-state-machine-for-execution.ts";
import { listTagsForResource } from "./operations/list-tags-for-resource.ts";
import { redriveExecutionOperation } from "./operations/redrive-execution.ts";
import { startSyncExecution } from "./operations/start-sync-execution.ts";
import { tagResource } from "./operations/tag-resource.ts";
import { untagResource } from "./operations/untag-resource.ts";
import { updateStateMachine } from "./operations/update-state-machine.ts";
import { validateStateMachineDefinition } from "./operations/validate-state-machine-definition.ts";
import { describeMapRun } from "./operations/describe-map-run.ts";
import { listMapRuns } from "./operations/list-map-runs.ts";
import type { Engine } from "./engine/visit.ts";
import { stateMachineResource } from "./state-machine-resource.ts";
import { createTaskTokens } from "./task-tokens.ts";

export interface StepFunctions {
  readonly service: Service;
  readonly resources: ResourceTypes;
  /** Closes the executions that ran when an earlier run was stopped. */
  closeInterrupted(): void;
}

export function createStepFunctions(localAws: LocalAws): StepFunctions {
  const machines = createMachines();
  const mapRuns = createMapRuns();
  const context: Engine = {
    localAws,
    machines,
    mapRuns,
    tokens: createTaskTokens(machines),
    executions: {
      start: (request) => startExecution(context, request),
      redrive: (execution) => void redriveExecution(context, execution),
    },
  };
  const kept = keptExecutions(context);
  const operations: Record<string, Operation> = {
    CreateStateMachine: createStateMachineOperation(context),
    DescribeExecution: describeExecution(context),
    DescribeStateMachine: describeStateMachine(context),
    GetExecutionHistory: getExecutionHistory(context),
    ListExecutions: listExecutions(context),
    ListStateMachines: listStateMachines(context),
    SendTaskFailure: sendTaskFailure(context),
    SendTaskHeartbeat: sendTaskHeartbeat(context),
    SendTaskSuccess: sendTaskSuccess(context),
    StartExecution: startExecutionOperation(context),
    DeleteStateMachine: deleteStateMachine(context),
    DescribeStateMachineForExecution: describeStateMachineForExecution(context),
    ListTagsForResource: listTagsForResource(context),
    RedriveExecution: redriveExecutionOperation(context),
    StartSyncExecution: startSyncExecution(context),
    TagResource: tagResource(context),
    UntagResource: untagResource(context),
    UpdateStateMachine: updateStateMachine(context),
    ValidateStateMachineDefinition: validateStateMachineDefinition(context),
    DescribeMapRun: describeMapRun(context),
    ListMapRuns: listMapRuns(context),
    // What AWS asks IAM before a Map Run starts its children.
    StartMapRun: {
      permissions: ({ stateMachineArn }) => [
        { action: "states:StartExecution", resource: String(stateMachineArn) },
      ],
      run: () => ({}),
    },
    StopExecution: stopExecution(context),
  };
  return {
    service: {
      name: "states",
      operations,
      throttled: () => new AwsError("ThrottlingException", "Rate exceeded"),
    },
    resources: { "AWS::StepFunctions::StateMachine": stateMachineResource(context, kept) },
    closeInterrupted: () => kept.closeInterrupted(),
  };
}
