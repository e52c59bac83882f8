/** An operator ends other people's calls and removes people from them: who learns what, and who may rejoin. */
import { describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { type Phone, type Reply, startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import {
  adds,
  answers,
  begins,
  type Cast,
  ends,
  history,
  joinsStage,
  legIn,
  openCast,
  recorded,
  rings,
  seen,
} from "./cast.ts";
import { slow } from "./faults.ts";

let world: World;
openForAll(startWorld, (opened) => void (world = opened));

interface Company {
  readonly cast: Cast;
  readonly callId: string;
  /** The caller comes first. */
  readonly all: readonly [Phone, Phone, ...Phone[]];
  readonly olivia: Phone;
}

/** Alice calls Bob, or Bob and Carol, and their phones ring. Olivia is an operator. */
async function ringing(people: 2 | 3): Promise<Company> {
  const cast = await openCast(world);
  const [alice, bob] = [await cast.phone("alice"), await cast.phone("bob")];
  const others = people === 3 ? [bob, await cast.phone("carol")] : [bob];
  const olivia = recorded(await world.phone("olivia"), cast.replies);
  const callId = await begins(alice, ...others);
  await world.clock.advance(1_000);
  for (const phone of others) await rings(phone, callId);
  return { cast, callId, olivia, all: [alice, bob, ...others.slice(1)] };
}

async function talking(people: 2 | 3): Promise<Company> {
  const company = await ringing(people);
  const [, ...callees] = company.all;
  for (const phone of callees) await answers(phone, company.callId);
  for (const phone of company.all) await joinsStage(phone, company.callId);
  await world.clock.advance(2_000);
  return company;
}

const endsForEveryone = ({ olivia, callId, all: [{ clientId }] }: Company): Promise<Reply> =>
  olivia.send({ action: "endCall", callId, clientId, everyone: true });
const removes = ({ olivia, callId }: Company, { clientId }: Phone): Promise<Reply> =>
  olivia.send({ action: "endCall", callId, clientId });

/** The end reason in each participant's history. */
const remembered = async ({ all, callId }: Company): Promise<unknown[]> =>
  Promise.all(
    all.map(async (phone) => (await history(phone)).find((past) => past["callId"] === callId)?.["endReason"]),
  );
/** The last push to a phone, with its reason. */
function lastPush(phone: Phone): unknown[] {
  const data = phone.messages().at(-1)?.data;
  return [data?.["type"], data?.["reason"]];
}
const lastLiveWord = ({ callId }: Company, { clientId }: Phone) =>
  world.events("LegUpdated").findLast((one) => one["callId"] === callId && one["clientId"] === clientId);
const acts = async (callId: string): Promise<unknown[]> => {
  const { operatorActs } = await world.item(callId);
  const listed = (operatorActs?.["L"] ?? []) as { M: Record<string, { S: string }> }[];
  return listed.map(({ M }) => [M["act"]?.S, M["username"]?.S]);
};

describe("an operator ends a call for everyone", () => {
  test.each([2, 3] as const)("of %s while it rings: the phones stop, with the reason", async (people) => {
    const company = await ringing(people);
    const { cast, callId, all } = company;
    const [alice, ...callees] = all;
    const ended = { ended: true, callId, endReason: "ended_by_operator" };
    expect(await endsForEveryone(company)).toMatchObject({ status: 200, body: ended });
    await world.clock.advance(2_000);
    for (const phone of callees) expect(lastPush(phone)).toEqual(["call_cancelled", "ended_by_operator"]);
    expect(await seen(alice, callId)).toMatchObject({ status: "ended", endReason: "ended_by_operator" });
    expect(await answers(callees[0] as Phone, callId)).toMatchObject({
      status: 410,
      body: { code: "call_over", endReason: "ended_by_operator" },
    });
    await expectAftermath(cast, { callId, endReason: "ended_by_operator" });
    expect(await remembered(company)).toEqual(all.map(() => "ended_by_operator"));
  });

  test.each([2, 3] as const)(
    "of %s while they talk: each side gets a live update with the same reason",
    async (people) => {
      const company = await talking(people);
      const { cast, callId, all } = company;
      expect(await endsForEveryone(company)).toMatchObject({ body: { endReason: "ended_by_operator" } });
      await world.clock.advance(2_000);
      for (const phone of all)
        expect(lastLiveWord(company, phone)).toMatchObject({
          status: "ended",
          endReason: "ended_by_operator",
          legEndReason: "ended_by_operator",
        });
      expect(await acts(callId)).toEqual([["ended", "olivia"]]);
      await expectAftermath(cast, { callId, endReason: "ended_by_operator" });
      expect(await remembered(company)).toEqual(all.map(() => "ended_by_operator"));
    },
  );

  test("once: a repeat changes nothing, and a later hang-up finds the call ended", async () => {
    const company = await talking(2);
    const { cast, callId, all } = company;
    const first = await endsForEveryone(company);
    expect((await endsForEveryone(company)).body).toMatchObject({
      ended: true,
      endReason: first.body["endReason"],
    });
    expect(await ends(all[1], callId)).toMatchObject({ body: { endReason: "ended_by_operator" } });
    expect(await acts(callId)).toEqual([["ended", "olivia"]]);
    await expectAftermath(cast, { callId, endReason: "ended_by_operator" });
  });
});

describe("an operator removes one of two", () => {
  test.each([
    ["the caller", 0],
    ["the callee", 1],
  ] as const)(
    "while they talk, %s: the call is over, and only that person was removed",
    async (_who, index) => {
      const company = await talking(2);
      const { cast, callId, all } = company;
      const [removed, other] = [all[index], all[1 - index] as Phone];
      expect(await removes(company, removed)).toMatchObject({
        status: 200,
        body: { ended: true, endReason: "removed" },
      });
      await world.clock.advance(2_000);
      expect(lastLiveWord(company, removed)).toMatchObject({ endReason: "removed", legEndReason: "removed" });
      expect(lastLiveWord(company, other)).toMatchObject({
        endReason: "removed",
        legEndReason: "ended_by_operator",
      });
      expect(await removed.send({ action: "rejoinCall", callId })).toMatchObject({
        status: 403,
        body: { code: "removed_from_call" },
      });
      expect(await other.send({ action: "rejoinCall", callId })).toMatchObject({
        status: 410,
        body: { code: "call_over", endReason: "ended_by_operator" },
      });
      await expectAftermath(cast, { callId, endReason: "removed" });
      const told = index === 0 ? ["removed", "ended_by_operator"] : ["ended_by_operator", "removed"];
      expect(await remembered(company)).toEqual(told);
    },
  );

  test.each([
    ["the caller", 0, "ended_by_operator"],
    ["the callee", 1, "removed"],
  ] as const)("while it rings, %s: the phone stops ringing", async (_who, index, reason) => {
    const company = await ringing(2);
    const { cast, callId, all } = company;
    expect(await removes(company, all[index])).toMatchObject({ body: { ended: true, endReason: "removed" } });
    await world.clock.advance(2_000);
    expect(lastPush(all[1])).toEqual(["call_cancelled", reason]);
    const late = await answers(all[1], callId);
    expect(late).toMatchObject(
      index === 1
        ? { status: 403, body: { code: "removed_from_call" } }
        : { status: 410, body: { code: "call_over", endReason: "ended_by_operator" } },
    );
    await expectAftermath(cast, { callId, endReason: "removed" });
  });
});

describe("an operator removes one of three", () => {
  const REFUSED = { status: 403, body: { code: "removed_from_call", endReason: "removed" } };

  test("while they talk: the others talk on, and only an operator can bring the person back", async () => {
    const company = await talking(3);
    const { cast, callId, olivia, all } = company;
    const [alice, bob, carol] = all as readonly [Phone, Phone, Phone];
    const another = await bob.send({
      action: "register",
      notifyType: "GCM",
      deviceToken: `${bob.deviceToken}-another-line`,
      anotherClient: true,
    });
    expect(await removes(company, bob)).toMatchObject({ body: { ended: true, endReason: "removed" } });
    await world.clock.advance(1_000);
    expect(await seen(alice, callId)).toMatchObject({ status: "answered" });
    expect(await legIn(callId, bob, carol)).toMatchObject({ status: "left", endReason: "removed" });
    expect(lastLiveWord(company, bob)).toMatchObject({ status: "answered", legEndReason: "removed" });

    expect(await bob.send({ action: "rejoinCall", callId })).toMatchObject(REFUSED);
    expect(await answers(bob, callId)).toMatchObject(REFUSED);
    expect(await adds(alice, callId, bob)).toMatchObject(REFUSED);
    const other = { clientId: String(another.body["id"]) };
    expect(other.clientId).not.toBe(bob.clientId);
    expect(await bob.send({ action: "rejoinCall", callId, ...other })).toMatchObject(REFUSED);
    const added = await alice.send({ action: "addToCall", callId, calleeIds: [other.clientId] });
    expect(added).toMatchObject(REFUSED);
    expect(await legIn(callId, bob, carol)).toMatchObject({ status: "left", endReason: "removed" });

    expect(await adds(olivia, callId, bob)).toMatchObject({ status: 200, body: { status: "answered" } });
    await world.clock.advance(1_000);
    expect(bob.pushes().at(-1)).toBe("incoming_call");
    const answered = await answers(bob, callId);
    expect(answered).toMatchObject({ status: 200, body: { status: "answered" } });
    expect((await bob.joins(answered)).connected).toBe(true);
    expect(await bob.send({ action: "rejoinCall", callId })).toMatchObject({ status: 200 });
    expect(await acts(callId)).toEqual([
      ["removed", "olivia"],
      ["added", "olivia"],
    ]);
    for (const phone of all) await ends(phone, callId);
    await expectAftermath(cast, { callId, endReason: "completed" });
    expect(await remembered(company)).toEqual(["completed", "completed", "completed"]);
  });

  test("who has just hung up: the reason stays, and they cannot rejoin", async () => {
    const company = await talking(3);
    const { cast, callId, all } = company;
    await ends(all[1], callId);
    expect(await removes(company, all[1])).toMatchObject({ body: { ended: true, endReason: "completed" } });
    expect(await all[1].send({ action: "rejoinCall", callId })).toMatchObject(REFUSED);
    await ends(all[0], callId);
    await expectAftermath(cast, { callId, endReason: "completed" });
  });

  test("who is the caller: a repeat of the request that began the call brings no token either", async () => {
    const cast = await openCast(world);
    const [alice, bob] = [await cast.phone("alice"), await cast.phone("bob")];
    const carol = await cast.phone("carol");
    const olivia = recorded(await world.phone("olivia"), cast.replies);
    const calleeIds = [bob.clientId, carol.clientId];
    const request = { action: "initiateCall", callerId: alice.clientId, calleeIds };
    const key = { "idempotency-key": `key of ${alice.clientId}`.replaceAll(" ", "-") };
    const callId = String((await alice.send(request, key)).body["callId"]);
    await answers(bob, callId);
    await answers(carol, callId);
    expect(await alice.send(request, key)).toMatchObject({ status: 200, body: { callId } });
    await olivia.send({ action: "endCall", callId, clientId: alice.clientId });
    expect(await alice.send(request, key)).toMatchObject(REFUSED);
    await ends(bob, callId);
    await expectAftermath(cast, { callId, endReason: "completed" });
  });

  test("who is the caller: other participants cannot add them, and they may rejoin after an operator has", async () => {
    const company = await talking(3);
    const { cast, callId, olivia, all } = company;
    const [alice, bob] = all;
    await removes(company, alice);
    expect(await alice.send({ action: "rejoinCall", callId })).toMatchObject(REFUSED);
    expect(await adds(bob, callId, alice)).toMatchObject(REFUSED);
    expect(await adds(olivia, callId, alice)).toMatchObject({ status: 200 });
    expect(await adds(olivia, callId, alice)).toMatchObject({ status: 200 });
    expect(await alice.send({ action: "rejoinCall", callId })).toMatchObject({ status: 200 });
    for (const phone of all) await ends(phone, callId);
    await expectAftermath(cast, { callId, endReason: "completed" });
  });

  test("while their phone rings: it stops, and the other rings on", async () => {
    const company = await ringing(3);
    const { cast, callId, olivia, all } = company;
    const [alice, bob, carol] = all as readonly [Phone, Phone, Phone];
    await removes(company, bob);
    await world.clock.advance(2_000);
    expect([lastPush(bob), carol.pushes()]).toEqual([["call_cancelled", "removed"], ["incoming_call"]]);
    expect(await answers(bob, callId)).toMatchObject(REFUSED);
    expect(await bob.send({ action: "rejoinCall", callId })).toMatchObject(REFUSED);
    expect(await adds(alice, callId, bob)).toMatchObject(REFUSED);
    expect(await adds(olivia, callId, bob)).toMatchObject({ status: 200 });
    expect(await answers(bob, callId)).toMatchObject({ status: 200 });
    await ends(alice, callId);
    await ends(bob, callId);
    await expectAftermath(cast, { callId, endReason: "completed" });
  });
});

describe("a hang-up and an operator's act at the same moment: the first outcome wins, and both replies give it", () => {
  const OPERATORS_ACTS = [
    ["ends the call", endsForEveryone, "ended_by_operator"],
    ["removes Bob", (company: Company) => removes(company, company.all[1]), "removed"],
  ] as const;
  const bobHangsUp = ({ all, callId }: Company): Promise<Reply> => ends(all[1], callId);

  test.each(OPERATORS_ACTS)("the operator %s", async (_what, act, reason) => {
    for (const doing of [
      [act, bobHangsUp],
      [bobHangsUp, act],
    ]) {
      const company = await talking(2);
      const replies = await Promise.all(doing.map((one) => one(company)));
      const [endReason, ...others] = new Set(replies.map(({ body }) => body["endReason"]));
      expect(others).toEqual([]);
      expect(["completed", reason]).toContain(endReason);
      await expectAftermath(company.cast, { callId: company.callId, endReason: String(endReason) });
    }
  });

  test.each(OPERATORS_ACTS)(
    "the operator %s, while the slower of the two writes after the faster",
    async (_what, act, reason) => {
      for (const [slower, faster, endReason] of [
        [act, bobHangsUp, "completed"],
        [bobHangsUp, act, reason],
      ] as const) {
        const company = await talking(2);
        company.cast.interfere({
          service: "dynamodb",
          operation: "UpdateItem",
          from: "ringmaster-rest-entrypoint",
          fault: slow(world.clock, 500),
        });
        const slowly = slower(company);
        await world.clock.advance(100);
        expect(await faster(company)).toMatchObject({ body: { endReason } });
        await world.clock.advance(1_000);
        expect(await slowly).toMatchObject({ body: { endReason } });
        await expectAftermath(company.cast, { callId: company.callId, endReason });
        const { operatorActs } = await world.item(company.callId);
        expect(operatorActs === undefined).toBe(endReason === "completed");
      }
    },
  );
});
