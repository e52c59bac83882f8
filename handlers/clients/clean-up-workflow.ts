/** Executions of the clean-up workflow: the runs of operations. */
import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { type OperationId } from "../../calls/clean-up.ts";
import { runName } from "../../calls/clean-up-runs.ts";
import { MAX_CLEAN_UP_RUNS } from "../../calls/limits.ts";
import type { Environment } from "../edge/environment.ts";
import { clientOptions } from "../edge/client-options.ts";

export interface LatestRun {
  readonly run: number;
  readonly state: "running" | "done" | "failed";
}

export interface CleanUpWorkflow {
  /**
   * Starts the operation, or its next run if the last one failed; a running or finished operation is left as it is. Two requests at
   * once start one run, because its name can be taken only once.
   */
  start(operationId: OperationId): Promise<"started" | "exists">;
  /** Undefined if it has not begun. */
  latest(operationId: OperationId): Promise<LatestRun | undefined>;
  /** The execution to read. */
  executionOf(operationId: OperationId, run: number): string;
}

export function cleanUpWorkflow({
  AWS_REGION,
  CLEAN_UP_WORKFLOW_ARN: stateMachineArn,
}: Environment<"AWS_REGION" | "CLEAN_UP_WORKFLOW_ARN">): CleanUpWorkflow {
  const client = new SFNClient(clientOptions(AWS_REGION));
  const executionOf = (operationId: OperationId, run: number): string =>
    executionArn(stateMachineArn, runName(operationId, run));

  async function begin(operationId: OperationId, run: number): Promise<"started" | "exists"> {
    // The first run finds its operation by its name.
    const input = run === 1 ? "{}" : JSON.stringify({ operationId, run });
    try {
      const name = runName(operationId, run);
      await client.send(new StartExecutionCommand({ stateMachineArn, name, input }));
      return "started";
    } catch (error) {
      if (error instanceof ExecutionAlreadyExists) return "exists";
      throw error;
    }
  }

  const latest = (operationId: OperationId) => latestRun(client, stateMachineArn, operationId);

  return {
    executionOf,
    latest,
    async start(operationId) {
      if ((await begin(operationId, 1)) === "started") return "started";
      const { run, state } = (await latest(operationId)) ?? { run: 1, state: "running" };
      return state === "failed" && run < MAX_CLEAN_UP_RUNS ? begin(operationId, run + 1) : "exists";
    },
  };
}

const executionArn = (stateMachineArn: string, name: string): string =>
  `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`;

/** Reads run after run: there is seldom a second one. */
export async function latestRun(
  client: SFNClient,
  stateMachineArn: string,
  operationId: OperationId,
): Promise<LatestRun | undefined> {
  let latest: LatestRun | undefined;
  for (let run = 1; run <= MAX_CLEAN_UP_RUNS; run += 1) {
    const state = await stateOf(client, executionArn(stateMachineArn, runName(operationId, run)));
    if (state === undefined) return latest;
    latest = { run, state };
    if (state !== "failed") return latest;
  }
  return latest;
}

async function stateOf(client: SFNClient, arn: string): Promise<LatestRun["state"] | undefined> {
  try {
    const { status } = await client.send(new DescribeExecutionCommand({ executionArn: arn }));
    if (status === "RUNNING" || status === "PENDING_REDRIVE") return "running";
    return status === "SUCCEEDED" ? "done" : "failed";
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return undefined;
    throw error;
  }
}
