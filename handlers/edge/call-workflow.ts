/** Executions of the call workflow. */
import {
  ExecutionAlreadyExists,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import type { Environment } from "./environment.ts";
import type { Workflow } from "../call/wake-call.ts";
import { clientOptions } from "./client-options.ts";

/** What Step Functions says of a token whose wait is over. */
const GONE = new Set(["TaskDoesNotExist", "TaskTimedOut", "InvalidToken"]);

/** One that runs since longer was there before it was asked for: clocks and round trips differ by less. */
const JUST_NOW_MS = 5_000;

export function callWorkflow(
  { AWS_REGION, CALL_WORKFLOW_ARN: stateMachineArn }: Environment<"AWS_REGION" | "CALL_WORKFLOW_ARN">,
  now: () => number,
): Workflow {
  const client = new SFNClient(clientOptions(AWS_REGION));
  return {
    async start({ callId, calleeId }, name) {
      try {
        const askedAtMs = now();
        const { startDate } = await client.send(
          new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify({ callId, calleeId }) }),
        );
        // Of an execution that runs with the same input this is the reply, too: with the time at which it began.
        const isOld = startDate !== undefined && startDate.getTime() < askedAtMs - JUST_NOW_MS;
        return isOld ? "running" : "started";
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
