/** Executions of the call workflow. */
import {
  ExecutionAlreadyExists,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import type { Environment } from "../environment.ts";
import type { Workflow } from "../wake-call.ts";
import { clientOptions } from "./client-options.ts";

/** What Step Functions says of a token whose wait is over. */
const GONE = new Set(["TaskDoesNotExist", "TaskTimedOut", "InvalidToken"]);

export function callWorkflow({
  AWS_REGION,
  CALL_WORKFLOW_ARN: stateMachineArn,
}: Environment<"AWS_REGION" | "CALL_WORKFLOW_ARN">): Workflow {
  const client = new SFNClient(clientOptions(AWS_REGION));
  return {
    async start(callId, name) {
      try {
        await client.send(
          new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify({ callId }) }),
        );
        return "started";
      } catch (error) {
        if (error instanceof ExecutionAlreadyExists) return "exists";
        throw error;
      }
    },
    async wake(taskToken, view, error) {
      const text = JSON.stringify(view);
      try {
        if (error === undefined) await client.send(new SendTaskSuccessCommand({ taskToken, output: text }));
        else await client.send(new SendTaskFailureCommand({ taskToken, error, cause: text }));
        return "woken";
      } catch (error) {
        if (error instanceof Error && GONE.has(error.name)) return "gone";
        throw error;
      }
    },
  };
}
