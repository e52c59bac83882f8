/** The local Step Functions: its operations by name, and the resource that a template can create. */
import { AwsError, type Door, type Operation, type Service } from "../door.ts";
import type { ResourceTypes } from "../resource.ts";
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
import type { ServiceContext } from "./service-context.ts";
import { stateMachineResource } from "./state-machine-resource.ts";
import { createTaskTokens } from "./task-tokens.ts";

export function createStepFunctions(door: Door): { service: Service; resources: ResourceTypes } {
  const machines = createMachines();
  const context: ServiceContext = { door, machines, tokens: createTaskTokens(machines) };
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
    StopExecution: stopExecution(context),
  };
  return {
    service: {
      name: "states",
      operations,
      throttled: () => new AwsError("ThrottlingException", "Rate exceeded"),
    },
    resources: { "AWS::StepFunctions::StateMachine": stateMachineResource(context) },
  };
}
