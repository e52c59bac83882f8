/**
 * Ended means off the stage, for phones that do not leave by themselves. However a leg ends, and whatever IVS reports, its
 * participants hear nothing 15 seconds later, and the others talk on. Invariants R1 to R5: calls/removals.ts.
 */
import { describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import type { Participant } from "../../packages/local-aws/src/ivs-realtime/media-plane.ts";
import { type Phone, type Reply, startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import { adds, answers, declines, ends, joinsStage } from "./cast.ts";
import { refused, THROTTLED } from "./faults.ts";
import {
  type Company,
  endsForEveryone,
  HINTS,
  OFF_WITHIN_MS,
  onOf,
  phoneOf,
  removes,
  staying,
} from "./staying.ts";
import { MINUTE_MS, SECOND_MS } from "./vanishing.ts";

let world: World;
let it: ReturnType<typeof staying>;
openForAll(startWorld, (opened) => {
  world = opened;
  it = staying(world);
});

async function reachesItsLimit({ callId }: Company): Promise<void> {
  await world.aws("dynamodb", "UpdateItem", {
    TableName: world.runtime.physicalId("CallsTable"),
    Key: { pk: { S: callId }, sk: { S: "call" } },
    UpdateExpression: "SET deadlineMs = :now, sweepAtMs = :now",
    ExpressionAttributeValues: { ":now": { N: String(world.clock.now()) } },
  });
  await untilOver(callId);
}
const untilOver = (callId: string): Promise<void> =>
  world.clock.until(async () => (await world.item(callId))["status"]?.["S"] === "ended", 10 * MINUTE_MS);

/** What can end a whole call of any size. */
const ENDS: Readonly<Record<string, readonly [reason: string, act: (company: Company) => Promise<unknown>]>> =
  {
    "an operator ends it for everyone": ["ended_by_operator", endsForEveryone],
    "it reaches its limit": ["expired", reachesItsLimit],
    "its workflow is stopped": [
      "failed",
      async ({ callId }) => {
        const machine = world.runtime.outputs["CallWorkflowArn"];
        const executionArn = `${machine?.replace(":stateMachine:", ":execution:")}:${callId}`;
        await world.aws("states", "StopExecution", { executionArn });
        await untilOver(callId);
      },
    ],
  };

describe.each(HINTS)("hints %s: a call of two is off the stage 15 seconds after", (hints) => {
  test.each([
    ["the caller hangs up", "completed", (one: Company) => ends(phoneOf(one, 0), one.callId)],
    ["the callee hangs up", "completed", (one: Company) => ends(phoneOf(one, 1), one.callId)],
    ["an operator removes the callee", "removed", (one: Company) => removes(one, phoneOf(one, 1))],
    ...Object.entries(ENDS).map(([how, [reason, act]]) => [how, reason, act] as const),
  ] as const)("%s", async (_how, endReason, act) => {
    const company = await it.talking(2, hints);
    await act(company);
    await world.clock.advance(OFF_WITHIN_MS);
    expect(company.on.map(it.hears)).toEqual([[], []]);
    await expectAftermath(company.cast, { callId: company.callId, endReason });
  });

  test.each([
    ["it is declined", "declined", (one: Company) => declines(phoneOf(one, 1), one.callId)],
    ["it is cancelled", "cancelled", (one: Company) => ends(phoneOf(one, 0), one.callId)],
    ["it is missed", "missed", (one: Company) => untilOver(one.callId)],
    ["an operator ends it while it rings", "ended_by_operator", endsForEveryone],
  ] as const)("%s, with a caller who had joined", async (_how, endReason, act) => {
    const company = await it.ringing(2, hints);
    await act(company);
    await world.clock.advance(OFF_WITHIN_MS);
    expect(it.hears(onOf(company, 0))).toEqual([]);
    await expectAftermath(company.cast, { callId: company.callId, endReason });
  });
});

describe.each(HINTS)("hints %s: in a call of twelve", (hints) => {
  test("a client that hangs up and one that an operator removes hear nothing 15 seconds later, and the others talk on", async () => {
    const company = await it.talking(12, hints);
    const { cast, callId, on, phones } = company;
    await ends(phoneOf(company, 3), callId);
    await removes(company, phoneOf(company, 4));
    await world.clock.advance(OFF_WITHIN_MS);
    expect(on.map((one) => it.hears(one).length)).toEqual([9, 9, 9, 0, 0, 9, 9, 9, 9, 9, 9, 9]);
    await endsForEveryone({ ...company, phones });
    await world.clock.advance(OFF_WITHIN_MS);
    expect(on.flatMap(it.hears)).toEqual([]);
    await expectAftermath(cast, { callId, endReason: "ended_by_operator" });
  });
});

describe.each(["as they happen", "lost"] as const)("hints %s: of a call of twelve", (hints) => {
  test.each(Object.entries(ENDS).slice(1))(
    "%s: no client hears anything 15 seconds later",
    async (_how, [endReason, act]) => {
      const company = await it.talking(12, hints);
      await act(company);
      await world.clock.advance(OFF_WITHIN_MS);
      expect(company.on.flatMap(it.hears)).toEqual([]);
      await expectAftermath(company.cast, { callId: company.callId, endReason });
    },
  );
});

test.each(HINTS)(
  "hints %s: a caller who had joined hears nothing after a call that reached no phone",
  async (hints) => {
    const company = await it.ringing(2, hints, ([, bob]) =>
      world.runtime.pinpoint.setOutcome(String(bob?.deviceToken), "PERMANENT_FAILURE"),
    );
    await untilOver(company.callId);
    await world.clock.advance(OFF_WITHIN_MS);
    expect(it.hears(onOf(company, 0))).toEqual([]);
    await expectAftermath(company.cast, { callId: company.callId, endReason: "unreachable" });
  },
);

test.each([2, 3])("a person whose client is deleted is off the stage of a call of %i", async (people) => {
  const company = await it.talking(people);
  const { callId, olivia, on } = company;
  const { clientId } = phoneOf(company, 1);
  expect(await olivia.send({ action: "deleteClientIds", clientIds: [clientId] })).toMatchObject({
    status: 202,
  });
  const hasLeft = async () => JSON.stringify(await world.item(callId)).includes("leftAtMs");
  await world.clock.until(hasLeft, MINUTE_MS);
  await world.clock.advance(OFF_WITHIN_MS);
  expect(on.map((one) => it.hears(one).length)).toEqual(people === 2 ? [0, 0] : [1, 0, 1]);
  await endsForEveryone(company);
  await world.clock.advance(OFF_WITHIN_MS);
  expect(on.flatMap(it.hears)).toEqual([]);
});

describe("in a call of three that goes on", () => {
  const three = async (): Promise<Company> => it.talking(3);

  test("a client that rejoins has a later token, and stays on the stage", async () => {
    const company = await three();
    const { cast, callId, on } = company;
    await ends(phoneOf(company, 1), callId);
    const back = await joinsStage(phoneOf(company, 1), callId);
    await world.clock.advance(5 * MINUTE_MS);
    expect([it.hears(onOf(company, 1)), it.hears(back).length, on[0]?.connected]).toEqual([[], 2, true]);
    await endsForEveryone(company);
    await expectAftermath(cast, { callId, endReason: "ended_by_operator" });
  });

  test("a participant that only listens is removed like any other", async () => {
    const company = await three();
    const { cast, callId } = company;
    world.runtime.ivs.unpublish(onOf(company, 1));
    expect(it.hears(onOf(company, 1))).toHaveLength(2);
    await ends(phoneOf(company, 1), callId);
    await world.clock.advance(OFF_WITHIN_MS);
    expect(it.hears(onOf(company, 1))).toEqual([]);
    await endsForEveryone(company);
    await expectAftermath(cast, { callId, endReason: "ended_by_operator" });
  });

  test("a client that was dropped cannot join again with its token, which is revoked", async () => {
    const company = await three();
    const { cast, callId } = company;
    const token = String((await phoneOf(company, 1).send({ action: "rejoinCall", callId })).body["token"]);
    const again = await world.runtime.ivs.join(token);
    world.runtime.ivs.publish(again);
    await world.clock.advance(SECOND_MS);
    for (const side of [onOf(company, 1), again]) world.runtime.ivs.leave(side);
    const isDropped = async () => JSON.stringify((await world.item(callId))["legs"]).includes("dropped");
    await world.clock.until(isDropped, 3 * MINUTE_MS);
    await world.clock.advance(OFF_WITHIN_MS);
    await expect(world.runtime.ivs.join(token)).rejects.toMatchObject({ code: "PARTICIPANT_DISCONNECTED" });
    await endsForEveryone(company);
    await expectAftermath(cast, { callId, endReason: "ended_by_operator" });
  });

  /** A second token for a client on the stage: given out when the first is about to expire. */
  async function spareToken(company: Company): Promise<Reply> {
    const { callId } = company;
    await world.clock.advance((await it.tokensUntilMs(callId, 2)) - world.clock.now() - 14 * SECOND_MS);
    const reply = await phoneOf(company, 1).send({ action: "rejoinCall", callId });
    expect(JSON.stringify((await world.item(callId))["legs"])).toContain('"tokenCount":{"N":"2"}');
    return reply;
  }

  test("a spare token opens the stage for 15 seconds at most, if IVS reports that it publishes", async () => {
    const company = await three();
    const { cast, callId } = company;
    const spare = await spareToken(company);
    await removes(company, phoneOf(company, 1));
    await world.clock.advance(30 * SECOND_MS);
    const back = await phoneOf(company, 1).joins(spare);
    expect(it.hears(back)).toHaveLength(2);
    await world.clock.advance(OFF_WITHIN_MS);
    expect([it.hears(back), it.hears(onOf(company, 0))]).toEqual([[], [onOf(company, 2).participantId]]);
    await endsForEveryone(company);
    await expectAftermath(cast, { callId, endReason: "ended_by_operator" });
  });

  test("a spare token of a participant that only listens opens the stage until 15 seconds after its expiry", async () => {
    const company = await three();
    const { cast, callId } = company;
    const spare = await spareToken(company);
    await removes(company, phoneOf(company, 1));
    const untilMs = await it.tokensUntilMs(callId, 2);
    await world.clock.advance(30 * SECOND_MS);
    const lurker = await world.runtime.ivs.join(String(spare.body["token"]));
    expect(it.hears(lurker)).toHaveLength(2);
    const beforeMs = world.clock.now();
    await world.clock.advance(untilMs - world.clock.now() + OFF_WITHIN_MS);
    expect([it.hears(lurker), it.hears(onOf(company, 0))]).toEqual([[], [onOf(company, 2).participantId]]);
    expect(it.asked(beforeMs).filter((operation) => operation === "ListParticipants")).toHaveLength(1);
    await endsForEveryone(company);
    await expectAftermath(cast, { callId, endReason: "ended_by_operator" });
  });

  test("a spare token that is never used costs one check after its expiry", async () => {
    const company = await three();
    const { cast, callId } = company;
    await spareToken(company);
    const startMs = world.clock.now();
    await ends(phoneOf(company, 1), callId);
    await world.clock.advance(10 * MINUTE_MS);
    expect(it.asked(startMs)).toEqual([
      "DisconnectParticipant",
      "DisconnectParticipant",
      "GetStage",
      "ListParticipants",
    ]);
    await endsForEveryone(company);
    await expectAftermath(cast, { callId, endReason: "ended_by_operator" });
  });

  test("a client that an operator adds again talks with a new token", async () => {
    const company = await three();
    const { cast, callId, olivia } = company;
    await removes(company, phoneOf(company, 1));
    await world.clock.advance(OFF_WITHIN_MS);
    await adds(olivia, callId, phoneOf(company, 1));
    const back = await phoneOf(company, 1).joins(await answers(phoneOf(company, 1), callId));
    await world.clock.advance(2 * MINUTE_MS);
    expect(it.hears(back)).toHaveLength(2);
    await endsForEveryone(company);
    await expectAftermath(cast, { callId, endReason: "ended_by_operator" });
  });
});

test("when more removals are due than a second allows, a person removed by an operator goes before clients that hung up", async () => {
  const company = await it.talking(12);
  const { cast, callId } = company;
  const order: unknown[] = [];
  cast.interfere({
    service: "ivs",
    operation: "DisconnectParticipant",
    times: Number.POSITIVE_INFINITY,
    fault(run, _crash, { input }) {
      order.push(input["participantId"]);
      return run();
    },
  });
  const startMs = world.clock.now();
  for (let leaving = 1; leaving <= 8; leaving += 1) await ends(phoneOf(company, leaving), callId);
  await removes(company, phoneOf(company, 9));
  await world.clock.advance(OFF_WITHIN_MS);
  expect(order).toHaveLength(9);
  expect(order.indexOf(onOf(company, 9).participantId)).toBeLessThan(4);
  expect(it.asked(startMs).every((operation) => operation === "DisconnectParticipant")).toBe(true);
  await endsForEveryone(company);
  await expectAftermath(cast, { callId, endReason: "ended_by_operator" });
});

describe("when IVS allows no removal for two minutes", () => {
  test("the stage of a call that goes on is replaced: the others rejoin on another stage, and the removed person cannot", async () => {
    const company = await it.talking(3);
    const { cast, callId, on } = company;
    const startMs = world.clock.now();
    cast.interfere({
      service: "ivs",
      operation: "DisconnectParticipant",
      times: Number.POSITIVE_INFINITY,
      fault: refused(THROTTLED),
    });
    await removes(company, phoneOf(company, 1));
    await world.clock.advance(2 * MINUTE_MS + OFF_WITHIN_MS);
    expect(it.asked(startMs)).toContain("DeleteStage");
    expect(on.map(({ leftReason }) => leftReason)).toEqual(on.map(() => "stage-deleted"));
    const back = [
      await joinsStage(phoneOf(company, 0), callId),
      await joinsStage(phoneOf(company, 2), callId),
    ];
    expect(back.map((one) => it.hears(one).length)).toEqual([1, 1]);
    expect(back[0]?.stageArn).not.toBe(on[0]?.stageArn);
    const refusal = await phoneOf(company, 1).send({ action: "rejoinCall", callId });
    expect(refusal).toMatchObject({ status: 403, body: { code: "removed_from_call" } });
    await world.clock.advance(3 * MINUTE_MS);
    expect(back.map((one) => it.hears(one).length)).toEqual([1, 1]);
    cast.calm();
    await endsForEveryone(company);
    await expectAftermath(cast, { callId, endReason: "ended_by_operator" });
  });
});

describe("after a call of two", () => {
  test("phones that stop publishing in time cost no request to IVS", async () => {
    const { cast, callId, on, phones } = await it.talking(2);
    const startMs = world.clock.now();
    await ends(phones[0] as Phone, callId);
    for (const one of on) world.runtime.ivs.unpublish(one);
    await expectAftermath(cast, { callId, endReason: "completed" });
    expect(it.asked(startMs)).toEqual([]);
  });

  test.each([
    ["one phone stays", ["DisconnectParticipant"], [0]],
    ["both phones stay, so that the stage is replaced", ["DeleteStage"], []],
  ] as const)("%s, and one request is made", async (_who, requests, leaving) => {
    const { cast, callId, on, phones } = await it.talking(2);
    const startMs = world.clock.now();
    await ends(phones[0] as Phone, callId);
    for (const index of leaving) world.runtime.ivs.leave(on[index] as Participant);
    await expectAftermath(cast, { callId, endReason: "completed" });
    expect(it.asked(startMs)).toEqual(requests);
  });

  test.each(["lost", "late", "only of starts", "out of order"] as const)(
    "phones that leave, with hints %s, cost one request at most for each hint",
    async (hints) => {
      const { cast, callId, on, phones } = await it.talking(2, hints);
      const startMs = world.clock.now();
      await ends(phones[0] as Phone, callId);
      for (const one of on) world.runtime.ivs.leave(one);
      await expectAftermath(cast, { callId, endReason: "completed" });
      expect(it.asked(startMs)).toEqual(hints === "out of order" ? [] : ["DeleteStage"]);
    },
  );

  test("a client that joins again with an old token and publishes is removed within 15 seconds", async () => {
    const company = await it.ringing(2);
    const { cast, callId, phones, on } = company;
    const [alice, bob] = phones as [Phone, Phone];
    const answered = await answers(bob, callId);
    on.push(await bob.joins(answered));
    await world.clock.advance(2 * SECOND_MS);
    const later = [await joinsStage(alice, callId), await joinsStage(bob, callId)];
    for (const one of on) world.runtime.ivs.leave(one);
    await world.clock.advance(20 * SECOND_MS);
    await ends(alice, callId);
    for (const one of later) world.runtime.ivs.leave(one);
    await world.clock.advance(30 * SECOND_MS);
    const startMs = world.clock.now();
    const back = [await alice.joins(company.called), await bob.joins(answered)];
    expect(back.map((one) => it.hears(one).length)).toEqual([1, 1]);
    await world.clock.advance(OFF_WITHIN_MS);
    expect([back.flatMap(it.hears), it.asked(startMs)]).toEqual([[], ["DeleteStage"]]);
    await expectAftermath(cast, { callId, endReason: "completed" });
  });
});
