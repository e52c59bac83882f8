/** Calls of up to twelve: who rings, joins, leaves and joins late, and when the call ends. */
import { describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { type Phone, startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import {
  adds,
  answers,
  begins,
  calls,
  type Cast,
  declines,
  ends,
  history,
  joinsStage,
  legIn,
  openCast,
  seen,
} from "./cast.ts";

let world: World;
openForAll(startWorld, (opened) => void (world = opened));

const NAMES = [
  "bob",
  "carol",
  "dave",
  "erin",
  "frank",
  "grace",
  "heidi",
  "ivan",
  "judy",
  "kim",
  "leo",
  "mia",
];

interface Group {
  readonly cast: Cast;
  readonly alice: Phone;
  readonly others: Phone[];
  readonly callId: string;
}

/** Alice calls that many others at once, and their phones ring. */
async function aliceCalls(count: number): Promise<Group> {
  const cast = await openCast(world);
  const alice = await cast.phone("alice");
  const others: Phone[] = [];
  for (const name of NAMES.slice(0, count)) others.push(await cast.phone(name));
  const callId = await begins(alice, ...others);
  await world.clock.advance(1_000);
  return { cast, alice, others, callId };
}

/** Alice calls Bob and Carol. */
async function threeRing() {
  const { others, ...group } = await aliceCalls(2);
  const [bob, carol] = others as [Phone, Phone];
  return { ...group, bob, carol };
}

async function threeTalk() {
  const group = await threeRing();
  await answers(group.bob, group.callId);
  await answers(group.carol, group.callId);
  await world.clock.advance(2_000);
  return group;
}

const statuses = async (phone: Phone, callId: string): Promise<unknown[]> =>
  (await seen(phone, callId)).legs.map(({ status }) => status);

describe("a call of twelve", () => {
  test("rings eleven phones, lets each of them join, and tells all twelve of the end", async () => {
    const { cast, alice, others, callId } = await aliceCalls(11);
    expect(others.map((phone) => phone.pushes())).toEqual(others.map(() => ["incoming_call"]));
    for (const [index, phone] of others.entries()) {
      const reply = await answers(phone, callId);
      expect(reply).toMatchObject({ status: 200, body: { status: "answered" } });
      await world.runtime.ivs.join(String(reply.body["token"])).then(world.runtime.ivs.leave);
      await world.clock.advance(index * 500);
    }
    expect(await statuses(alice, callId)).toEqual(Array.from({ length: 12 }, () => "joined"));
    const item = await world.item(callId);
    expect(JSON.stringify(item).length).toBeLessThan(100_000);
    for (const phone of [alice, ...others.slice(0, 9)]) await ends(phone, callId);
    expect(await seen(alice, callId)).toMatchObject({ status: "answered" });
    await ends(others[9] as Phone, callId);
    expect(await seen(alice, callId)).toMatchObject({ status: "ended", endReason: "completed" });
    await expectAftermath(cast, { callId, endReason: "completed" });
  });

  test("takes no thirteenth client, neither at the start nor later", async () => {
    const { cast, alice, others, callId } = await aliceCalls(11);
    const mia = await cast.phone("mia");
    expect(await adds(alice, callId, mia)).toMatchObject({ status: 409, body: { code: "call_full" } });
    expect(await calls(mia, [alice, ...others])).toMatchObject({
      status: 400,
      body: { errors: [{ field: "calleeIds" }] },
    });
    await ends(alice, callId);
    await world.clock.advance(2_000);
    expect(others.map((phone) => phone.pushes().at(-1))).toEqual(others.map(() => "call_cancelled"));
    await expectAftermath(cast, { callId, endReason: "cancelled" });
  });

  test("without an answer is missed by all eleven", async () => {
    const { cast, others, callId } = await aliceCalls(11);
    await world.clock.advance(50_000);
    for (const phone of others) expect(phone.pushes()).toEqual(["incoming_call", "missed_call"]);
    await expectAftermath(cast, { callId, endReason: "missed" });
  });
});

describe("while a group rings", () => {
  test("a decline ends one leg, and the others ring on", async () => {
    const { cast, alice, bob, carol, callId } = await threeRing();
    expect(await declines(bob, callId)).toMatchObject({ status: 200, body: { status: "calling" } });
    await world.clock.advance(2_000);
    expect(await statuses(alice, callId)).toEqual(["joined", "left", "invited"]);
    expect(carol.pushes()).toEqual(["incoming_call"]);
    expect(await answers(carol, callId)).toMatchObject({ status: 200 });
    await ends(carol, callId);
    await expectAftermath(cast, { callId, endReason: "completed" });
    expect((await history(bob)).find((past) => past["callId"] === callId)?.["endReason"]).toBe("declined");
  });

  test("the call is over when all have declined", async () => {
    const { cast, bob, carol, callId } = await threeRing();
    await declines(bob, callId);
    expect(await declines(carol, callId)).toMatchObject({ body: { status: "ended", endReason: "declined" } });
    await expectAftermath(cast, { callId, endReason: "declined" });
  });

  test("a callee who does not answer in time has missed the call, and the others talk on", async () => {
    const { cast, alice, bob, carol, callId } = await threeRing();
    await answers(bob, callId);
    await world.clock.advance(50_000);
    expect(carol.pushes()).toEqual(["incoming_call", "missed_call"]);
    expect(await seen(alice, callId)).toMatchObject({ status: "answered" });
    expect(await legIn(callId, carol, alice)).toMatchObject({ status: "left", endReason: "missed" });
    expect(await history(carol)).toEqual([]);
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "completed" });
    expect((await history(carol)).find((past) => past["callId"] === callId)?.["endReason"]).toBe("missed");
  });

  test("a busy callee sees a missed call, and the others ring", async () => {
    const cast = await openCast(world);
    const [alice, bob, carol] = [
      await cast.phone("alice"),
      await cast.phone("bob"),
      await cast.phone("carol"),
    ];
    const dave = await cast.phone("dave");
    const talk = await begins(dave, carol);
    await answers(carol, talk);
    const callId = await begins(alice, bob, carol);
    await world.clock.advance(2_000);
    expect(await legIn(callId, carol, alice)).toMatchObject({ status: "left", endReason: "busy" });
    expect(carol.messages().map(({ data }) => [data["type"], data["call_id"]])).toContainEqual([
      "missed_call",
      callId,
    ]);
    expect(bob.pushes()).toEqual(["incoming_call"]);
    expect(await seen(carol, talk)).toMatchObject({ status: "answered" });
    await ends(dave, talk);
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "cancelled" });
    await expectAftermath(cast, { callId: talk, endReason: "completed" });
  });
});

describe("while a group talks", () => {
  test("the call goes on without its caller", async () => {
    const { cast, alice, bob, carol, callId } = await threeTalk();
    const talking = [await joinsStage(bob, callId), await joinsStage(carol, callId)];
    expect(await ends(alice, callId)).toMatchObject({
      status: 200,
      body: { ended: true, endReason: "completed" },
    });
    await world.clock.advance(60_000);
    expect(await seen(bob, callId)).toMatchObject({ status: "answered" });
    expect(await statuses(carol, callId)).toEqual(["left", "joined", "joined"]);
    talking.forEach(world.runtime.ivs.leave);
    await ends(carol, callId);
    await expectAftermath(cast, { callId, endReason: "completed" });
  });

  test("the call is over when one client is left alone", async () => {
    const { cast, alice, bob, carol, callId } = await threeTalk();
    await ends(bob, callId);
    await ends(carol, callId);
    expect(await seen(alice, callId)).toMatchObject({ status: "ended", endReason: "completed" });
    await expectAftermath(cast, { callId, endReason: "completed" });
  });

  test("a client that has left can call and be called while the others talk on", async () => {
    const { cast, alice, bob, carol, callId } = await threeTalk();
    const dave = await cast.phone("dave");
    await ends(carol, callId);
    await world.clock.advance(1_000);
    const first = await begins(dave, carol);
    expect(await answers(carol, first)).toMatchObject({ status: 200 });
    await ends(dave, first);
    await world.clock.advance(1_000);
    const second = await begins(carol, dave);
    await ends(carol, second);
    expect(await seen(bob, callId)).toMatchObject({ status: "answered" });
    await ends(alice, callId);
    await expectAftermath(cast, { callId: second, endReason: "cancelled" });
    await expectAftermath(cast, { callId, endReason: "completed" });
  });

  test("a client that has declined or left may rejoin, and the call takes its slot again", async () => {
    const { cast, alice, bob, carol, callId } = await threeRing();
    const dave = await cast.phone("dave");
    await answers(bob, callId);
    await declines(carol, callId);
    await world.clock.advance(2_000);
    const reply = await answers(carol, callId);
    expect(reply).toMatchObject({ status: 200, body: { status: "answered" } });
    expect((await world.runtime.ivs.join(String(reply.body["token"]))).connected).toBe(true);
    expect(await calls(dave, [carol])).toMatchObject({ status: 409, body: { code: "callee_busy" } });
    await ends(carol, callId);
    // A client that had joined and left did not miss the ring: it rejoins instead of answering.
    expect(await answers(carol, callId)).toMatchObject({ status: 410, body: { code: "call_over" } });
    expect(await carol.send({ action: "rejoinCall", callId })).toMatchObject({ status: 200 });
    await ends(alice, callId);
    await ends(carol, callId);
    await expectAftermath(cast, { callId, endReason: "completed" });
  });

  test("a client that has declined and is in another call now is refused, and both calls go on", async () => {
    const { cast, alice, bob, carol, callId } = await threeRing();
    const dave = await cast.phone("dave");
    await answers(bob, callId);
    await declines(carol, callId);
    await world.clock.advance(2_000);
    const other = await begins(dave, carol);
    await answers(carol, other);
    expect(await answers(carol, callId)).toMatchObject({
      status: 409,
      body: { code: "caller_in_call", callId: other },
    });
    expect(await seen(alice, callId)).toMatchObject({ status: "answered" });
    expect(await seen(dave, other)).toMatchObject({ status: "answered" });
    await ends(dave, other);
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "completed" });
    await expectAftermath(cast, { callId: other, endReason: "completed" });
  });
});
