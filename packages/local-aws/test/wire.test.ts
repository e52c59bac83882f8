import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { virtualClock, type Clock } from "../src/clock.ts";
import {
  AwsError,
  openLocalAws,
  PERSON,
  type AwsCall,
  type LocalAws,
  type Operation,
  type Shape,
} from "../src/local-aws.ts";
import { createLambda } from "../src/lambda/lambda.ts";
import { answer } from "../src/wire/answer.ts";
import { interceptFunctions } from "../src/wire/intercept-functions.ts";

const ROLE = "arn:aws:iam::000000000000:role/reader";
const HANDLER = `
  import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
  const client = new DynamoDBClient({});
  export const handler = async ({ name }) => {
    const { Item } = await client.send(new GetItemCommand({ TableName: name, Key: { id: { S: "1" } } }));
    const answered = await fetch("https://cloudformation-custom-resource-response-useast1.s3.amazonaws.com/ab-1?x=y", {
      method: "PUT", body: JSON.stringify({ Status: "SUCCESS" }),
    });
    return { item: Item.id.S, answered: answered.status };
  };`;

let clock: Clock;
let localAws: LocalAws;
let directory: string;
let calls: AwsCall[];
let replies: (Shape | AwsError)[];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "wire-"));
  await build({
    stdin: { contents: HANDLER, resolveDir: import.meta.dirname },
    bundle: true,
    platform: "node",
    format: "esm",
    mainFields: ["module", "main"],
    outfile: join(directory, "index.mjs"),
  });
});

afterAll(() => rmSync(directory, { recursive: true }));

beforeEach(() => {
  clock = virtualClock();
  calls = [];
  replies = [];
  const authorizer = { check() {} };
  localAws = openLocalAws({ clock, authorizer, region: "us-east-1", account: "000000000000", quotas: true });
});

afterEach(() => clock.dispose());

function fake(service: string, ...operations: string[]): void {
  const operation: Operation = {
    permissions: () => [],
    run(_, call) {
      calls.push(call);
      const reply = replies.shift() ?? {};
      if (reply instanceof AwsError) throw reply;
      return reply;
    },
  };
  localAws.register({
    name: service,
    operations: Object.fromEntries(operations.map((name) => [name, operation])),
  });
}

async function deployReader(): Promise<void> {
  interceptFunctions();
  const { service, resources } = createLambda(localAws);
  localAws.register(service);
  await resources["AWS::Lambda::Function"]?.create({
    logicalId: "reader",
    properties: {
      FunctionName: "reader",
      Code: { S3Key: "x" },
      Handler: "index.handler",
      Runtime: "nodejs24.x",
      Role: ROLE,
      Timeout: 60,
    },
    physicalName: () => "reader",
    assetPath: () => directory,
  });
}

function ask(request: { method?: string; path?: string; headers?: Record<string, string>; body?: unknown }) {
  const { method = "POST", path = "/", headers = {}, body } = request;
  const [route = "/", query = ""] = path.split("?");
  const bytes = Buffer.from(body === undefined ? "" : JSON.stringify(body));
  return answer(localAws, { method, host: "127.0.0.1", path: route, query, headers, body: bytes }, PERSON);
}

const signedFor = (service: string): Record<string, string> => ({
  authorization: `AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});

test("a function's stock SDK reaches local AWS with the function's role, and waits virtual time between its retries", async () => {
  fake("dynamodb", "GetItem");
  fake("cloudformation", "AnswerCustomResource");
  await deployReader();
  const busy = new AwsError("ThrottlingException", "Rate exceeded");
  replies = [busy, busy, { Item: { id: { S: "alice" } } }];
  const startMs = clock.now();
  const started = performance.now();
  let payload: unknown;
  const input = { FunctionName: "reader", Payload: { name: "orders" } };
  void localAws
    .call({ service: "lambda", operation: "Invoke", input, caller: PERSON })
    .then((reply) => (payload = reply["Payload"]));
  await clock.until(() => payload !== undefined);
  expect(payload).toEqual({ item: "alice", answered: 200 });
  expect(calls.map(({ operation }) => operation)).toEqual([
    "GetItem",
    "GetItem",
    "GetItem",
    "AnswerCustomResource",
  ]);
  expect(calls[0]).toMatchObject({
    service: "dynamodb",
    input: { TableName: "orders", Key: { id: { S: "1" } } },
    caller: { kind: "role", arn: ROLE, functionName: "reader" },
  });
  expect(calls[3]?.input).toEqual({ RequestId: "ab-1", Answer: { Status: "SUCCESS" } });
  expect(clock.now()).toBeGreaterThan(startMs);
  expect(performance.now() - started).toBeLessThan(5_000);
});

test("a function's stock SDK asks once when it is refused: the answer's date is the clock's", async () => {
  fake("dynamodb", "GetItem");
  await deployReader();
  const refused = new AwsError("ConditionalCheckFailedException", "The conditional request failed");
  replies = [refused, refused, refused];
  const input = { FunctionName: "reader", Payload: { name: "orders" } };
  const invoked = localAws.call({ service: "lambda", operation: "Invoke", input, caller: PERSON });
  const [reply] = await Promise.all([invoked, clock.advance(30_000)]);
  expect(reply).toMatchObject({ Payload: { errorType: "ConditionalCheckFailedException" } });
  expect(calls).toHaveLength(1);
});

test("a request outside a function is not taken by the interception", async () => {
  interceptFunctions();
  fake("dynamodb", "GetItem");
  await expect(fetch("https://127.0.0.1:1/")).rejects.toThrow("fetch failed");
  expect(calls).toEqual([]);
});

test.each([
  ["states", "AWSStepFunctions.ListExecutions", "ListExecutions", "1.0"],
  ["dynamodb", "DynamoDB_20120810.PutItem", "PutItem", "1.0"],
  ["sqs", "AmazonSQS.SendMessage", "SendMessage", "1.0"],
  ["events", "AWSEvents.PutEvents", "PutEvents", "1.1"],
  ["secretsmanager", "secretsmanager.GetSecretValue", "GetSecretValue", "1.1"],
  ["cognito-idp", "AWSCognitoIdentityProviderService.SignUp", "SignUp", "1.1"],
])("%s is recognized by the target %s", async (service, target, operation, version) => {
  fake(service, operation);
  replies = [{ done: true }];
  const reply = await ask({ headers: { "x-amz-target": target }, body: { a: 1 } });
  expect(calls[0]).toMatchObject({ service, operation, input: { a: 1 } });
  expect(reply).toMatchObject({ status: 200, body: '{"done":true}' });
  expect(reply.headers["content-type"]).toBe(`application/x-amz-json-${version}`);
});

test.each([
  ["ivs", "POST", "/CreateStage", { name: "s" }, "CreateStage", { name: "s" }],
  [
    "ivs",
    "DELETE",
    "/tags/arn%3Aaws?tagKeys=a&tagKeys=b",
    undefined,
    "UntagResource",
    { resourceArn: "arn:aws", tagKeys: ["a", "b"] },
  ],
  [
    "mobiletargeting",
    "POST",
    "/v1/apps/app1/messages",
    { Addresses: {} },
    "SendMessages",
    { ApplicationId: "app1", MessageRequest: { Addresses: {} } },
  ],
  ["scheduler", "GET", "/schedules?ScheduleGroup=g", undefined, "ListSchedules", { GroupName: "g" }],
  [
    "lambda",
    "POST",
    "/2015-03-31/functions/fn/invocations",
    [1],
    "Invoke",
    { FunctionName: "fn", InvocationType: "RequestResponse", Payload: [1] },
  ],
])("%s %s %s is an operation of its own", async (service, method, path, body, operation, input) => {
  fake(service, operation);
  await ask({ method, path, headers: signedFor(service), body });
  expect(calls[0]).toMatchObject({ service, operation });
  expect(calls[0]?.input).toMatchObject(input);
});

test("Pinpoint replies with the message response itself", async () => {
  fake("mobiletargeting", "SendMessages");
  replies = [{ MessageResponse: { ApplicationId: "app1" } }];
  const reply = await ask({
    path: "/v1/apps/app1/messages",
    headers: signedFor("mobiletargeting"),
    body: {},
  });
  expect(reply.body).toBe('{"ApplicationId":"app1"}');
});

test("a function's error is a header of the reply", async () => {
  fake("lambda", "Invoke");
  replies = [{ StatusCode: 200, FunctionError: "Unhandled", Payload: { errorType: "Error" } }];
  const reply = await ask({
    path: "/2015-03-31/functions/fn/invocations",
    headers: signedFor("lambda"),
    body: {},
  });
  expect(reply).toMatchObject({ status: 200, body: '{"errorType":"Error"}' });
  expect(reply.headers["x-amz-function-error"]).toBe("Unhandled");
});

test("each protocol words errors in its own way", async () => {
  fake("dynamodb", "PutItem");
  fake("ivs", "CreateStage");
  fake("sqs", "SendMessage");
  replies = [
    new AwsError("ConditionalCheckFailedException", "The conditional request failed", 400, { Item: {} }),
    new AwsError("ThrottlingException", "Rate exceeded", 429),
    new AwsError("QueueDoesNotExist", "no such queue"),
  ];
  const json = await ask({ headers: { "x-amz-target": "DynamoDB_20120810.PutItem" }, body: {} });
  expect(JSON.parse(String(json.body))).toEqual({
    __type: "ConditionalCheckFailedException",
    message: "The conditional request failed",
    Item: {},
  });
  const rest = await ask({ path: "/CreateStage", headers: signedFor("ivs"), body: {} });
  expect(rest).toMatchObject({ status: 429, body: '{"message":"Rate exceeded"}' });
  expect(rest.headers["x-amzn-errortype"]).toBe("ThrottlingException");
  const sqs = await ask({ headers: { "x-amz-target": "AmazonSQS.SendMessage" }, body: {} });
  expect(sqs.headers["x-amzn-query-error"]).toBe("AWS.SimpleQueueService.NonExistentQueue;Sender");
});

test("an unknown service or operation is named in the error", async () => {
  fake("dynamodb");
  const operation = await ask({ headers: { "x-amz-target": "DynamoDB_20120810.ExportTable" }, body: {} });
  expect(operation.body).toContain("dynamodb:ExportTable is not part of the local runtime");
  const service = await ask({ method: "GET", path: "/bucket", headers: signedFor("kms") });
  expect(service.body).toContain("GET /bucket of kms is not part of the local runtime");
});
