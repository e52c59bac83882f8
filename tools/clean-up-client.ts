/** The clean-up of a stack as its AWS APIs show it. */
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  ListMapRunsCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { operationIdSchema, type Tallies, talliesSchema } from "../calls/clean-up.ts";
import { reportKey, runName } from "../calls/clean-up-runs.ts";
import { countsKey } from "../handlers/store/tables.ts";
import { latestRun } from "../handlers/clients/clean-up-workflow.ts";
import { findStack } from "./console/found-stack.ts";

const NONE: Tallies = { deleted: 0, alreadyGone: 0, callsEnded: 0, failed: 0 };

export interface Progress {
  readonly isOver: boolean;
  readonly hasFailed: boolean;
  /** Of clients, by what their batches have come to as a whole. Undefined until the list has been read. */
  readonly items?: { readonly done: number; readonly failed: number; readonly total: number };
  /** What has become of those in batches that are done. */
  readonly counts: Tallies;
}

export interface CleanUpClient {
  /** Starts a deletion of the clients in the list; the reply is the execution's ARN. */
  start(operationId: string, lines: string, dryRun: boolean): Promise<string>;
  /** Runs an operation again that was given up; the reply is the execution's ARN. */
  again(operationId: string): Promise<string>;
  /** Of the latest run. */
  progress(operationId: string): Promise<Progress>;
  /** Of the latest run. Undefined until it has one. */
  report(operationId: string): Promise<Record<string, unknown> | undefined>;
}

export interface Connection {
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
}

/** The local runtime takes any credentials; a stack takes those of the environment. */
export function settingsOf({ endpoint, region }: Connection) {
  const local = { accessKeyId: "local", secretAccessKey: "local" };
  const isLocal = endpoint !== undefined && /\/\/(?:127\.0\.0\.1|localhost)\b/.test(endpoint);
  return {
    ...(endpoint !== undefined && { endpoint }),
    ...(region !== undefined && { region }),
    ...(isLocal && { credentials: local, forcePathStyle: true, region: region ?? "us-east-1" }),
  };
}

export async function openCleanUp(connection: Connection, stackName: string): Promise<CleanUpClient> {
  const settings = settingsOf(connection);
  const stack = await findStack(new CloudFormationClient(settings), stackName);
  const { cleanUpWorkflowArn: stateMachineArn, cleanUpBucket: Bucket } = stack;
  const TableName = stack.tables.calls;
  const [s3, sfn, dynamodb] = [new S3Client(settings), new SFNClient(settings), new DynamoDBClient(settings)];
  const executionArn = (name: string): string =>
    `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`;
  const latest = async (operationId: string) =>
    latestRun(sfn, stateMachineArn, operationIdSchema.parse(operationId));
  const nameOfLatest = async (operationId: string): Promise<string> =>
    runName(operationIdSchema.parse(operationId), (await latest(operationId))?.run ?? 1);
  return {
    async start(operationId, Body, dryRun) {
      const key = `operations/${operationId}/clients-all.jsonl`;
      await s3.send(new PutObjectCommand({ Bucket, Key: key, Body }));
      const input = JSON.stringify({ key, dryRun });
      await sfn.send(new StartExecutionCommand({ stateMachineArn, name: operationId, input }));
      return executionArn(operationId);
    },
    async again(operationId) {
      const last = await latest(operationId);
      if (last?.state !== "failed")
        throw new Error(`operation ${operationId} is ${last?.state ?? "not known"}`);
      const run = last.run + 1;
      const name = runName(operationIdSchema.parse(operationId), run);
      const input = JSON.stringify({ operationId, run });
      await sfn.send(new StartExecutionCommand({ stateMachineArn, name, input }));
      return executionArn(name);
    },
    async progress(operationId) {
      const name = await nameOfLatest(operationId);
      const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn: executionArn(name) }));
      const over = { isOver: status !== "RUNNING", hasFailed: !/RUNNING|SUCCEEDED/.test(status ?? "") };
      const items = await itemsOf(sfn, executionArn(name));
      const Key = marshall(countsKey(name));
      const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key }));
      const counts = Item ? talliesSchema.parse(unmarshall(Item)) : NONE;
      return { ...over, counts, ...(items && { items }) };
    },
    async report(operationId) {
      const Key = reportKey(operationId, (await latest(operationId))?.run ?? 1);
      try {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
        // What report-clean-up has written is an object.
        return JSON.parse((await Body?.transformToString()) ?? "{}") as Record<string, unknown>;
      } catch (error) {
        if (error instanceof Error && error.name === "NoSuchKey") return undefined;
        throw error;
      }
    },
  };
}

async function itemsOf(sfn: SFNClient, executionArn: string): Promise<Progress["items"]> {
  const { mapRuns = [] } = await sfn.send(new ListMapRunsCommand({ executionArn }));
  const mapRunArn = mapRuns.at(-1)?.mapRunArn;
  if (mapRunArn === undefined) return undefined;
  const { itemCounts } = await sfn.send(new DescribeMapRunCommand({ mapRunArn }));
  const { succeeded = 0, failed = 0, timedOut = 0, aborted = 0, total = 0 } = itemCounts ?? {};
  return { done: succeeded, failed: failed + timedOut + aborted, total };
}
