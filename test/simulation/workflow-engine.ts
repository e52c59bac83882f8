/**
 * The call's state machine: the real definition in the local runtime's engine for Step Functions, which reaches functions and the
 * table of calls by the model instead of by local AWS.
 */
import { ExecutionAlreadyExists } from "@aws-sdk/client-sfn";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import {
  AwsError,
  type AwsCall,
  type LocalAws,
  PERSON,
  type Shape,
} from "../../packages/local-aws/src/local-aws.ts";
import { memoryStore } from "../../packages/local-aws/src/store/store.ts";
import { createStepFunctions } from "../../packages/local-aws/src/step-functions/create-step-functions.ts";
import { type FunctionName, functionNames } from "../../infra/function-sizes.ts";
import { callWorkflow } from "../../workflows/call.ts";
import type { Input, ServiceOf } from "./model-aws.ts";
import type { Faults } from "./faults.ts";
import type { FunctionRuns } from "./function-runs.ts";
import type { VirtualTime } from "./virtual-time.ts";

const TASKS: Readonly<Record<string, FunctionName>> = {
  SendPush: "send-push",
  IssueToken: "issue-token",
  FollowCall: "follow-call",
  CloseStage: "close-stage",
};

export interface WorkflowEngineOptions {
  readonly time: VirtualTime;
  readonly faults: Faults;
  readonly random: () => number;
  readonly runs: FunctionRuns;
  readonly dynamodb: ServiceOf;
  readonly machineArn: string;
  readonly callsTable: string;
  readonly onState: (execution: string, state: string) => void;
  readonly onEnd: (execution: string, status: string) => void;
  /** `Step Functions Execution Status Change` on the default bus. */
  readonly onStatusChange: (event: unknown) => void;
  /** Another definition than the real one, to see what finds it. */
  readonly definition?: object | undefined;
}

export interface WorkflowEngine {
  readonly run: ServiceOf;
  executions(): Promise<readonly { readonly name: string; readonly status: string }[]>;
  history(name: string): Promise<unknown>;
}

export function workflowEngine(options: WorkflowEngineOptions): WorkflowEngine {
  const { machineArn, callsTable, definition = callWorkflow() } = options;
  const localAws = behindModel(options);
  const { operations } = createStepFunctions(localAws).service;
  const call = (operation: string, input: Input): unknown => {
    const found = operations[operation];
    if (!found) throw new Error(`the simulation's Step Functions has no ${operation}`);
    return found.run(input, { service: "states", operation, input, caller: PERSON });
  };
  const substituted = Object.entries({ ...TASKS, CallsTable: callsTable }).reduce(
    (text, [name, value]) => text.replaceAll(`\${${name}}`, value),
    JSON.stringify(definition),
  );
  const name = machineArn.slice(machineArn.lastIndexOf(":") + 1);
  call("CreateStateMachine", { name, roleArn: ROLE, definition: substituted, type: "STANDARD" });
  return {
    run(operation, input) {
      try {
        const reply = call(operation, input) as Shape;
        return "startDate" in reply
          ? { ...reply, startDate: new Date(Number(reply["startDate"]) * 1000) }
          : reply;
      } catch (error) {
        throw asSdkError(error);
      }
    },
    async executions() {
      const stateMachineArn = machineArn;
      const page = (await call("ListExecutions", { stateMachineArn, maxResults: 1000 })) as Shape;
      return page["executions"] as { name: string; status: string }[];
    },
    history: async (execution) =>
      call("GetExecutionHistory", {
        executionArn: `${machineArn.replace(":stateMachine:", ":execution:")}:${execution}`,
        maxResults: 1000,
      }),
  };
}

const ROLE = "arn:aws:iam::000000000000:role/call";

function asSdkError(error: unknown): unknown {
  if (!(error instanceof AwsError)) return error;
  const { message, code } = error;
  if (code === "ExecutionAlreadyExists") return new ExecutionAlreadyExists({ message, $metadata: {} });
  return Object.assign(new Error(message), { name: code });
}

/** What the engine asks of local AWS. Members that it does not use are missing, and say so. */
function behindModel(options: WorkflowEngineOptions): LocalAws {
  const { time, onState, onEnd, onStatusChange } = options;
  const store = memoryStore();
  const answers: Partial<LocalAws> = {
    clock: time.clock,
    region: "us-east-1",
    account: "000000000000",
    store,
    arn: (service, resource) => `arn:aws:${service}:us-east-1:000000000000:${resource}`,
    meter: () => undefined,
    reserve: () => 0,
    services: () => [EVENTS],
    emit(event) {
      if (event.kind === "state-entered") onState(event.execution, event.state);
      if (event.kind === "execution-ended") onEnd(event.execution, event.status);
    },
    async call(call) {
      switch (call.service) {
        case "events":
          onStatusChange(call.input);
          return {};
        case "lambda":
          return invoke(options, call);
        case "dynamodb":
          return wait(options, call);
        default:
          throw new Error(`the workflow calls ${call.service}`);
      }
    },
  };
  // The rest belongs to parts of the local runtime that the model leaves out.
  return answers as LocalAws;
}

const EVENTS = {
  name: "events",
  operations: { PutServiceEvent: { permissions: () => [], run: () => ({}) } },
};

async function invoke({ faults, runs }: WorkflowEngineOptions, { input }: AwsCall): Promise<Shape> {
  const name = functionNames.find((one) => one === input["FunctionName"]);
  if (!name) throw new Error(`there is no function ${String(input["FunctionName"])}`);
  if (faults.meets("invocation throttled", name))
    throw new AwsError("TooManyRequestsException", "Rate exceeded", 429);
  // As JSON: what the function gets and gives is a copy.
  const outcome = await runs.invoke(name, JSON.parse(JSON.stringify(input["Payload"] ?? {})));
  if (outcome.kind === "replied") {
    return { StatusCode: 200, Payload: JSON.parse(JSON.stringify(outcome.reply ?? null)) as unknown };
  }
  const { errorType, message: errorMessage } = outcome;
  return { StatusCode: 200, FunctionError: "Unhandled", Payload: { errorType, errorMessage } };
}

/** A wait's write, in the words of the wire. */
async function wait(options: WorkflowEngineOptions, { operation, input }: AwsCall): Promise<Shape> {
  const { time, faults, random, dynamodb } = options;
  if (operation !== "UpdateItem") throw new Error(`the workflow calls ${operation}`);
  await time.sleep(3 + random() * 10);
  if (faults.meets("AWS call throttled", "workflow"))
    throw new AwsError("ProvisionedThroughputExceededException", "drawn");
  if (faults.meets("write meets a transaction", "workflow"))
    throw new AwsError("TransactionConflictException", "drawn");
  try {
    dynamodb("Update", {
      ...input,
      Key: unmarshall(input["Key"] as never),
      ExpressionAttributeValues: unmarshall(input["ExpressionAttributeValues"] as never),
    });
  } catch (error) {
    const { name, message } = error as Error;
    throw name === "ConditionalCheckFailedException" ? new AwsError(name, message) : error;
  }
  if (faults.meets("AWS call fails", "workflow"))
    throw new AwsError("InternalServerErrorException", "drawn", 500);
  await time.sleep(random() * 4);
  return {};
}
