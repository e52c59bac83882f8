/** What the AWS port answers is what OPERATIONS.md says, what AWS has, and what a stock client has called. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as cognito from "@aws-sdk/client-cognito-identity-provider";
import * as cloudFormation from "@aws-sdk/client-cloudformation";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as events from "@aws-sdk/client-eventbridge";
import * as ivs from "@aws-sdk/client-ivs-realtime";
import * as pinpoint from "@aws-sdk/client-pinpoint";
import * as s3 from "@aws-sdk/client-s3";
import * as scheduler from "@aws-sdk/client-scheduler";
import * as secretsManager from "@aws-sdk/client-secrets-manager";
import * as states from "@aws-sdk/client-sfn";
import * as sqs from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Clock, virtualClock } from "../../src/clock.ts";
import { OPERATIONS, publicOperations, runtimeWithoutStack, withOperations } from "../../print-operations.ts";
import type { Runtime } from "../../src/runtime.ts";
import { listen, type Servers } from "../../src/servers.ts";

const CLIENTS: Readonly<Record<string, object>> = {
  cloudformation: cloudFormation,
  "cognito-idp": cognito,
  dynamodb,
  events,
  ivs,
  logs,
  mobiletargeting: pinpoint,
  s3,
  scheduler,
  secretsmanager: secretsManager,
  sqs,
  states,
};
/** No client is installed; their tests ask by hand. */
const WITHOUT_CLIENT = ["lambda", "servicequotas", "ses", "ssm", "sts"];

let clock: Clock;
let runtime: Runtime;
let servers: Servers;

beforeEach(async () => {
  clock = virtualClock();
  runtime = await runtimeWithoutStack(clock);
  servers = await listen(runtime, { port: 0, awsPort: 0 });
});
afterEach(async () => {
  await servers.close();
  runtime.stop();
  clock.dispose();
});

const answered = () => runtime.localAws.services().filter((service) => publicOperations(service).length > 0);

test("the table in OPERATIONS.md is what the services register", () => {
  const text = readFileSync(OPERATIONS, "utf8");
  expect(withOperations(text, runtime.localAws.services())).toBe(text);
});

test("each operation is one of AWS's own", () => {
  const known = answered().filter(({ name }) => !WITHOUT_CLIENT.includes(name));
  expect(known.map(({ name }) => name).toSorted()).toEqual(Object.keys(CLIENTS).toSorted());
  const strange = known.flatMap((service) =>
    publicOperations(service)
      .filter((operation) => !(`${operation}Command` in (CLIENTS[service.name] ?? {})))
      .map((operation) => `${service.name}:${operation}`),
  );
  expect(strange).toEqual([]);
});

test("each service has a file of tests here, whose last one looks for operations that no client has used", () => {
  const wanting = answered().filter(({ name }) => {
    const path = join(import.meta.dirname, `${name}.test.ts`);
    return !existsSync(path) || !readFileSync(path, "utf8").endsWith("expect(aws.untried()).toEqual([]));\n");
  });
  expect(wanting.map(({ name }) => name)).toEqual([]);
});

test("what every object has is no operation", async () => {
  const headers = { "x-amz-target": "AWSEvents.constructor" };
  const reply = await fetch(`http://127.0.0.1:${servers.awsPort}/`, { method: "POST", headers, body: "{}" });
  expect(await reply.json()).toMatchObject({ message: expect.stringContaining("AWSEvents.constructor") });
  expect(reply.status).toBe(400);
});

test.each(["PutServiceEvent", "ForwardEvent"])("%s is not answered at the AWS port", async (operation) => {
  const event = { source: "aws.states", "detail-type": "x", detail: {} };
  const reply = await fetch(`http://127.0.0.1:${servers.awsPort}/`, {
    method: "POST",
    headers: { "x-amz-target": `AWSEvents.${operation}` },
    body: JSON.stringify({ ...event, EventBusName: "default", event }),
  });
  expect(reply.status).toBe(400);
  expect(await reply.json()).toEqual({
    __type: "UnknownOperationException",
    message: `events:${operation} is not part of the local runtime`,
  });
});

test("nobody answers a custom resource at the AWS port: only its function may", async () => {
  const reply = await fetch(`http://127.0.0.1:${servers.awsPort}/0a1b-2c`, {
    method: "PUT",
    body: JSON.stringify({ Status: "SUCCESS" }),
  });
  expect([reply.status, reply.headers.get("x-amzn-errortype")]).toEqual([404, "UnknownOperationException"]);
});

test("an operation that AWS has and this runtime has not is refused by name, as the client's error", async () => {
  const client = new dynamodb.DynamoDBClient({
    endpoint: `http://127.0.0.1:${servers.awsPort}`,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });
  await expect(client.send(new dynamodb.ListBackupsCommand({}))).rejects.toMatchObject({
    name: "UnknownOperationException",
    message: "dynamodb:ListBackups is not part of the local runtime",
  });
  client.destroy();
});
