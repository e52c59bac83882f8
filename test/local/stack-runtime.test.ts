/** The application's stack is destroyed, its next creation fails, it is created again, and then calls work as before. */
import "../stack-sources.ts";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { AwsError, type Shape } from "../../packages/local-aws/src/local-aws.ts";
import { createPeople } from "../../local/people.ts";
import { startWorld, type World } from "../world.ts";

const StackName = "Ringmaster";
let world: World;

beforeEach(async () => {
  world = await startWorld({ warmFunctions: false, quotas: false });
});
afterEach(() => world[Symbol.asyncDispose]());

/** Waits for one change. Returns the stack's reason for its status, and what failed. */
async function change(operation: string, input: Shape = {}) {
  const aws = (name: string, asked: Shape) => world.aws("cloudformation", name, asked);
  const [now] = (await aws("ListStacks", {}))["StackSummaries"] as Shape[];
  const { StackId = now?.["StackId"] } = await aws(operation, { StackName, ...input });
  const described = async () =>
    ((await aws("DescribeStacks", { StackName: StackId }))["Stacks"] as Shape[])[0];
  await world.clock.until(async () => !String((await described())?.["StackStatus"]).endsWith("_IN_PROGRESS"));
  const { StackEvents } = await aws("DescribeStackEvents", { StackName: StackId });
  const failed = (StackEvents as Shape[])
    .filter(({ ResourceStatus }) => String(ResourceStatus).endsWith("_FAILED"))
    .map(
      ({ LogicalResourceId, ResourceStatusReason }) =>
        `${String(LogicalResourceId)}: ${String(ResourceStatusReason)}`,
    );
  return { status: (await described())?.["StackStatus"], failed };
}

async function uploadTemplate(): Promise<string> {
  const directory = inject("assembly");
  const file = readdirSync(directory).find((name) => name.endsWith(".template.json")) ?? "";
  const Body = readFileSync(join(directory, file));
  await world.aws("s3", "CreateBucket", { Bucket: "templates" });
  await world.aws("s3", "PutObject", { Bucket: "templates", Key: "ringmaster.json", Body });
  return "http://127.0.0.1:4566/templates/ringmaster.json";
}

/** The resources of the stack other than those that it retains. */
async function remains(): Promise<Shape> {
  const { stateMachines } = await world.aws("states", "ListStateMachines", {});
  const { Functions } = await world.aws("lambda", "ListFunctions", {});
  const { QueueUrls } = await world.aws("sqs", "ListQueues", {});
  const { EventBuses } = await world.aws("events", "ListEventBuses", {});
  const { Rules } = await world.aws("events", "ListRules", {});
  const { Schedules } = await world.aws("scheduler", "ListSchedules", {});
  const { publicKeys } = await world.aws("ivs", "ListPublicKeys", {});
  const { stages } = await world.aws("ivs", "ListStages", {});
  const buses = (EventBuses as Shape[]).map(({ Name }) => Name);
  return { stateMachines, Functions, QueueUrls, buses, Rules, Schedules, publicKeys, stages };
}

test("the whole stack is destroyed, fails to be created, is created again, and carries a call", async () => {
  const TemplateURL = await uploadTemplate();
  const Capabilities = ["CAPABILITY_NAMED_IAM"];
  const whole = await remains();
  expect(await change("DeleteStack")).toEqual({ status: "DELETE_COMPLETE", failed: [] });
  const nothing = {
    stateMachines: [],
    Functions: [],
    QueueUrls: [],
    buses: ["default"],
    Rules: [],
    Schedules: [],
    publicKeys: [],
    stages: [],
  };
  expect(await remains()).toEqual(nothing);

  const refusal = new AwsError("ServiceQuotaExceededException", "Too many public keys", 402);
  const fault = () => Promise.reject(refusal);
  const withdraw = world.runtime.localAws.interfere({
    service: "ivs",
    operation: "ImportPublicKey",
    times: 9,
    fault,
  });
  const tables = await world.aws("dynamodb", "ListTables", {});
  const { status, failed } = await change("CreateStack", { TemplateURL, Capabilities });
  expect({ status, failed }).toMatchObject({
    status: "ROLLBACK_COMPLETE",
    failed: [expect.stringMatching(/^SigningKey\w*: .*IVS keeps 3 public keys/)],
  });
  expect(await remains()).toEqual(nothing);
  expect(await world.aws("dynamodb", "ListTables", {})).toEqual(tables);
  withdraw();

  expect(await change("DeleteStack")).toMatchObject({ status: "DELETE_COMPLETE" });
  expect(await change("CreateStack", { TemplateURL, Capabilities })).toEqual({
    status: "CREATE_COMPLETE",
    failed: [],
  });
  const again = await remains();
  for (const [what, all] of Object.entries(whole))
    expect(again[what]).toHaveLength((all as unknown[]).length);

  await createPeople(world.runtime);
  await world.clock.advance(60_000);
  const alice = await world.phone("alice");
  const bob = await world.phone("bob");
  const reply = await alice.send({
    action: "initiateCall",
    callerId: alice.clientId,
    calleeId: bob.clientId,
  });
  expect(reply.status).toBe(200);
  await world.clock.until(() => bob.pushes().includes("incoming_call"));
});
