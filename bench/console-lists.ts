/**
 * `npm run bench:console-lists`: what the console's lists cost over 10,000 calls, as CPU time of this process and as requests to
 * AWS, with the SDK's own clients and replies made beforehand. The budgets: 100 ms for the first view, 9 requests a page for a
 * filter that matches nothing.
 */
import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { Readable } from "node:stream";
import type { Call } from "../calls/call.ts";
import { readCalls } from "../tools/console/calls.ts";
import { openMemory } from "../tools/console/memory.ts";
import type { Reading } from "../tools/console/reading.ts";
import { at, callId, closed } from "../test/builders.ts";

const CALLS = 10_000;
const BUDGET_MS = 100;
const MOST_REQUESTS = 9;
const RUNS = 20;

const OVER = closed();
const calls: readonly Call[] = Array.from({ length: CALLS }, (_, index) => ({
  ...OVER,
  callId: callId(CALLS - index),
  createdAtMs: at(CALLS - index),
}));
const items = new Map(
  calls.map((call) => [call.callId as string, marshall(call, { removeUndefinedValues: true })]),
);

type Input = Readonly<Record<string, unknown>>;

/** ListExecutions and BatchGetItem with AWS's replies. The directory is empty. */
function answer(operation: string, input: Input): object {
  if (operation === "ListExecutions") {
    const from = Number(input["nextToken"] ?? 0);
    const end = from + Number(input["maxResults"]);
    const executions = calls.slice(from, end).map(({ callId: name, createdAtMs }) => ({
      name,
      executionArn: `arn:aws:states:us-east-1:000000000000:execution:call:${name}`,
      stateMachineArn: "arn:aws:states:us-east-1:000000000000:stateMachine:call",
      status: "SUCCEEDED",
      startDate: createdAtMs / 1000,
      stopDate: createdAtMs / 1000 + 60,
    }));
    return { executions, ...(end < CALLS && { nextToken: String(end) }) };
  }
  // A request names one table.
  const [[table, { Keys = [] }] = ["", {}]] = Object.entries(
    input["RequestItems"] as Record<string, { Keys?: { pk?: { S: string } }[] }>,
  );
  const found = Keys.map(({ pk }) => items.get(pk?.S ?? "")).filter((item) => item !== undefined);
  return { Responses: { [table]: table === "calls" ? found : [] }, UnprocessedKeys: {} };
}

function openedReading(): { readonly reading: Reading; readonly requests: () => number } {
  let requests = 0;
  const requestHandler = {
    async handle({ headers, body }: { headers: Record<string, string>; body?: string | Uint8Array }) {
      requests += 1;
      const operation = (headers["x-amz-target"] ?? "").split(".").at(-1) ?? "";
      const text = JSON.stringify(answer(operation, JSON.parse(textOf(body)) as Input));
      const replied = { "content-type": "application/x-amz-json-1.0" };
      return { response: { statusCode: 200, headers: replied, body: Readable.from([Buffer.from(text)]) } };
    },
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
    destroy: () => undefined,
  };
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const settings = { region: "us-east-1", credentials, requestHandler };
  const now = (): number => at(CALLS + 60);
  const stack = {
    callWorkflowArn: "arn:aws:states:us-east-1:000000000000:stateMachine:call",
    tables: {
      calls: "calls",
      clients: "clients",
      devices: "devices",
      owners: "owners",
      people: "people",
      stages: "stages",
    },
  };
  const reading: Reading = {
    // Lists use no other member of the stack.
    stack: stack as Reading["stack"],
    now,
    sfn: new SFNClient(settings),
    documents: DynamoDBDocumentClient.from(new DynamoDBClient(settings)),
    s3: new S3Client(settings),
    sqs: new SQSClient(settings),
    logs: new CloudWatchLogsClient(settings),
    events: new EventBridgeClient(settings),
    cognito: new CognitoIdentityProviderClient(settings),
    memory: openMemory({ now, lettersForMs: 30_000, peopleForMs: 60_000 }),
  };
  return { reading, requests: () => requests };
}

const textOf = (body: string | Uint8Array = "{}"): string =>
  typeof body === "string" ? body : new TextDecoder().decode(body);

async function cpuMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

async function firstViewMs(): Promise<number> {
  const took: number[] = [];
  // The first run compiles. Each run has a memory of its own.
  for (let run = 0; run <= RUNS; run += 1) {
    const { reading } = openedReading();
    took.push(await cpuMs(() => readCalls(reading, {})));
  }
  console.log(
    `first view: ${took[0]?.toFixed(0)} ms of CPU in a new process, ${median(took.slice(1)).toFixed(1)} ms after that`,
  );
  return median(took.slice(1));
}

async function mostRequestsOfAPage(): Promise<number> {
  const { reading, requests } = openedReading();
  const counts: number[] = [];
  let page: string | undefined;
  const totalMs = await cpuMs(async () => {
    do {
      const before = requests();
      ({ nextPage: page } = await readCalls(reading, { reason: "expired", page }));
      counts.push(requests() - before);
    } while (page !== undefined);
  });
  console.log(
    `a filter that matches nothing: ${counts.length} pages, ${Math.max(...counts)} requests a page at most, ` +
      `${totalMs.toFixed(0)} ms of CPU in all`,
  );
  return Math.max(...counts);
}

const [viewMs, requests] = [await firstViewMs(), await mostRequestsOfAPage()];
console.log(`budgets: ${BUDGET_MS} ms, ${MOST_REQUESTS} requests`);
process.exitCode = viewMs <= BUDGET_MS && requests <= MOST_REQUESTS ? 0 : 1;
