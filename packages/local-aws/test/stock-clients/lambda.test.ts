/** Lambda has no client among the packages here: these requests are spelled as the SDK and the CLI send them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLambda } from "../../src/lambda/lambda.ts";
import { sendSigned } from "./signed-requests.ts";
import { openStockAws, type StockAws } from "./stock-aws.ts";

const HANDLER = `export const handler = async ({ name }) => {
  if (!name) throw new TypeError("nobody to ring");
  return { rings: name };
};`;

let aws: StockAws<ReturnType<typeof createLambda>>;
let directory: string;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "lambda-"));
  writeFileSync(join(directory, "index.mjs"), HANDLER);
  aws = await openStockAws((localAws) => createLambda(localAws));
  for (const FunctionName of ["ring", "sweep"])
    await aws.create("AWS::Lambda::Function", {
      FunctionName,
      Code: { S3Key: directory },
      Handler: "index.handler",
      Runtime: "nodejs24.x",
      Role: "arn:aws:iam::000000000000:role/ring",
      MemorySize: 512,
    });
});
afterEach(async () => {
  await aws.close();
  rmSync(directory, { recursive: true });
});

interface Asked {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

async function ask(method: string, path: string, { body, headers }: Asked = {}) {
  const reply = await fetch(`${aws.settings.endpoint}/2015-03-31/functions${path}`, {
    method,
    headers: {
      authorization:
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0",
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  return { status: reply.status, headers: reply.headers, body: text === "" ? undefined : JSON.parse(text) };
}

test("a function is invoked, by name or by ARN, and its reply is the body", async () => {
  const byName = await ask("POST", "/ring/invocations", { body: { name: "bob" } });
  expect([byName.status, byName.body]).toEqual([200, { rings: "bob" }]);
  const arn = encodeURIComponent("arn:aws:lambda:us-east-1:000000000000:function:ring");
  expect((await ask("POST", `/${arn}/invocations`, { body: { name: "bob" } })).body).toEqual({
    rings: "bob",
  });
});

test("a function's error is a reply of status 200 with a header", async () => {
  const { status, headers, body } = await ask("POST", "/ring/invocations", { body: {} });
  expect([status, headers.get("x-amz-function-error")]).toEqual([200, "Unhandled"]);
  expect(body).toMatchObject({ errorType: "TypeError", errorMessage: "nobody to ring" });
});

test("an event is taken with 202 and an empty body", async () => {
  const headers = { "x-amz-invocation-type": "Event" };
  const { status, body } = await ask("POST", "/ring/invocations", { headers, body: { name: "bob" } });
  expect([status, body]).toEqual([202, undefined]);
});

test("functions are shown, and listed page by page", async () => {
  const shown = { FunctionName: "ring", MemorySize: 512, State: "Active", Version: "$LATEST" };
  expect((await ask("GET", "/ring/configuration")).body).toMatchObject(shown);
  expect((await ask("GET", "/ring")).body).toMatchObject({ Configuration: shown });
  const first = (await ask("GET", "/?MaxItems=1")).body;
  const second = (await ask("GET", `/?MaxItems=1&Marker=${encodeURIComponent(first.NextMarker)}`)).body;
  expect([first.Functions[0].FunctionName, second.Functions[0].FunctionName]).toEqual(["ring", "sweep"]);
  expect(second.NextMarker).toBeUndefined();
});

test("a function that is not there is a 404 that names it", async () => {
  const { status, headers, body } = await ask("GET", "/none");
  expect([status, headers.get("x-amzn-errortype")]).toEqual([404, "ResourceNotFoundException"]);
  expect(body).toMatchObject({
    Type: "User",
    message: "Function not found: arn:aws:lambda:us-east-1:000000000000:function:none",
  });
});

test("the account's limits are read, and what is left of them", async () => {
  const endpoint = aws.settings.endpoint;
  const { status, text } = await sendSigned(endpoint, "lambda", { path: "/2016-08-19/account-settings" });
  expect(status).toBe(200);
  expect(JSON.parse(text)).toMatchObject({
    AccountLimit: { ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 1000 },
    AccountUsage: { FunctionCount: 2 },
  });
});

test("every operation of Lambda has been asked for", () => expect(aws.untried()).toEqual([]));
