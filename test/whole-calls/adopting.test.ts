/** Clients from before a person's row named them: the person's next registration adopts one, or the command adopts all. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { listen, type Servers } from "../../packages/local-aws/src/servers.ts";
import { adopt, type Adopted, adoptionReport } from "../../tools/adopt.ts";
import { openAdopt } from "../../tools/adopt-client.ts";
import { pointSdkAt } from "../../packages/local-aws/test/served-aws.ts";
import { asker, CREATE_PERSON } from "../people/graphql-world.ts";
import { type Phone, startWorld, type World } from "../world.ts";

let world: World;
let servers: Servers;
let alice: Phone;
let bob: Phone;
let line: Phone;

beforeEach(async () => {
  world = await startWorld();
  servers = await listen(world.runtime, { port: 0, awsPort: 0 });
  pointSdkAt("AWS_ENDPOINT_URL", `http://127.0.0.1:${servers.awsPort}`);
  alice = await world.phone("alice", { deviceToken: "alice-1", deviceId: "phone" });
  bob = await world.phone("bob", { deviceToken: "bob-1", deviceId: "phone" });
  await world.clock.advance(1_000);
  line = await world.phone("bob", { deviceToken: "bob-2", deviceId: "tablet", anotherClient: true });
  await forgetRows();
});
afterEach(async () => {
  await servers.close();
  await world[Symbol.asyncDispose]();
});

/** Removes the persons' rows, as if all clients had registered before these rows existed. */
async function forgetRows(): Promise<void> {
  const TableName = world.runtime.physicalId("OwnersTable");
  const { Items } = await world.aws("dynamodb", "Scan", { TableName });
  for (const { owner } of Items as { owner: unknown }[])
    await world.aws("dynamodb", "DeleteItem", { TableName, Key: { owner } });
}

async function adopts(dryRun = false): Promise<Adopted> {
  const endpoint = `http://127.0.0.1:${servers.awsPort}`;
  return adopt(await openAdopt({ endpoint, stackName: "Ringmaster", dryRun }));
}
const listed = async (phone: Phone): Promise<unknown[]> => {
  const { clients } = (await phone.send({ action: "listClients" })).body as { clients: { id: string }[] };
  return clients.map(({ id }) => id);
};
const registers = async (phone: Phone, deviceToken: string): Promise<unknown> =>
  (await phone.send({ action: "register", notifyType: "GCM", deviceToken, deviceId: deviceToken })).body[
    "id"
  ];

test("each person's row names their clients, a person with several is reported, and a second run changes nothing", async () => {
  expect(await adopts(true)).toMatchObject({ people: 2, adopted: 2, changed: 0 });
  expect(await listed(bob)).toEqual([]);
  const done = await adopts();
  const several = [{ username: "bob", clientIds: [line.clientId, bob.clientId] }];
  expect(done).toMatchObject({ people: 2, adopted: 2, changed: 0, several });
  expect(adoptionReport(done, false)).toContain(`${line.clientId} is the default, ${bob.clientId}`);
  expect(await listed(bob)).toEqual([line.clientId, bob.clientId]);
  expect(await adopts()).toMatchObject({ people: 2, adopted: 0, changed: 0, several });
  expect(await registers(alice, "alices-new-phone")).toBe(alice.clientId);
});

test("the default of several clients is the one in the directory", async () => {
  const input = { firstName: "Bob", lastName: "Brown", clientId: bob.clientId };
  await (await asker(world, "bob")).ask(CREATE_PERSON, { input });
  expect(await adopts()).toMatchObject({ several: [{ clientIds: [bob.clientId, line.clientId] }] });
  expect(await registers(bob, "bobs-new-phone")).toBe(bob.clientId);
});

test("without the command, the next registration adopts one client, and the others can still be called", async () => {
  expect(await registers(bob, "bob-1")).toBe(bob.clientId);
  expect(await listed(bob)).toEqual([bob.clientId]);
  expect(await registers(bob, "bobs-new-phone")).toBe(bob.clientId);
  const called = await alice.send({
    action: "initiateCall",
    callerId: alice.clientId,
    calleeId: line.clientId,
  });
  expect(called.status).toBe(200);
  await world.clock.advance(2_000);
  expect(line.pushes()).toEqual(["incoming_call"]);
});

test("the row of a person with a client does not expire, even if attempts are counted in it", async () => {
  await adopts();
  await alice.send({ action: "initiateCall", callerId: alice.clientId, calleeId: bob.clientId });
  const { Items } = await world.aws("dynamodb", "Scan", {
    TableName: world.runtime.physicalId("OwnersTable"),
  });
  const rows = Items as Record<string, unknown>[];
  expect(rows.map(({ expiresAtSeconds }) => expiresAtSeconds)).toEqual([undefined, undefined]);
  expect(rows.some(({ calls }) => calls !== undefined)).toBe(true);
});
