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

  /** When the execution of that name began: an execution that runs with the same input replies, too. Undefined if the name is spent. */
  async function startedAt(name: string, input: object): Promise<Date | undefined> {
    const start = new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) });
    try {
      return (await client.send(start)).startDate ?? new Date(now());
    } catch (error) {
      if (error instanceof ExecutionAlreadyExists) return undefined;
      throw error;
    }
  }

  return {
    async start({ callId, calleeId }, name) {
      const askedAtMs = now();
      const startDate = await startedAt(name, { callId, calleeId });
      if (startDate) return startDate.getTime() < askedAtMs - JUST_NOW_MS ? "running" : "started";
      // The release before has started executions with the call's id alone. A name that is taken starts none.
      return (await startedAt(name, { callId })) ? "running" : "exists";
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
