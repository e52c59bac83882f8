/** What a call may cost, as counts: test/budgets.json. If a number falls, the file is updated. If it rises, the test fails. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import { AwsError, type Shape } from "../../packages/local-aws/src/local-aws.ts";
import type { Participant } from "../../packages/local-aws/src/ivs-realtime/media-plane.ts";
import { type Phone, startWorld, type World } from "../world.ts";

interface Counts {
  readonly statesEntered: number;
  readonly ivsCalls: number;
  readonly lambdaInvocations: number;
  readonly events: number;
  readonly dynamodbWriteUnits: number;
  readonly dynamodbReadUnits: number;
  readonly sqsRequests: number;
}
interface Budgets {
  readonly endings: Readonly<Record<string, Counts>>;
}
const budgets = JSON.parse(readFileSync(new URL("../budgets.json", import.meta.url), "utf8")) as Budgets;

let world: World;
let alice: Phone;
let bob: Phone;
let olivia: Phone;

openForEach(startWorld, async (opened) => {
  world = opened;
  [alice, bob] = [await world.phone("alice"), await world.phone("bob")];
  olivia = await world.phone("olivia");
  stillSchedules();
  meetAllStages();
  await world.clock.advance(1_000);
});

const call = () => alice.send({ action: "initiateCall", callerId: alice.clientId, calleeId: bob.clientId });
const callId = async (): Promise<string> => String((await call()).body["callId"]);
const hangUp = (phone: Phone, id: string) =>
  phone.send({ action: "endCall", clientId: phone.clientId, callId: id });

/** Schedules run every minute without any call, and are not counted. */
function stillSchedules(): void {
  world.runtime.localAws.interfere({
    service: "lambda",
    operation: "Invoke",
    where: ({ caller }) => caller.kind === "role" && caller.arn.includes("schedule"),
    times: Number.POSITIVE_INFINITY,
    fault: async () => ({ StatusCode: 202, Payload: null }),
  });
}

/**
 * A request looks for a free stage from a random place on. In a test's small pool it may find few from there, and then wakes the
 * keeper. Here it finds all of them, as it would in a pool of a hundred.
 */
function meetAllStages(): void {
  world.runtime.localAws.interfere({
    service: "dynamodb",
    operation: "Query",
    from: "ringmaster-rest-entrypoint",
    where: ({ input }) => input["IndexName"] === "by-pool",
    times: Number.POSITIVE_INFINITY,
    async fault(run, _crash, { input }) {
      const isForward = String(input["KeyConditionExpression"]).includes(">");
      Object.assign(input["ExpressionAttributeValues"] as Shape, { ":place": { S: isForward ? "0" : "~" } });
      return run();
    },
  });
}

/** Plays a call and counts everything that it causes, from one quiet moment to the next. */
async function countsOf({ before: prepare, play }: Play): Promise<Counts> {
  await prepare?.();
  await world.clock.advance(QUIET_MS);
  const before = { ...world.runtime.localAws.units };
  const from = world.happened.length;
  const { id, leaving = [] } = await play();
  await world.ended(id);
  for (const side of leaving) world.runtime.ivs.leave(side);
  await world.clock.advance(QUIET_MS);
  const { units } = world.runtime.localAws;
  const spent = (unit: string): number => (units[unit] ?? 0) - (before[unit] ?? 0);
  const since = world.happened.slice(from);
  return {
    statesEntered: spent("states:transition"),
    ivsCalls: since.filter((one) => one.kind === "aws-call" && one.service === "ivs").length,
    lambdaInvocations: spent("lambda:request"),
    events: spent("events:event"),
    dynamodbWriteUnits: spent("dynamodb:write-unit"),
    dynamodbReadUnits: spent("dynamodb:read-unit"),
    sqsRequests: spent("sqs:request"),
  };
}

/** Longer than any retry that a call has under way, and than the checks of its legs. */
const QUIET_MS = 90_000;

interface Play {
  /** Only if the name of the play is no end reason. */
  readonly endReason?: string;
  /** Prepares the world before the call, and is not counted. */
  readonly before?: () => Promise<unknown>;
  /** The call, until its clients have nothing more to do. */
  readonly play: () => Promise<Played>;
}

interface Played {
  readonly id: string;
  /** The participants who leave the stage when they learn that the call is over, as phones do. */
  readonly leaving?: readonly Participant[];
}

/** Bob's phone rings, he answers, and both are on the stage. */
async function talk(): Promise<{ id: string; sides: Participant[] }> {
  const called = await call();
  const id = String(called.body["callId"]);
  const caller = await alice.joins(called);
  await world.clock.advance(1_000);
  await bob.send({ action: "ackRinging", callId: id });
  const callee = await bob.joins(await bob.send({ action: "answerCall", callId: id }));
  return { id, sides: [caller, callee] };
}

async function rung(then: (id: string) => Promise<unknown>): Promise<Played> {
  const id = await callId();
  await world.clock.advance(1_000);
  await then(id);
  return { id };
}

/** Alice hangs up after ten seconds, and this many of the two leave the stage. */
async function hungUp(leave: 0 | 1 | 2): Promise<Played> {
  const { id, sides } = await talk();
  await world.clock.advance(10_000);
  await hangUp(alice, id);
  for (const side of sides.slice(0, leave)) world.runtime.ivs.leave(side);
  return { id };
}

/** Loses IVS's events of participants who stop publishing. */
const loseStops = (): void =>
  void world.runtime.localAws.interfere({
    service: "events",
    operation: "PutServiceEvent",
    times: Number.POSITIVE_INFINITY,
    where: ({ input }) => JSON.stringify(input["detail"]).includes("Unpublished"),
    fault: async () => ({}),
  });

/** The function that pushes does not find its table, once. */
const breakFirstPush = (): void =>
  void world.runtime.localAws.interfere({
    service: "dynamodb",
    operation: "GetItem",
    from: "ringmaster-send-push",
    fault: async () => {
      throw new AwsError("ResourceNotFoundException", "Requested resource not found");
    },
  });

const PLAYS: Readonly<Record<string, Play>> = {
  completed: { play: () => hungUp(2) },
  "completed, and one phone stays on the stage": { endReason: "completed", play: () => hungUp(1) },
  "completed, and both phones stay": { endReason: "completed", play: () => hungUp(0) },
  "completed, and IVS never says that they stopped": {
    endReason: "completed",
    before: async () => loseStops(),
    play: () => hungUp(2),
  },
  /** Bob's phone dies, and two checks follow IVS's event. */
  dropped: {
    async play() {
      const { id, sides } = await talk();
      await world.clock.advance(1_000);
      for (const side of sides.slice(1)) world.runtime.ivs.leave(side);
      return { id, leaving: sides };
    },
  },
  declined: { play: () => rung((id) => bob.send({ action: "declineCall", callId: id })) },
  cancelled: { play: () => rung((id) => hangUp(alice, id)) },
  missed: { play: async () => ({ id: await callId() }) },
  unreachable: {
    before: async () => world.runtime.pinpoint.setOutcome(bob.deviceToken, "PERMANENT_FAILURE"),
    play: async () => ({ id: await callId() }),
  },
  busy: {
    before: talk,
    async play() {
      const { clientId: callerId } = olivia;
      const refused = await olivia.send({ action: "initiateCall", callerId, calleeId: bob.clientId });
      expect(refused).toMatchObject({ status: 409, body: { code: "callee_busy" } });
      return { id: String(refused.body["callId"]) };
    },
  },
  /** The call is never hung up and lasts the 4 hours that it may, and the workflow follows it every hour. */
  expired: {
    async play() {
      const { id, sides } = await talk();
      return { id, leaving: sides };
    },
  },
  "answered on one of two phones": {
    endReason: "completed",
    before: () =>
      bob.send({
        action: "register",
        notifyType: "GCM",
        deviceToken: "bobs-tablet",
        deviceId: "bobs-tablet",
        clientId: bob.clientId,
      }),
    async play() {
      return hungUp(2);
    },
  },
  "kept silent": {
    endReason: "unreachable",
    before: () => bob.send({ action: "blockClient", clientId: bob.clientId, blockedId: alice.clientId }),
    play: async () => ({ id: await callId() }),
  },
  /** Bob and Olivia are called. He answers, she declines, and he hangs up. */
  "group of three": {
    endReason: "completed",
    async play() {
      const calleeIds = [bob.clientId, olivia.clientId];
      const called = await alice.send({ action: "initiateCall", callerId: alice.clientId, calleeIds });
      const id = String(called.body["callId"]);
      const caller = await alice.joins(called);
      await world.clock.advance(1_000);
      const callee = await bob.joins(await bob.send({ action: "answerCall", callId: id }));
      await world.clock.advance(1_000);
      await olivia.send({ action: "declineCall", callId: id });
      await world.clock.advance(10_000);
      await hangUp(bob, id);
      return { id, leaving: [caller, callee] };
    },
  },
  /** Bob and Olivia have answered. She hangs up and leaves the stage, and so do the others after a while. */
  "one of three leaves": {
    endReason: "completed",
    async play() {
      const calleeIds = [bob.clientId, olivia.clientId];
      const called = await alice.send({ action: "initiateCall", callerId: alice.clientId, calleeIds });
      const id = String(called.body["callId"]);
      const sides = [await alice.joins(called)];
      for (const phone of [bob, olivia])
        sides.push(await phone.joins(await phone.send({ action: "answerCall", callId: id })));
      await world.clock.advance(10_000);
      await hangUp(olivia, id);
      for (const side of sides.splice(2)) world.runtime.ivs.leave(side);
      await world.clock.advance(10_000);
      await hangUp(bob, id);
      return { id, leaving: sides };
    },
  },
  /** A failure inside: the workflow ends the call itself. */
  failed: { before: async () => breakFirstPush(), play: async () => ({ id: await callId() }) },
};

describe("a call that ends", () => {
  test("has a budget for each way to end", () => {
    expect(Object.keys(budgets.endings).toSorted()).toEqual(Object.keys(PLAYS).toSorted());
  });

  test.each(Object.entries(PLAYS))("%s costs what its budget says", async (ending, play) => {
    expect(await countsOf(play)).toEqual(budgets.endings[ending]);
    expect(world.events("CallEnded").map(({ endReason }) => endReason)).toEqual([play.endReason ?? ending]);
  });
});
