/** The clean-up of a stack as its AWS APIs show it: found by the name of its state machine, no configuration needed. */
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  DescribeStateMachineCommand,
  ListMapRunsCommand,
  paginateListStateMachines,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { countsKey, type Tallies, talliesSchema } from "../calls/clean-up.ts";

const STATE_MACHINE = "clean-up";

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
  progress(operationId: string): Promise<Progress>;
  /** Undefined until the operation has one. */
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

export async function openCleanUp(connection: Connection): Promise<CleanUpClient> {
  const settings = settingsOf(connection);
  const [s3, sfn, dynamodb] = [new S3Client(settings), new SFNClient(settings), new DynamoDBClient(settings)];
  const stateMachineArn = await machineArn(sfn);
  const { Bucket, TableName } = await placesOf(sfn, stateMachineArn);
  const executionArn = (operationId: string): string =>
    `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${operationId}`;
  return {
    async start(operationId, Body, dryRun) {
      const key = `operations/${operationId}/clients-all.jsonl`;
      await s3.send(new PutObjectCommand({ Bucket, Key: key, Body }));
      const input = JSON.stringify({ key, dryRun });
      await sfn.send(new StartExecutionCommand({ stateMachineArn, name: operationId, input }));
      return executionArn(operationId);
    },
    async progress(operationId) {
      const { status } = await sfn.send(
        new DescribeExecutionCommand({ executionArn: executionArn(operationId) }),
      );
      const over = { isOver: status !== "RUNNING", hasFailed: !/RUNNING|SUCCEEDED/.test(status ?? "") };
      const items = await itemsOf(sfn, executionArn(operationId));
      const Key = marshall(countsKey(operationId));
      const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key }));
      const counts = Item ? talliesSchema.parse(unmarshall(Item)) : NONE;
      return { ...over, counts, ...(items && { items }) };
    },
    async report(operationId) {
      const Key = `operations/${operationId}/report.json`;
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

async function machineArn(sfn: SFNClient): Promise<string> {
  for await (const { stateMachines = [] } of paginateListStateMachines({ client: sfn }, {})) {
    const found = stateMachines.find(({ name }) => name === STATE_MACHINE);
    if (found?.stateMachineArn) return found.stateMachineArn;
  }
  throw new Error(
    `there is no state machine "${STATE_MACHINE}" here: is this the account and Region of the stack?`,
  );
}

/** The definition names the bucket that it reads lists from, and the table that it counts in. */
async function placesOf(sfn: SFNClient, stateMachineArn: string) {
  const { definition = "{}" } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
  const [, Bucket] = /"ItemReader":\{.*?"Bucket":"([^"]+)"/s.exec(definition) ?? [];
  const [, TableName] = /"TableName":"([^"]+)"/.exec(definition) ?? [];
  if (Bucket !== undefined && TableName !== undefined) return { Bucket, TableName };
  throw new Error(`the definition of ${stateMachineArn} names no bucket or no table`);
}

async function itemsOf(sfn: SFNClient, executionArn: string): Promise<Progress["items"]> {
  const { mapRuns = [] } = await sfn.send(new ListMapRunsCommand({ executionArn }));
  const mapRunArn = mapRuns.at(-1)?.mapRunArn;
  if (mapRunArn === undefined) return undefined;
  const { itemCounts } = await sfn.send(new DescribeMapRunCommand({ mapRunArn }));
  const { succeeded = 0, failed = 0, timedOut = 0, aborted = 0, total = 0 } = itemCounts ?? {};
  return { done: succeeded, failed: failed + timedOut + aborted, total };
}
