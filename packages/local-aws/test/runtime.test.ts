import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { virtualClock, type Clock } from "../src/clock.ts";
import { startRuntime, type Runtime } from "../src/runtime.ts";
import { listen, type Servers } from "../src/servers.ts";

/** Makes a row when the stack is created, as a custom resource does. */
const HANDLER = `
  import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
  const client = new DynamoDBClient({});
  export const handler = async (event) => {
    let answer = { Status: "SUCCESS", PhysicalResourceId: "row-1", Data: { Id: "alice" } };
    try {
      await client.send(new PutItemCommand({ TableName: process.env.TABLE, Item: { id: { S: "alice" } } }));
    } catch (error) {
      answer = { Status: "FAILED", Reason: error.message };
    }
    await fetch(event.ResponseURL, { method: "PUT", body: JSON.stringify(answer) });
  };`;

let root: string;
let clock: Clock | undefined;
let runtime: Runtime | undefined;
let servers: Servers | undefined;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "runtime-"));
  await build({
    stdin: { contents: HANDLER, resolveDir: import.meta.dirname },
    bundle: true,
    platform: "node",
    format: "esm",
    mainFields: ["module", "main"],
    outfile: join(root, "asset.code", "index.mjs"),
  });
});

afterEach(async () => {
  await servers?.close();
  runtime?.stop();
  clock?.dispose();
  servers = runtime = clock = undefined;
});

afterAll(() => rmSync(root, { recursive: true }));

function template(actions: string[]) {
  const getAtt = (id: string) => ({ "Fn::GetAtt": [id, "Arn"] });
  const Statement = [{ Effect: "Allow", Action: actions, Resource: getAtt("Table") }];
  const trust = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } };
  return {
    Resources: {
      Row: {
        Type: "Custom::Row",
        Properties: { ServiceToken: getAtt("Maker") },
        DependsOn: ["Policy"],
      },
      Maker: {
        Type: "AWS::Lambda::Function",
        Properties: {
          Code: { S3Bucket: "assets", S3Key: "code.zip" },
          Handler: "index.handler",
          Runtime: "nodejs24.x",
          Role: getAtt("Role"),
          Environment: { Variables: { TABLE: { Ref: "Table" } } },
        },
      },
      Role: { Type: "AWS::IAM::Role", Properties: { AssumeRolePolicyDocument: { Statement: [trust] } } },
      Policy: {
        Type: "AWS::IAM::Policy",
        Properties: { PolicyName: "p", Roles: [{ Ref: "Role" }], PolicyDocument: { Statement } },
      },
      Table: {
        Type: "AWS::DynamoDB::Table",
        Properties: {
          TableName: "rows",
          AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
          KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
          BillingMode: "PAY_PER_REQUEST",
        },
      },
    },
    Outputs: { RowId: { Value: { Ref: "Row" } }, Made: { Value: { "Fn::GetAtt": ["Row", "Id"] } } },
  };
}

function assemblyOf(actions: string[]): string {
  writeFileSync(join(root, "Orders.template.json"), JSON.stringify(template(actions)));
  const files = { code: { source: { path: "asset.code" } } };
  writeFileSync(join(root, "Orders.assets.json"), JSON.stringify({ files }));
  return root;
}

const wholeRow = { id: { S: "alice" } };

test("a template is deployed in virtual time, with its roles enforced from the start", async () => {
  clock = virtualClock();
  runtime = await startRuntime({ assembly: assemblyOf(["dynamodb:PutItem"]), clock });
  expect(runtime.outputs).toEqual({ RowId: "row-1", Made: "alice" });
  expect(runtime.physicalId("Tab")).toBe("rows");
  expect(() => runtime?.physicalId("R")).toThrow("Role, Row");
  const starting = startRuntime({ assembly: assemblyOf(["dynamodb:GetItem"]), clock });
  await expect(starting).rejects.toThrow(
    /^Row \(Custom::Row\): .*not authorized to perform: dynamodb:PutItem/,
  );
});

test("the AWS port answers stock SDK clients and browsers, the app port its pages and the API", async () => {
  runtime = await startRuntime({ assembly: assemblyOf(["dynamodb:PutItem"]) });
  const pages = ({ path }: { path: string }) =>
    path === "/" ? { status: 200, headers: {}, body: "hello" } : undefined;
  servers = await listen(runtime, { port: 0, awsPort: 0, pages });
  const endpoint = `http://127.0.0.1:${servers.awsPort}`;
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  const client = new DynamoDBClient({ endpoint, region: "us-east-1", credentials });
  const { Item } = await client.send(new GetItemCommand({ TableName: "rows", Key: wholeRow }));
  expect(Item).toEqual(wholeRow);
  await expect(client.send(new GetItemCommand({ TableName: "none", Key: wholeRow }))).rejects.toThrow(
    expect.objectContaining({ name: "ResourceNotFoundException" }),
  );
  client.destroy();
  const app = `http://127.0.0.1:${servers.port}`;
  const preflight = await fetch(endpoint, {
    method: "OPTIONS",
    headers: { origin: app, "access-control-request-headers": "x-amz-target" },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-headers")).toBe("x-amz-target");
  expect(await (await fetch(app)).text()).toBe("hello");
  expect((await fetch(`${app}/nowhere`)).status).toBe(404);
});

test("a page may go on writing until its reader leaves", async () => {
  runtime = await startRuntime({ assembly: assemblyOf(["dynamodb:PutItem"]) });
  const left = Promise.withResolvers<string>();
  const pages = () => ({
    status: 200,
    headers: { "content-type": "text/event-stream" },
    stream(write: (text: string) => void) {
      write("data: ringing\n\n");
      return () => left.resolve("left");
    },
  });
  servers = await listen(runtime, { port: 0, awsPort: 0, pages });
  const reader = new AbortController();
  const { body } = await fetch(`http://127.0.0.1:${servers.port}/live`, { signal: reader.signal });
  const { value } = (await body?.getReader().read()) ?? {};
  expect(Buffer.from(value ?? []).toString()).toBe("data: ringing\n\n");
  reader.abort();
  expect(await left.promise).toBe("left");
});

test("a busy port is an error that names the port and its flag, and closes what was opened", async () => {
  runtime = await startRuntime({ assembly: assemblyOf(["dynamodb:PutItem"]) });
  servers = await listen(runtime, { port: 0, awsPort: 0 });
  const busy = listen(runtime, { port: 0, awsPort: servers.awsPort });
  await expect(busy).rejects.toThrow(`port ${servers.awsPort} is in use: choose another with --aws-port`);
  await expect(listen(runtime, { port: servers.port, awsPort: 0 })).rejects.toThrow("--port");
});
