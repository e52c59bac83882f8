/** Executions of the clean-up workflow. */
import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  RedriveExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import type { OperationId } from "../../calls/clean-up.ts";
import type { Environment } from "../environment.ts";
import { clientOptions } from "./client-options.ts";

export interface CleanUpWorkflow {
  /** Starts the operation, or goes on with one that was given up; a running or finished one is left as it is. */
  start(operationId: OperationId): Promise<"started" | "exists" | "redriven">;
  /** Undefined: it has not begun. */
  state(operationId: OperationId): Promise<"running" | "done" | "failed" | undefined>;
  /** The execution to look at. */
  executionOf(operationId: OperationId): string;
}

export function cleanUpWorkflow({
  AWS_REGION,
  CLEAN_UP_WORKFLOW_ARN: stateMachineArn,
}: Environment<"AWS_REGION" | "CLEAN_UP_WORKFLOW_ARN">): CleanUpWorkflow {
  const client = new SFNClient(clientOptions(AWS_REGION));
  const executionOf = (operationId: OperationId): string =>
    `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${operationId}`;

  async function state(operationId: OperationId) {
    try {
      const executionArn = executionOf(operationId);
      const { status } = await client.send(new DescribeExecutionCommand({ executionArn }));
      if (status === "RUNNING" || status === "PENDING_REDRIVE") return "running";
      return status === "SUCCEEDED" ? "done" : "failed";
    } catch (error) {
      if (error instanceof ExecutionDoesNotExist) return undefined;
      throw error;
    }
  }

  return {
    executionOf,
    state,
    async start(operationId) {
      try {
        await client.send(new StartExecutionCommand({ stateMachineArn, name: operationId, input: "{}" }));
        return "started";
      } catch (error) {
        if (!(error instanceof ExecutionAlreadyExists)) throw error;
      }
      if ((await state(operationId)) !== "failed") return "exists";
      await client.send(new RedriveExecutionCommand({ executionArn: executionOf(operationId) }));
      return "redriven";
    },
  };
}
