/** A callee who is in another call, blocks the caller or is not to be disturbed; and repeated requests. */
import { describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import type { Shape } from "../../packages/local-aws/src/local-aws.ts";
import { type Phone, type Reply, startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import {
  aliceAndBob,
  answers,
  begins,
  calls,
  type Cast,
  declines,
  ends,
  history,
  meanwhile,
  openCast,
  seen,
} from "./cast.ts";

let world: World;
openForAll(startWorld, (opened) => void (world = opened));

const block = (phone: Phone, other: Phone): Promise<Reply> =>
  phone.send({ action: "blockClient", clientId: phone.clientId, blockedId: other.clientId });
const unblock = (phone: Phone, other: Phone): Promise<Reply> =>
  phone.send({ action: "unblockClient", clientId: phone.clientId, blockedId: other.clientId });
const notBefore = (phone: Phone, untilMs: number | null): Promise<Reply> =>
  phone.send({ action: "setDoNotDisturb", clientId: phone.clientId, untilMs });

async function slotOf({ clientId }: Phone): Promise<unknown> {
  const { Item } = await world.aws("dynamodb", "GetItem", {
    TableName: world.runtime.physicalId("ClientsTable"),
    Key: { clientId: { S: clientId } },
  });
  return (Item as Record<string, { S: string }>)["activeCallId"]?.S;
}

const toldLive = ({ clientId }: Phone, callId: string): Record<string, unknown>[] =>
  world.events("LegUpdated").filter((one) => one["callId"] === callId && one["clientId"] === clientId);

test("a call to a busy callee is refused and recorded as busy, and the callee sees a missed call", async () => {
  const { cast, alice, bob } = await aliceAndBob(world);
  const carol = await cast.phone("carol");
  const talk = await begins(carol, bob);
  await world.clock.advance(1_000);
  await answers(bob, talk);
  const reply = await calls(alice, [bob]);
  expect(reply).toMatchObject({ status: 409, body: { code: "callee_busy", callId: expect.any(String) } });
  const callId = String(reply.body["callId"]);
  await world.clock.advance(2_000);
  expect(await seen(alice, callId)).toMatchObject({ status: "ended", endReason: "busy" });
  expect(bob.pushes()).toEqual(["incoming_call", "missed_call"]);
  expect(bob.messages().at(-1)?.data).toMatchObject({ caller_id: alice.clientId, reason: "busy" });
  for (const person of [alice, bob]) {
    expect((await history(person))[0]).toMatchObject({ callId, endReason: "busy", durationMs: 0 });
  }
  expect(await seen(bob, talk)).toMatchObject({ status: "answered" });
  await ends(bob, talk);
  await expectAftermath(cast, { callId, endReason: "busy" });
  await expectAftermath(cast, { callId: talk, endReason: "completed" });
});

describe("a blocked caller", () => {
  /** All that the caller can learn about a call, without what differs between any two calls. */
  async function whatTheCallerSees(cast: Cast, alice: Phone, bob: Phone, calling: Promise<Reply>) {
    const first = await calling;
    const callId = String(first.body["callId"]);
    const again = await calls(alice, [bob]);
    await world.clock.advance(3_000);
    const read = await alice.send({ action: "getCall", callId });
    const rejoin = await alice.send({ action: "rejoinCall", callId });
    const end = await ends(alice, callId);
    await world.clock.advance(3_000);
    const past = (await history(alice)).filter((one) => one["callId"] === callId);
    const live = toldLive(alice, callId).map(({ causedBy: _run, ...detail }) => detail);
    const replies = [first, again, read, rejoin, end].map(({ status, body }) => ({ status, body }));
    const known: [string, string][] = [
      [callId, "this call"],
      [alice.clientId, "alice"],
      [bob.clientId, "bob"],
    ];
    const text = known.reduce(
      (rest, [id, name]) => rest.replaceAll(id, name),
      JSON.stringify({ replies, past, live }, null, 1),
    );
    expect(cast.phones.length).toBeGreaterThan(1);
    return { callId, facts: text.replace(/"eyJ[^"]+"/g, '"token"').replace(/\b\d{13}\b/g, '"time"') };
  }

  const PREPARED = {
    async blocked(_cast: Cast, alice: Phone, bob: Phone) {
      await block(bob, alice);
    },
    async "blocked, and the callee is in a call"(cast: Cast, alice: Phone, bob: Phone) {
      await block(bob, alice);
      const carol = await cast.phone("carol");
      await answers(bob, await begins(carol, bob));
    },
    async "not blocked, and every token of the callee is gone"(_cast: Cast, _alice: Phone, bob: Phone) {
      world.runtime.pinpoint.setOutcome(bob.deviceToken, "PERMANENT_FAILURE");
    },
    async "not blocked, and the callee has no device at all"(_cast: Cast, _alice: Phone, bob: Phone) {
      const { clientId, deviceToken } = bob;
      await bob.send({ action: "unregister", clientId, deviceToken });
    },
    async "not to disturb the callee"(_cast: Cast, _alice: Phone, bob: Phone) {
      await notBefore(bob, world.clock.now() + 60_000);
    },
  };
  const found = new Map<string, string>();

  test.each(Object.keys(PREPARED) as (keyof typeof PREPARED)[])(
    "sees the same as any caller of an unreachable callee: a caller who is %s",
    async (how) => {
      const { cast, alice, bob } = await aliceAndBob(world);
      await PREPARED[how](cast, alice, bob);
      const { callId, facts } = await whatTheCallerSees(cast, alice, bob, calls(alice, [bob]));
      found.set(how, facts);
      expect(facts).toBe(found.get("blocked"));
      expect(facts).toContain('"unreachable"');
      const [, , carol] = cast.phones;
      if (carol) await carol.send({ action: "endCall", clientId: carol.clientId });
      await expectAftermath(cast, { callId, endReason: "unreachable" });
    },
  );

  test("reaches nothing of the blocker: no push, no live update, no history, no slot, and the call cannot be read", async () => {
    const { cast, alice, bob } = await aliceAndBob(world);
    const carol = await cast.phone("carol");
    expect(await block(bob, alice)).toMatchObject({ status: 200, body: { blockedIds: [alice.clientId] } });
    const callId = await begins(alice, bob);
    expect(await slotOf(bob)).toBeUndefined();
    expect(await bob.send({ action: "getCall", callId })).toMatchObject({ status: 403 });
    expect(await answers(bob, callId)).toMatchObject({ status: 403 });
    const other = await begins(carol, bob);
    await world.clock.advance(3_000);
    expect(bob.messages().map(({ data }) => data["call_id"])).toEqual([other]);
    expect(toldLive(bob, callId)).toEqual([]);
    expect(await history(bob)).toEqual([]);
    expect(await world.states(callId)).toContain("Kept silent");
    await ends(carol, other);
    await expectAftermath(cast, { callId, endReason: "unreachable" });
    expect((await history(bob)).map((past) => past["callId"])).not.toContain(callId);
  });

  test("stays blocked on every client of the blocked person, however often it calls", async () => {
    const { cast, alice, bob } = await aliceAndBob(world);
    await block(bob, alice);
    const other = await cast.phone("alice", "second");
    for (const caller of [alice, other, alice, other]) {
      const callId = await begins(caller, bob);
      await world.clock.advance(2_000);
      expect(await seen(caller, callId)).toMatchObject({ status: "ended", endReason: "unreachable" });
    }
    expect(bob.pushes()).toEqual([]);
    const callId = await begins(alice, bob);
    await expectAftermath(cast, { callId, endReason: "unreachable" });
  });

  test("gets through again once unblocked, and could be called all the time", async () => {
    const { cast, alice, bob } = await aliceAndBob(world);
    await block(bob, alice);
    const back = await begins(bob, alice);
    await world.clock.advance(1_000);
    expect(await answers(alice, back)).toMatchObject({ status: 200 });
    await ends(bob, back);
    expect(await unblock(bob, alice)).toMatchObject({ status: 200, body: { blockedIds: [] } });
    const callId = await begins(alice, bob);
    await world.clock.advance(1_000);
    expect(bob.pushes()).toEqual(["incoming_call"]);
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "cancelled" });
  });
});

test("a callee who is not to be disturbed gets no push but a history row, and the phone rings again afterwards", async () => {
  const { cast, alice, bob } = await aliceAndBob(world);
  const untilMs = world.clock.now() + 60_000;
  expect(await notBefore(bob, untilMs)).toMatchObject({
    status: 200,
    body: { doNotDisturbUntilMs: untilMs },
  });
  const quiet = await begins(alice, bob);
  await world.clock.advance(5_000);
  expect(bob.pushes()).toEqual([]);
  expect(await world.states(quiet)).toContain("Kept silent");
  expect(await history(bob)).toMatchObject([{ callId: quiet, endReason: "unreachable" }]);
  await world.clock.advance(untilMs - world.clock.now());
  const callId = await begins(alice, bob);
  await world.clock.advance(1_000);
  expect(bob.pushes()).toEqual(["incoming_call"]);
  await ends(alice, callId);
  await expectAftermath(cast, { callId, endReason: "cancelled" });
  await expectAftermath(cast, { callId: quiet, endReason: "unreachable" });
});

test("glare between people with several phones: the phones that rang stop, except the one that called back", async () => {
  const cast = await openCast(world);
  const [alice, bob] = [await cast.phone("alice", "phone"), await cast.phone("bob", "phone")];
  const [alices, bobs] = [
    await cast.phone("alice", "tablet", { clientId: alice.clientId }),
    await cast.phone("bob", "tablet", { clientId: bob.clientId }),
  ];
  const callId = await begins(alice, bob);
  await world.clock.advance(1_000);
  const back = await calls(bob, [alice]);
  expect(back).toMatchObject({ status: 200, body: { callId, status: "answered" } });
  await world.clock.advance(2_000);
  expect(bob.pushes()).toEqual(["incoming_call"]);
  expect(bobs.pushes()).toEqual(["incoming_call", "answered_elsewhere"]);
  expect([...alice.pushes(), ...alices.pushes()]).toEqual([]);
  await ends(alice, callId);
  await expectAftermath(cast, { callId, endReason: "completed" });
});

describe("a request with an Idempotency-Key", () => {
  const keyed = (caller: Phone, callee: Phone, key: string, more: Shape = {}): Promise<Reply> =>
    caller.send(
      { action: "initiateCall", callerId: caller.clientId, calleeId: callee.clientId, ...more },
      { "idempotency-key": key },
    );

  test("that is repeated after a fast decline does not ring again", async () => {
    const { cast, alice, bob } = await aliceAndBob(world);
    const callId = String((await keyed(alice, bob, "key-1")).body["callId"]);
    await world.clock.advance(1_000);
    await declines(bob, callId);
    await world.clock.advance(5_000);
    expect(await keyed(alice, bob, "key-1")).toMatchObject({
      status: 410,
      body: { code: "call_over", endReason: "declined", callId },
    });
    await world.clock.advance(2_000);
    expect(bob.pushes()).toEqual(["incoming_call"]);
    await expectAftermath(cast, { callId, endReason: "declined" });
  });

  test("that is repeated while the call rings returns the same call with a fresh token", async () => {
    const { cast, alice, bob } = await aliceAndBob(world);
    const first = await keyed(alice, bob, "key-1");
    await world.clock.advance(1_000);
    const again = await keyed(alice, bob, "key-1");
    const callId = String(first.body["callId"]);
    expect(again).toMatchObject({ status: 200, body: { callId } });
    expect(again.body["token"]).not.toBe(first.body["token"]);
    await world.clock.advance(1_000);
    expect(bob.pushes()).toEqual(["incoming_call"]);
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "cancelled" });
  });

  test.each([
    ["while that call rings", false],
    ["after that call", true],
  ])("that was used for another call is refused %s", async (_when, over) => {
    const { cast, alice, bob } = await aliceAndBob(world);
    const callId = String((await keyed(alice, bob, "key-1")).body["callId"]);
    if (over) await ends(alice, callId);
    const refused = { status: 422, body: { code: "idempotency_key_reused" } };
    expect(await keyed(alice, bob, "key-1", { media: "video" })).toMatchObject(refused);
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "cancelled" });
  });

  test("that is sent twice at once begins one call", async () => {
    const { cast, alice, bob } = await aliceAndBob(world);
    const sending = Promise.all([keyed(alice, bob, "key-1"), keyed(alice, bob, "key-1")]);
    const replies = await meanwhile(world, sending);
    expect(replies.map(({ status }) => status)).toEqual([200, 200]);
    expect(new Set(replies.map(({ body }) => body["callId"])).size).toBe(1);
    const callId = String(replies[0]?.body["callId"]);
    expect(bob.pushes()).toEqual(["incoming_call"]);
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "cancelled" });
  });

  test("begins another call for another person", async () => {
    const { cast, alice, bob } = await aliceAndBob(world);
    const carol = await cast.phone("carol");
    const callId = String((await keyed(alice, bob, "key-1")).body["callId"]);
    await ends(alice, callId);
    await world.clock.advance(1_000);
    const other = await keyed(carol, bob, "key-1");
    expect(other.status).toBe(200);
    expect(other.body["callId"]).not.toBe(callId);
    await ends(carol, String(other.body["callId"]));
    await expectAftermath(cast, { callId, endReason: "cancelled" });
  });
});
