/** What becomes of a stack: a first creation that fails, the next that succeeds, updates, its end, and a second one beside it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Template, TemplateResource } from "../src/cloudformation/assembly.ts";
import { openSqliteStore } from "../src/store/sqlite-store.ts";
import { openStackWorld, type StackWorld } from "./stack-world.ts";

let world: StackWorld;

beforeEach(async () => {
  world = await openStackWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

type Resources = Record<string, TemplateResource>;

const StackName = "Story";
const body = (Resources: Resources, more: Partial<Template> = {}): string =>
  JSON.stringify({ ...more, Resources });

const table = (more: Partial<TemplateResource> = {}, properties: object = {}): TemplateResource => ({
  Type: "AWS::DynamoDB::GlobalTable",
  DeletionPolicy: "RetainExceptOnCreate",
  Properties: {
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    ...properties,
  },
  ...more,
});
const protectedTable = (DeletionProtectionEnabled: boolean): TemplateResource =>
  table({ DeletionPolicy: "Delete" }, { Replicas: [{ Region: "us-east-1", DeletionProtectionEnabled }] });

const queue = (QueueName: string, properties: object = {}): TemplateResource => ({
  Type: "AWS::SQS::Queue",
  Properties: { QueueName, ...properties },
});

const role = (RoleName: string): TemplateResource => ({
  Type: "AWS::IAM::Role",
  Properties: {
    RoleName,
    AssumeRolePolicyDocument: { Statement: [{ Principal: { Service: "states.amazonaws.com" } }] },
  },
});

const machine = (definition: object, StateMachineName = "call"): TemplateResource => ({
  Type: "AWS::StepFunctions::StateMachine",
  Properties: {
    StateMachineName,
    RoleArn: { "Fn::GetAtt": ["Role", "Arn"] },
    DefinitionString: JSON.stringify(definition),
  },
});
const PASS = { QueryLanguage: "JSONata", StartAt: "Go", States: { Go: { Type: "Pass", End: true } } };
const BROKEN = { ...PASS, StartAt: "Nowhere" };

/** What the default stack is like in small. */
const whole = (definition: object): Resources => ({
  Calls: table(),
  Role: role("calls"),
  Workflow: machine(definition),
  Queue: queue("hints"),
});

async function tables(): Promise<string[]> {
  return (await world.aws("dynamodb", "ListTables", {}))["TableNames"] as string[];
}

const create = (Resources: Resources, more = {}) =>
  world.change("CreateStack", { StackName, TemplateBody: body(Resources), ...more });
const update = (Resources: Resources) =>
  world.change("UpdateStack", { StackName, TemplateBody: body(Resources) });
const destroy = (more = {}) => world.change("DeleteStack", { StackName, ...more });

test("a creation fails half-way, is retried and succeeds; the stack is updated, destroyed, and created again beside another", async () => {
  expect(await create(whole(BROKEN))).toMatchObject({
    StackStatus: "ROLLBACK_COMPLETE",
    StackStatusReason: undefined,
  });
  expect(await world.events(StackName)).toEqual([
    "Story CREATE_IN_PROGRESS",
    "Calls CREATE_IN_PROGRESS",
    "Calls CREATE_IN_PROGRESS",
    "Calls CREATE_COMPLETE",
    "Role CREATE_IN_PROGRESS",
    "Role CREATE_IN_PROGRESS",
    "Role CREATE_COMPLETE",
    "Workflow CREATE_IN_PROGRESS",
    "Workflow CREATE_FAILED",
    "Story ROLLBACK_IN_PROGRESS",
    "Role DELETE_IN_PROGRESS",
    "Role DELETE_COMPLETE",
    "Calls DELETE_IN_PROGRESS",
    "Calls DELETE_COMPLETE",
    "Story ROLLBACK_COMPLETE",
  ]);
  expect(await world.reason(StackName, "Workflow")).toMatch(
    /^Resource handler returned message: "Invalid State Machine Definition: .* \(Service: StepFunctions, Status Code: 400, Request ID: .*\)" \(RequestToken: .*, HandlerErrorCode: InvalidRequest\)$/,
  );
  expect(await tables()).toEqual([]);

  await expect(update(whole(PASS))).rejects.toThrow(
    /^Stack:arn:aws:cloudformation:.*\/Story\/.* is in ROLLBACK_COMPLETE state and can not be updated\.$/,
  );
  await expect(create(whole(PASS))).rejects.toThrow("Stack [Story] already exists");
  expect(await destroy()).toMatchObject({ StackStatus: "DELETE_COMPLETE" });

  expect(await create(whole(PASS))).toMatchObject({ StackStatus: "CREATE_COMPLETE" });
  const [kept = ""] = await tables();
  await world.aws("dynamodb", "PutItem", { TableName: kept, Item: { id: { S: "call-1" } } });

  const other = { ...PASS, Comment: "another" };
  expect(await update(whole(other))).toMatchObject({ StackStatus: "UPDATE_COMPLETE" });
  const stateMachineArn = await world.physicalId(StackName, "Workflow");
  const { definition } = await world.aws("states", "DescribeStateMachine", { stateMachineArn });
  expect(JSON.parse(String(definition))).toEqual(other);

  expect(await destroy()).toMatchObject({ StackStatus: "DELETE_COMPLETE" });
  expect(await tables()).toEqual([kept]);
  await expect(world.aws("states", "DescribeStateMachine", { stateMachineArn })).rejects.toThrow(
    "State Machine Does Not Exist",
  );

  expect(await create(whole(PASS))).toMatchObject({ StackStatus: "CREATE_COMPLETE" });
  expect(await tables()).toHaveLength(2);
  const TableName = await world.physicalId(StackName, "Calls");
  expect(TableName).not.toBe(kept);
  expect(await world.aws("dynamodb", "Scan", { TableName })).toMatchObject({ Count: 0 });
  expect(await world.aws("dynamodb", "Scan", { TableName: kept })).toMatchObject({ Count: 1 });
  const { Stacks } = await world.aws("cloudformation", "DescribeStacks", {});
  expect(Stacks).toMatchObject([
    { StackName: "First", StackStatus: "CREATE_COMPLETE" },
    { StackName, StackStatus: "CREATE_COMPLETE" },
  ]);
});

test("Retain survives the rollback of its creation, RetainExceptOnCreate and Delete do not", async () => {
  const policies = ["Retain", "RetainExceptOnCreate", "Delete"];
  const made = Object.fromEntries(
    policies.map((DeletionPolicy) => [DeletionPolicy, table({ DeletionPolicy })]),
  );
  await create({ ...made, Role: role("calls"), Workflow: machine(BROKEN) });
  expect(await world.events(StackName)).toEqual(
    expect.arrayContaining([
      "Retain DELETE_SKIPPED",
      "RetainExceptOnCreate DELETE_COMPLETE",
      "Delete DELETE_COMPLETE",
    ]),
  );
  expect(await tables()).toEqual([expect.stringMatching(/^Story-Retain-/)]);
});

test("on destroy Retain and RetainExceptOnCreate stay", async () => {
  const policies = ["Retain", "RetainExceptOnCreate", "Delete"];
  await create(
    Object.fromEntries(policies.map((DeletionPolicy) => [DeletionPolicy, table({ DeletionPolicy })])),
  );
  await destroy();
  expect(await tables()).toEqual([
    expect.stringMatching(/^Story-Retain-/),
    expect.stringMatching(/^Story-RetainExceptOnCreate-/),
  ]);
});

test("a failed creation can leave what it has made, or be deleted at once", async () => {
  expect(await create(whole(BROKEN), { OnFailure: "DO_NOTHING" })).toMatchObject({
    StackStatus: "CREATE_FAILED",
    StackStatusReason: "The following resource(s) failed to create: [Workflow]. ",
  });
  expect(await tables()).toHaveLength(1);
  expect(await destroy()).toMatchObject({ StackStatus: "DELETE_COMPLETE" });
  expect(await create(whole(BROKEN), { OnFailure: "DELETE" })).toMatchObject({
    StackStatus: "DELETE_COMPLETE",
  });
});

test("a protected table fails the deletion, and a second deployment without protection lets it go", async () => {
  await create({ Calls: protectedTable(true), Queue: queue("hints") });
  expect(await destroy()).toMatchObject({
    StackStatus: "DELETE_FAILED",
    StackStatusReason: "The following resource(s) failed to delete: [Calls]. ",
  });
  expect(await world.reason(StackName, "Calls")).toContain(
    "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.",
  );
  const TableName = await world.physicalId(StackName, "Calls");
  await expect(world.aws("dynamodb", "DeleteTable", { TableName })).rejects.toMatchObject({
    code: "ValidationException",
  });
  await world.aws("dynamodb", "UpdateTable", { TableName, DeletionProtectionEnabled: false });
  expect(await destroy()).toMatchObject({ StackStatus: "DELETE_COMPLETE" });
  expect(await tables()).toEqual([]);
});

test("what cannot be deleted may be left behind at the next try", async () => {
  await create({ Calls: protectedTable(true) });
  await expect(destroy({ RetainResources: ["Calls"] })).rejects.toThrow(
    "the stack must be in the DELETE_FAILED state",
  );
  await destroy();
  expect(await destroy({ RetainResources: ["Calls"] })).toMatchObject({ StackStatus: "DELETE_COMPLETE" });
  expect(await tables()).toHaveLength(1);
});

test("a protected user pool fails the deletion", async () => {
  const pool = (DeletionProtection: string): Resources => ({
    Pool: { Type: "AWS::Cognito::UserPool", Properties: { DeletionProtection } },
  });
  await create(pool("ACTIVE"));
  expect(await destroy()).toMatchObject({ StackStatus: "DELETE_FAILED" });
  expect(await world.reason(StackName, "Pool")).toContain(
    "The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.",
  );
});

test("a bucket that is not empty fails the deletion until it is emptied", async () => {
  await create({ Bucket: { Type: "AWS::S3::Bucket" } });
  const Bucket = await world.physicalId(StackName, "Bucket");
  await world.aws("s3", "PutObject", { Bucket, Key: "a", Body: Buffer.from("a") });
  expect(await destroy()).toMatchObject({ StackStatus: "DELETE_FAILED" });
  expect(await world.reason(StackName, "Bucket")).toMatch(
    /^Resource handler returned message: "The bucket you tried to delete is not empty \(Service: S3, Status Code: 409, /,
  );
  await world.aws("s3", "DeleteObject", { Bucket, Key: "a" });
  expect(await destroy()).toMatchObject({ StackStatus: "DELETE_COMPLETE" });
});

test("what a resource needs that cannot be deleted is not tried", async () => {
  await create({ Role: role("calls"), Bucket: { Type: "AWS::S3::Bucket", DependsOn: "Role" } });
  const Bucket = await world.physicalId(StackName, "Bucket");
  await world.aws("s3", "PutObject", { Bucket, Key: "a", Body: Buffer.from("a") });
  await destroy();
  expect(await world.events(StackName)).toEqual([
    "Story DELETE_IN_PROGRESS",
    "Bucket DELETE_IN_PROGRESS",
    "Bucket DELETE_FAILED",
    "Story DELETE_FAILED",
  ]);
});

const named: [string, TemplateResource, RegExp][] = [
  [
    "table",
    table({ DeletionPolicy: "Delete" }, { TableName: "calls" }),
    /^Resource handler returned message: "Resource of type 'AWS::DynamoDB::GlobalTable' with identifier 'calls' already exists\." \(RequestToken: .*, HandlerErrorCode: AlreadyExists\)$/,
  ],
  ["role", role("taken"), /'AWS::IAM::Role' with identifier 'taken' already exists\./],
  ["queue", queue("hints"), /'AWS::SQS::Queue' with identifier '.*\/hints' already exists\./],
  [
    "event bus",
    { Type: "AWS::Events::EventBus", Properties: { Name: "orders" } },
    /'AWS::Events::EventBus' with identifier 'orders' already exists\./,
  ],
  [
    "log group",
    { Type: "AWS::Logs::LogGroup", Properties: { LogGroupName: "/calls" } },
    /'AWS::Logs::LogGroup' with identifier '\{"\/properties\/LogGroupName":"\/calls"\}' already exists\./,
  ],
  [
    "bucket",
    { Type: "AWS::S3::Bucket", Properties: { BucketName: "calls-bucket" } },
    /HandlerErrorCode: AlreadyExists/,
  ],
];

test.each(named)("the name of a %s is taken for a second stack", async (_what, resource, reason) => {
  await create({ Named: resource });
  const second = { StackName: "Second", TemplateBody: body({ Named: resource }) };
  expect(await world.change("CreateStack", second)).toMatchObject({ StackStatus: "ROLLBACK_COMPLETE" });
  expect(await world.reason("Second", "Named")).toMatch(reason);
  expect(await world.events(StackName)).toContain("Story CREATE_COMPLETE");
  expect(await destroy()).toMatchObject({ StackStatus: "DELETE_COMPLETE" });
});

test("the name of a state machine is taken unless its definition is the same", async () => {
  await create({ Role: role("calls"), Workflow: machine(PASS) });
  const second = body({ Role: role("others"), Workflow: machine({ ...PASS, Comment: "another" }) });
  await world.change("CreateStack", { StackName: "Second", TemplateBody: second });
  expect(await world.reason("Second", "Workflow")).toMatch(
    /^Resource handler returned message: "State Machine Already Exists: 'arn:aws:states:us-east-1:000000000000:stateMachine:call' .*HandlerErrorCode: AlreadyExists\)$/,
  );
});

test("an update changes a resource in place, or makes another and removes the old one last", async () => {
  await create({ Hints: queue("hints") });
  await world.aws("sqs", "SendMessage", {
    QueueUrl: await world.physicalId(StackName, "Hints"),
    MessageBody: "kept",
  });

  await update({ Hints: queue("hints", { VisibilityTimeout: 99 }) });
  const QueueUrl = await world.physicalId(StackName, "Hints");
  expect(await world.aws("sqs", "GetQueueAttributes", { QueueUrl, AttributeNames: ["All"] })).toMatchObject({
    Attributes: { VisibilityTimeout: "99", ApproximateNumberOfMessages: "1" },
  });

  await update({ Hints: queue("other-hints") });
  expect(await world.events(StackName)).toEqual([
    "Story UPDATE_IN_PROGRESS",
    "Hints UPDATE_IN_PROGRESS",
    "Hints UPDATE_COMPLETE",
    "Story UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "Hints DELETE_IN_PROGRESS",
    "Hints DELETE_COMPLETE",
    "Story UPDATE_COMPLETE",
  ]);
  await expect(world.aws("sqs", "GetQueueUrl", { QueueName: "hints" })).rejects.toThrow("does not exist");
  expect(await world.physicalId(StackName, "Hints")).toMatch(/\/other-hints$/);
});

test("a replaced resource stays under UpdateReplacePolicy Retain; one without a name of its own gets another", async () => {
  await create({ Calls: table() });
  const [before] = await tables();
  const { AttributeDefinitions, KeySchema } = {
    AttributeDefinitions: [{ AttributeName: "key", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "key", KeyType: "HASH" }],
  };
  const changed = { AttributeDefinitions, KeySchema };
  await update({ Calls: table({ UpdateReplacePolicy: "Retain" }) });
  await update({ Calls: table({ UpdateReplacePolicy: "Retain" }, changed) });
  expect(await tables()).toEqual(
    expect.arrayContaining([before, await world.physicalId(StackName, "Calls")]),
  );
});

test("a resource with a name of its own cannot be replaced under it", async () => {
  const keyed = (AttributeName: string) => ({
    TableName: "calls",
    AttributeDefinitions: [{ AttributeName, AttributeType: "S" }],
    KeySchema: [{ AttributeName, KeyType: "HASH" }],
  });
  await create({ Calls: table({}, keyed("id")) });
  expect(await update({ Calls: table({}, keyed("key")) })).toMatchObject({
    StackStatus: "UPDATE_ROLLBACK_COMPLETE",
  });
  expect(await world.reason(StackName, "Calls")).toBe(
    "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename calls and update the stack again.",
  );
});

test("a failed update is taken back: changes, new resources and replacements; the old template counts", async () => {
  const before = {
    Hints: queue("hints"),
    Replaced: queue("replaced"),
    Removed: queue("removed"),
    Role: role("calls"),
    Workflow: machine(PASS),
  };
  await create(before);
  const QueueUrl = await world.physicalId(StackName, "Hints");
  const after = await update({
    Hints: queue("hints", { VisibilityTimeout: 99 }),
    Replaced: queue("in-its-place"),
    Added: queue("added"),
    Role: role("calls"),
    Workflow: machine(BROKEN),
  });
  expect(after).toMatchObject({ StackStatus: "UPDATE_ROLLBACK_COMPLETE" });
  expect(await world.events(StackName)).toEqual([
    "Story UPDATE_IN_PROGRESS",
    "Hints UPDATE_IN_PROGRESS",
    "Hints UPDATE_COMPLETE",
    "Replaced UPDATE_IN_PROGRESS",
    "Replaced UPDATE_COMPLETE",
    "Added CREATE_IN_PROGRESS",
    "Added CREATE_IN_PROGRESS",
    "Added CREATE_COMPLETE",
    "Workflow UPDATE_IN_PROGRESS",
    "Workflow UPDATE_FAILED",
    "Story UPDATE_ROLLBACK_IN_PROGRESS",
    "Hints UPDATE_IN_PROGRESS",
    "Hints UPDATE_COMPLETE",
    "Story UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    "Added DELETE_IN_PROGRESS",
    "Added DELETE_COMPLETE",
    "Replaced DELETE_IN_PROGRESS",
    "Replaced DELETE_COMPLETE",
    "Story UPDATE_ROLLBACK_COMPLETE",
  ]);
  const { QueueUrls } = await world.aws("sqs", "ListQueues", {});
  const names = (QueueUrls as string[]).map((url) => url.split("/").at(-1));
  expect(new Set(names)).toEqual(new Set(["hints", "removed", "replaced"]));
  expect(await world.aws("sqs", "GetQueueAttributes", { QueueUrl, AttributeNames: ["All"] })).toMatchObject({
    Attributes: { VisibilityTimeout: "30" },
  });
  await expect(update(before)).rejects.toThrow("No updates are to be performed.");
});

test("a second stack is there again after a restart, with what it holds", async () => {
  const root = mkdtempSync(join(tmpdir(), "stacks-"));
  async function run(work: () => Promise<void>): Promise<void> {
    await world[Symbol.asyncDispose]();
    const store = openSqliteStore(join(root, "store"));
    world = await openStackWorld(store);
    store.begin();
    await work();
    store.flush();
    store.close();
  }
  const calls = () => world.physicalId(StackName, "Calls");
  try {
    await run(async () => {
      await create({ Calls: table() });
      await world.aws("dynamodb", "PutItem", { TableName: await calls(), Item: { id: { S: "call-1" } } });
    });
    await run(async () => {
      const kept = await calls();
      expect(await world.aws("dynamodb", "Scan", { TableName: kept })).toMatchObject({ Count: 1 });
      await destroy();
      await create({ Calls: table() });
      expect(await calls()).not.toBe(kept);
    });
  } finally {
    rmSync(root, { recursive: true });
  }
});
