/** A nightly run mends what crashes leave behind and no other function finds. */
import { expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import type { Shape } from "../../packages/local-aws/src/local-aws.ts";
import { startWorld, type World } from "../world.ts";

const MISSING = "00000000-0000-4000-8000-000000000009";
let world: World;
openForEach(startWorld, (opened) => void (world = opened));

const put = (table: string, Item: Shape): Promise<Shape> =>
  world.aws("dynamodb", "PutItem", { TableName: world.runtime.physicalId(table), Item });
const items = async (table: string): Promise<Shape[]> =>
  (await world.aws("dynamodb", "Scan", { TableName: world.runtime.physicalId(table) }))["Items"] as Shape[];
const heal = async (): Promise<Shape> => {
  const invoke = { FunctionName: "ringmaster-heal-state", InvocationType: "RequestResponse", Payload: {} };
  await world.aws("lambda", "Invoke", invoke);
  const line = world.happened.findLast((one) => one.kind === "log" && one.line.includes('"healed"'));
  return line?.kind === "log" ? (JSON.parse(line.line) as Shape) : {};
};

test("slots of deleted calls, and devices and tokens without a client, are removed and counted, and nothing else is", async () => {
  const [alice, bob] = [await world.phone("alice"), await world.phone("bob")];
  const before = await items("DevicesTable");
  await world.aws("dynamodb", "UpdateItem", {
    TableName: world.runtime.physicalId("ClientsTable"),
    Key: { clientId: { S: bob.clientId } },
    UpdateExpression: "SET activeCallId = :gone",
    ExpressionAttributeValues: { ":gone": { S: MISSING } },
  });
  const clientId = { S: MISSING };
  await put("DevicesTable", { pk: { S: `client#${MISSING}` }, sk: { S: "device#old" }, clientId });
  await put("DevicesTable", { pk: { S: "token#of-nobody" }, sk: { S: "token" }, clientId });
  const ofAlice = { S: alice.clientId };
  await put("DevicesTable", { pk: { S: "token#of-no-device" }, sk: { S: "token" }, clientId: ofAlice });
  expect(await heal()).toMatchObject({ slots: 1, devices: 1, tokens: 2, failed: 0 });
  expect(await items("DevicesTable")).toEqual(expect.arrayContaining(before));
  expect(await items("DevicesTable")).toHaveLength(before.length);
  expect(JSON.stringify(await items("ClientsTable"))).not.toContain("activeCallId");
  expect(await heal()).toMatchObject({ slots: 0, devices: 0, tokens: 0 });
});

test("a call in progress keeps its slots", async () => {
  const [alice, bob] = [await world.phone("alice"), await world.phone("bob")];
  await alice.send({ action: "initiateCall", callerId: alice.clientId, calleeId: bob.clientId });
  expect(await heal()).toMatchObject({ slots: 0, failed: 0 });
});
