import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { virtualClock, type Clock } from "../src/clock.ts";
import { openLocalAws, PERSON, type Caller, type LocalAws, type Shape } from "../src/local-aws.ts";
import { createLambda, type LocalLambda } from "../src/lambda/lambda.ts";
import type { ResourceTypes } from "../src/resource.ts";

const ROLE = "arn:aws:iam::000000000000:role/alice";
const RULE: Caller = {
  kind: "service",
  principal: "events.amazonaws.com",
  sourceArn: "arn:aws:events:us-east-1:000000000000:rule/orders/wake-order",
};

let clock: Clock;
let localAws: LocalAws;
let resources: ResourceTypes;
let directory: string;
let sent: Shape[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lambda-"));
  clock = virtualClock();
  localAws = openLocalAws({
    clock,
    authorizer: { check() {} },
    region: "us-east-1",
    account: "000000000000",
    quotas: true,
  });
  const lambda = createLambda(localAws);
  resources = lambda.resources;
  localAws.register(lambda.service);
  sent = [];
  const SendMessage = { permissions: () => [], run: (input: Shape) => (sent.push(input), {}) };
  localAws.register({ name: "sqs", operations: { SendMessage } });
});

afterEach(() => {
  clock.dispose();
  rmSync(directory, { recursive: true });
});

function create(type: keyof ResourceTypes, logicalId: string, properties: Shape) {
  const created = resources[type]?.create({
    logicalId,
    properties,
    physicalName: () => `Test-${logicalId}`,
    assetPath: (key) => join(directory, key),
  });
  return Promise.resolve(created);
}

async function deployFunction(name: string, code: string, properties: Shape = {}): Promise<void> {
  mkdirSync(join(directory, name), { recursive: true });
  writeFileSync(join(directory, name, "index.mjs"), code);
  await create("AWS::Lambda::Function", name, {
    FunctionName: name,
    Code: { S3Key: name },
    Handler: "index.handler",
    Runtime: "nodejs24.x",
    Role: ROLE,
    ...properties,
  });
}

function invoke(name: string, payload: unknown = {}, caller: Caller = PERSON, type = "RequestResponse") {
  const input = { FunctionName: name, InvocationType: type, Payload: payload };
  return localAws.call({ service: "lambda", operation: "Invoke", input, caller });
}

test("a warm instance serves the next runtime, also one whose code has written into its environment", async () => {
  const code = `process.env.SEEN = "by the SDK";
    const instance = Math.random();
    export const handler = async () => instance;`;
  const instances: unknown[] = [];
  for (const _ of [1, 2]) {
    const next = openLocalAws({
      clock,
      authorizer: { check() {} },
      region: "us-east-1",
      account: "000000000000",
      quotas: true,
    });
    const lambda = createLambda(next, { warm: true });
    ({ resources } = lambda);
    next.register(lambda.service);
    localAws = next;
    await deployFunction("counts", code, { Environment: { Variables: { TABLE: "orders" } } });
    instances.push((await invoke("counts"))["Payload"]);
    lambda.close();
  }
  expect(instances[1]).toBe(instances[0]);
});

test("a function sees its own environment, at start and at every call, and nothing of the shell's", async () => {
  process.env["AWS_PROFILE"] = "someone";
  const code = `const atStart = process.env.TABLE;
    export const handler = async () => [atStart, process.env.TABLE, process.env.AWS_PROFILE ?? null];`;
  await deployFunction("first", code, { Environment: { Variables: { TABLE: "orders" } } });
  await deployFunction("second", code, { Environment: { Variables: { TABLE: "clients" } } });
  expect((await invoke("first"))["Payload"]).toEqual(["orders", "orders", null]);
  expect((await invoke("second"))["Payload"]).toEqual(["clients", "clients", null]);
  expect(process.env["TABLE"]).toBeUndefined();
  delete process.env["AWS_PROFILE"];
});

test("a function whose module throws stops the start, and is named with its error", async () => {
  const starting = deployFunction("broken", `throw new Error("CALLS_TABLE is missing")`);
  await expect(starting).rejects.toThrow("function broken does not load: CALLS_TABLE is missing");
});

test("an error of the handler is the reply, marked as unhandled", async () => {
  await deployFunction("failing", `export const handler = async () => { throw new TypeError("no call") }`);
  const reply = await invoke("failing");
  expect(reply).toMatchObject({
    StatusCode: 200,
    FunctionError: "Unhandled",
    Payload: { errorType: "TypeError", errorMessage: "no call" },
  });
});

test("a function that waits longer than its timeout is ended at its timeout", async () => {
  const code = `export const handler = (_, context) =>
    new Promise((done) => setTimeout(() => done(context.getRemainingTimeInMillis()), 9000));`;
  await deployFunction("slow", code, { Timeout: 5 });
  await deployFunction("patient", code, { Timeout: 10 });
  const replies = Promise.all([invoke("slow"), invoke("patient")]);
  await clock.advance(10_000);
  const [slow, patient] = await replies;
  expect(slow["Payload"]).toMatchObject({ errorType: "Sandbox.Timedout" });
  expect(JSON.stringify(slow["Payload"])).toContain("Task timed out after 5.00 seconds");
  expect(patient["Payload"]).toBe(1000);
});

test("a service invokes a function only with a permission for its resource", async () => {
  await deployFunction("take-order", `export const handler = async () => "ok"`);
  await expect(invoke("take-order", {}, RULE)).rejects.toMatchObject({ code: "AccessDeniedException" });
  const permission = {
    Action: "lambda:InvokeFunction",
    FunctionName: "arn:aws:lambda:us-east-1:000000000000:function:take-order",
    Principal: "events.amazonaws.com",
  };
  await create("AWS::Lambda::Permission", "other", {
    ...permission,
    SourceArn: "arn:aws:events:*:*:rule/other/*",
  });
  await expect(invoke("take-order", {}, RULE)).rejects.toMatchObject({ code: "AccessDeniedException" });
  await create("AWS::Lambda::Permission", "right", {
    ...permission,
    SourceArn: "arn:aws:events:*:*:rule/orders/*",
  });
  expect((await invoke("take-order", {}, RULE))["Payload"]).toBe("ok");
});

test("a failing event is tried again after one and two minutes, then sent to the on-failure queue", async () => {
  await deployFunction("flaky", `export const handler = async () => { throw new Error("not yet") }`);
  await create("AWS::Lambda::EventInvokeConfig", "config", {
    FunctionName: "flaky",
    Qualifier: "$LATEST",
    DestinationConfig: { OnFailure: { Destination: "arn:aws:sqs:us-east-1:000000000000:failures" } },
  });
  const startMs = clock.now();
  const triedAtMs: number[] = [];
  localAws.observe((seen) => seen.kind === "invocation" && triedAtMs.push(seen.atMs - startMs));
  expect((await invoke("flaky", { orderId: "c1" }, PERSON, "Event"))["StatusCode"]).toBe(202);
  await clock.advance(600_000);
  expect(triedAtMs).toEqual([0, 60_000, 180_000]);
  expect(sent).toHaveLength(1);
  expect(JSON.parse(sent[0]?.["MessageBody"] as string)).toMatchObject({
    version: "1.0",
    requestContext: { condition: "RetriesExhausted", approximateInvokeCount: 3 },
    requestPayload: { orderId: "c1" },
    responseContext: { statusCode: 200, functionError: "Unhandled" },
    responsePayload: { errorMessage: "not yet" },
  });
});

test("with one retry and a short event age, the event is given up for its age", async () => {
  await deployFunction("flaky", `export const handler = async () => { throw new Error("not yet") }`);
  await create("AWS::Lambda::EventInvokeConfig", "config", {
    FunctionName: "flaky",
    MaximumEventAgeInSeconds: 60,
    DestinationConfig: { OnFailure: { Destination: "arn:aws:sqs:us-east-1:000000000000:failures" } },
  });
  await invoke("flaky", {}, PERSON, "Event");
  await clock.advance(600_000);
  expect(JSON.parse(sent[0]?.["MessageBody"] as string)).toMatchObject({
    requestContext: { condition: "EventAgeExceeded", approximateInvokeCount: 2 },
  });
});

test("what a function prints is told to the observers, metered, and not printed", async () => {
  await deployFunction(
    "talking",
    `export const handler = async () => { process.stdout.write('{"a":1}\\n') }`,
  );
  const lines: string[] = [];
  localAws.observe((seen) => seen.kind === "log" && lines.push(`${seen.functionName}: ${seen.line}`));
  await invoke("talking");
  expect(lines).toEqual(['talking: {"a":1}']);
  // AWS adds 26 bytes to each line.
  expect(localAws.units["logs:ingested-byte"]).toBe('{"a":1}'.length + 26);
});

test("an event above 1 MB is refused, a request of that size is not", async () => {
  await deployFunction("big", `export const handler = async (event) => event.text.length`);
  const payload = { text: "x".repeat(1024 * 1024) };
  await expect(invoke("big", payload, PERSON, "Event")).rejects.toMatchObject({ status: 413 });
  expect((await invoke("big", payload))["Payload"]).toBe(1024 * 1024);
});

test("a function with no concurrency left throttles its callers, and gigabyte-seconds are metered", async () => {
  const code = `export const handler = () => new Promise((done) => setTimeout(() => done("done"), 500));`;
  await deployFunction("single", code, { ReservedConcurrentExecutions: 1, MemorySize: 1024 });
  const first = invoke("single");
  await expect(invoke("single")).rejects.toMatchObject({ code: "TooManyRequestsException", status: 429 });
  await clock.advance(500);
  expect((await first)["Payload"]).toBe("done");
  expect(localAws.units["lambda:request"]).toBe(1);
  expect(localAws.units["lambda:gb-second"]).toBeGreaterThan(0);
});

describe("lazy functions", () => {
  let lazy: LocalLambda;
  beforeEach(() => {
    lazy = createLambda(localAws, { lazy: true });
    resources = lazy.resources;
  });
  /** Notes in this process when its code loads. */
  const noting = (name: string) =>
    `(globalThis.loadedByLambdaTest ??= []).push("${name}"); export const handler = () => "${name}";`;
  const loaded = (): unknown => (globalThis as { loadedByLambdaTest?: unknown }).loadedByLambdaTest;
  async function failuresOf(loading: AsyncGenerator<Error>): Promise<string[]> {
    const messages: string[] = [];
    for await (const { message } of loading) messages.push(message);
    return messages;
  }
  afterEach(() => void delete (globalThis as { loadedByLambdaTest?: unknown }).loadedByLambdaTest);

  test("load in the order that is asked for, and the others after them", async () => {
    for (const name of ["sweep", "push", "entrypoint"]) await deployFunction(name, noting(name));
    expect(loaded()).toBeUndefined();
    expect(await failuresOf(lazy.load(["entrypoint", "push"]))).toEqual([]);
    expect(loaded()).toEqual(["entrypoint", "push", "sweep"]);
  });

  test("are told by name and reason if their code does not load, and the rest loads nevertheless", async () => {
    await deployFunction("broken", `throw new Error("no table");`);
    await deployFunction("whole", noting("whole"));
    expect(await failuresOf(lazy.load([]))).toEqual(["function broken does not load: no table"]);
    expect(loaded()).toEqual(["whole"]);
  });
});
