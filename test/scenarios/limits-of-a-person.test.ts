/** Limits count persons: another client, another list of ids or simultaneous requests do not get around them. */
import { describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { type Phone, type Reply, startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import { begins, calls, ends, meanwhile, openCast } from "./cast.ts";

let world: World;
openForAll(startWorld, (opened) => void (world = opened));

const MAX_CALLS_A_MINUTE = 10;
const MAX_DELETIONS_AN_HOUR = 10;
const HOUR_SECONDS = 3600;

async function aliceOnTwoLines() {
  const cast = await openCast(world);
  const [alice, bob, carol] = [await cast.phone("alice"), await cast.phone("bob"), await cast.phone("carol")];
  const second = await cast.phone("alice", "second-line", { anotherClient: true });
  expect(second.clientId).not.toBe(alice.clientId);
  return { cast, alice, second, bob, carol };
}

/** All calls but one within the limit of a minute. */
async function beginsAllButOne(caller: Phone, callee: Phone): Promise<void> {
  for (let number = 1; number < MAX_CALLS_A_MINUTE; number += 1) {
    await ends(caller, await begins(caller, callee));
    await world.clock.advance(1_000);
  }
}

describe("a person with two clients", () => {
  test("begins no more calls a minute than with one client", async () => {
    const { cast, alice, second, bob } = await aliceOnTwoLines();
    for (let number = 0; number < MAX_CALLS_A_MINUTE; number += 1) {
      const line = number % 2 === 0 ? alice : second;
      await ends(line, await begins(line, bob));
      await world.clock.advance(1_000);
    }
    for (const line of [alice, second]) {
      const reply = await calls(line, [bob]);
      expect(reply).toMatchObject({ status: 429, body: { code: "too_many_calls" } });
      expect(Number(reply.headers["retry-after"])).toBeLessThanOrEqual(50);
    }
    await world.clock.advance(60_000);
    const callId = await begins(second, bob);
    await ends(second, callId);
    await expectAftermath(cast, { callId, endReason: "cancelled" });
  });

  test("cannot use the last attempt with both at the same moment", async () => {
    const { cast, alice, second, bob, carol } = await aliceOnTwoLines();
    await beginsAllButOne(alice, bob);
    const sending = Promise.all([calls(alice, [bob]), calls(second, [carol])]);
    const replies = await meanwhile(world, sending);
    expect(replies.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 429]);
    const callId = String(replies.find(({ status }) => status === 200)?.body["callId"]);
    for (const line of [alice, second]) await line.send({ action: "endCall", clientId: line.clientId });
    await expectAftermath(cast, { callId, endReason: "cancelled" });
  });

  test("adds no more clients a minute to a call than with one client", async () => {
    const { cast, alice, second, bob, carol } = await aliceOnTwoLines();
    await beginsAllButOne(second, bob);
    const callId = await begins(alice, bob);
    const add = { action: "addToCall", callId, calleeIds: [carol.clientId] };
    expect(await alice.send(add)).toMatchObject({ status: 429, body: { code: "too_many_calls" } });
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "cancelled" });
  });
});

const asks = (phone: Phone, clientIds: readonly string[], key?: string): Promise<Reply> =>
  phone.send({ action: "deleteClientIds", clientIds }, key === undefined ? {} : { "idempotency-key": key });
const invented = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`);
const executions = async (): Promise<number> => {
  const stateMachineArn = world.runtime.outputs["CleanUpWorkflowArn"];
  return ((await world.aws("states", "ListExecutions", { stateMachineArn }))["executions"] as unknown[])
    .length;
};

describe("a person who asks for deletions", () => {
  test("of other people's clients is told which, and nothing is deleted", async () => {
    const cast = await openCast(world);
    const [alice, bob] = [await cast.phone("alice"), await cast.phone("bob")];
    const before = await executions();
    const [unknown = ""] = invented(1);
    const errors = [1, 2].map((n) => ({
      field: `clientIds.${n}`,
      message: "expected a client of your own",
    }));
    expect(await asks(alice, [alice.clientId, bob.clientId, unknown])).toMatchObject({
      status: 400,
      body: { code: "invalid_request", errors },
    });
    expect(await executions()).toBe(before);
    for (const phone of [alice, bob])
      expect((await phone.send({ action: "getClient", clientId: phone.clientId })).status).toBe(200);
  });

  test("of 5,000 invented ids is refused before any of them is read", async () => {
    const cast = await openCast(world);
    const alice = await cast.phone("alice");
    const [before, looked] = [await executions(), world.happened.length];
    const reply = await asks(alice, invented(5_000));
    expect(reply).toMatchObject({
      status: 400,
      body: { errors: [{ field: "clientIds", message: "expected at most 100 clients" }] },
    });
    expect(await executions()).toBe(before);
    const asked = world.happened
      .slice(looked)
      .flatMap((one) => (one.kind === "aws-call" && one.service === "dynamodb" ? [one.operation] : []));
    // The person's row.
    expect(asked).toEqual(["GetItem", "UpdateItem"]);
  });

  test("ten times within an hour has to wait for the rest of it, also for a client of their own", async () => {
    const cast = await openCast(world);
    const alice = await cast.phone("alice");
    for (let number = 1; number <= MAX_DELETIONS_AN_HOUR; number += 1)
      expect((await asks(alice, invented(number))).status).toBe(400);
    const reply = await asks(alice, [alice.clientId]);
    expect(reply).toMatchObject({ status: 429, body: { code: "too_many_deletions" } });
    const seconds = Number(reply.headers["retry-after"]);
    expect(seconds).toBeGreaterThan(HOUR_SECONDS - 60);
    expect(seconds).toBeLessThanOrEqual(HOUR_SECONDS);
    await world.clock.advance(HOUR_SECONDS * 1_000);
    const again = await world.phone(alice.owner, { deviceToken: alice.deviceToken });
    expect((await asks(again, [alice.clientId])).status).toBe(202);
  });

  test("with two requests at once when one is left: one is accepted", async () => {
    const cast = await openCast(world);
    const alice = await cast.phone("alice");
    for (let number = 1; number < MAX_DELETIONS_AN_HOUR; number += 1) await asks(alice, invented(1));
    const sending = Promise.all(["one", "two"].map((key) => asks(alice, [alice.clientId], key)));
    const statuses = (await meanwhile(world, sending)).map(({ status }) => status);
    expect(statuses.toSorted((one, other) => one - other)).toEqual([202, 429]);
  });

  test("as an operator has a hundred requests an hour, and may name 5,000 clients of any person", async () => {
    const olivia = await world.phone("olivia");
    expect((await asks(olivia, invented(5_000))).status).toBe(202);
    for (let number = 2; number <= 10 * MAX_DELETIONS_AN_HOUR; number += 1)
      expect((await asks(olivia, invented(1))).status).toBe(202);
    expect(await asks(olivia, invented(1))).toMatchObject({
      status: 429,
      body: { code: "too_many_deletions" },
    });
  });
});
