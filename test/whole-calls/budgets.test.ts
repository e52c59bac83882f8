/** What a call may cost, as counts: test/budgets.json. A number that falls is written down there; one that rises fails. */
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bundle, bytesAtStart } from "../../infra/bundle.ts";
import type { Participant } from "../../local/ivs-realtime/media-plane.ts";
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
  readonly initiateCall: { readonly awsRoundTripsInSequence: number };
  readonly restEntrypoint: { readonly bytesAtStart: number };
  readonly endings: Readonly<Record<string, Counts>>;
}
const budgets = JSON.parse(readFileSync(new URL("../budgets.json", import.meta.url), "utf8")) as Budgets;

let world: World;
let alice: Phone;
let bob: Phone;

beforeEach(async () => {
  world = await startWorld();
  [alice, bob] = [await world.phone("alice"), await world.phone("bob")];
  await world.clock.advance(1_000);
});
afterEach(async () => world[Symbol.asyncDispose]());

const call = () => alice.send({ action: "initiateCall", callerId: alice.clientId, calleeId: bob.clientId });
const callId = async (): Promise<string> => String((await call()).body["callId"]);
const hangUp = (phone: Phone, id: string) =>
  phone.send({ action: "endCall", clientId: phone.clientId, callId: id });

/** Plays a call and counts everything that it caused. No schedule fires in its 50 s. */
async function countsOf(play: () => Promise<string>): Promise<Counts> {
  const before = { ...world.runtime.door.units };
  const from = world.happened.length;
  const id = await play();
  await world.ended(id);
  const { units } = world.runtime.door;
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

const plays: Readonly<Record<string, () => Promise<string>>> = {
  completed: async () => {
    const { id, sides } = await talk();
    await world.clock.advance(10_000);
    await hangUp(alice, id);
    for (const side of sides) world.runtime.ivs.leave(side);
    // What IVS says of phones, and the check after the answer, are looked into half a minute later.
    await world.clock.advance(25_000);
    return id;
  },
  dropped: async () => {
    const { id, sides } = await talk();
    await world.clock.advance(1_000);
    for (const side of sides.slice(1)) world.runtime.ivs.leave(side);
    return id;
  },
  declined: async () => {
    const id = await callId();
    await world.clock.advance(1_000);
    await bob.send({ action: "declineCall", callId: id });
    return id;
  },
  cancelled: async () => {
    const id = await callId();
    await world.clock.advance(1_000);
    await hangUp(alice, id);
    return id;
  },
  missed: callId,
  unreachable: () => {
    world.runtime.pinpoint.setOutcome(bob.deviceToken, "PERMANENT_FAILURE");
    return callId();
  },
};

describe("a call that ends", () => {
  test.each(Object.keys(plays))("%s costs what its budget says", async (ending) => {
    const counts = await countsOf(plays[ending] ?? callId);
    expect(counts).toEqual(budgets.endings[ending]);
  });
});

test("the reply to initiateCall waits for at most 3 AWS round trips in sequence", async () => {
  const ROUND_TRIP_MS = 100;
  const operations = [
    ["dynamodb", "GetItem"],
    ["dynamodb", "Query"],
    ["dynamodb", "TransactWriteItems"],
    ["secretsmanager", "GetSecretValue"],
    ["events", "PutEvents"],
  ] as const;
  for (const [service, operation] of operations) {
    world.runtime.door.interfere({
      service,
      operation,
      from: "ringmaster-rest-entrypoint",
      times: Number.POSITIVE_INFINITY,
      // A timer of the function's own, so that virtual time moves while it waits.
      fault: (run) =>
        new Promise((resolve, reject) => setTimeout(() => void run().then(resolve, reject), ROUND_TRIP_MS)),
    });
  }
  const startMs = world.clock.now();
  let repliedMs = 0;
  const reply = call().then(({ status }) => {
    repliedMs = world.clock.now();
    return status;
  });
  await world.clock.advance(2_000);
  expect(await reply).toBe(200);
  expect((repliedMs - startMs) / ROUND_TRIP_MS).toBe(budgets.initiateCall.awsRoundTripsInSequence);
});

test("rest-entrypoint loads no more code at its start than its budget says", async () => {
  const { metafile } = await bundle();
  expect(bytesAtStart(metafile, "rest-entrypoint")).toBeLessThanOrEqual(budgets.restEntrypoint.bytesAtStart);
});
