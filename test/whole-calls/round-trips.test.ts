/** How many AWS round trips in sequence a person waits for, from a tap to its effect: test/budgets.json. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import { type Phone, startWorld, type World } from "../world.ts";

const budgets = JSON.parse(readFileSync(new URL("../budgets.json", import.meta.url), "utf8")) as {
  readonly roundTripsInSequence: Readonly<Record<string, number>>;
};

/** Long, compared with everything else that takes time in a run. */
const ROUND_TRIP_MS = 1_000;
/** The AWS operations of functions and the workflow in the course of a call. */
const OPERATIONS = [
  ["dynamodb", "GetItem"],
  ["dynamodb", "Query"],
  ["dynamodb", "PutItem"],
  ["dynamodb", "UpdateItem"],
  ["dynamodb", "TransactWriteItems"],
  ["secretsmanager", "GetSecretValue"],
  ["events", "PutEvents"],
  ["states", "StartExecution"],
  ["states", "SendTaskSuccess"],
  ["states", "SendTaskFailure"],
  ["mobiletargeting", "SendMessages"],
  ["sqs", "SendMessageBatch"],
] as const;

let world: World;
let alice: Phone;
let bob: Phone;
openForEach(startWorld, async (opened) => {
  world = opened;
  [alice, bob] = [await world.phone("alice"), await world.phone("bob")];
  // The functions are warm: what they load once is loaded.
  const warm = await begins();
  await bob.send({ action: "answerCall", callId: warm });
  await hangUp(warm);
  await world.ended(warm);
  await world.clock.advance(10_000);
});

const begins = async (): Promise<string> => {
  const { clientId: callerId } = alice;
  const reply = await alice.send({ action: "initiateCall", callerId, calleeId: bob.clientId });
  return String(reply.body["callId"]);
};
const hangUp = (callId: string) => alice.send({ action: "endCall", clientId: alice.clientId, callId });

/** Delays every request to AWS from now on. Returns how many delays in sequence had passed when the condition held. */
async function roundTrips(begin: () => Promise<unknown>, isSo: () => boolean): Promise<number> {
  for (const [service, operation] of OPERATIONS) {
    world.runtime.localAws.interfere({
      service,
      operation,
      times: Number.POSITIVE_INFINITY,
      where: ({ caller }) => caller.kind === "role" && !caller.arn.includes("schedule"),
      fault: (run) =>
        new Promise((resolve, reject) => setTimeout(() => void run().then(resolve, reject), ROUND_TRIP_MS)),
    });
  }
  const startMs = world.clock.now();
  const begun = begin();
  await world.clock.until(isSo, 60_000);
  const passed = Math.floor((world.clock.now() - startMs) / ROUND_TRIP_MS);
  await begun;
  return passed;
}

/** Holds once the reply has arrived. */
function replied(request: () => Promise<unknown>): [() => Promise<unknown>, () => boolean] {
  let there = false;
  return [async () => request().finally(() => (there = true)), () => there];
}

/** Bob's phone rings. */
async function ringing(): Promise<string> {
  const callId = await begins();
  await world.clock.advance(2_000);
  return callId;
}
async function talking(): Promise<string> {
  const callId = await ringing();
  await bob.send({ action: "answerCall", callId });
  await world.clock.advance(2_000);
  return callId;
}
const pushed = (type: string) => {
  const before = bob.pushes().length;
  return () => bob.pushes().slice(before).includes(type);
};

const WAYS: Readonly<Record<string, () => Promise<number>>> = {
  "initiateCall to its reply": () => roundTrips(...replied(begins)),
  "initiateCall to a push that is accepted": () => roundTrips(begins, pushed("incoming_call")),
  async "answerCall to its reply"() {
    const callId = await ringing();
    return roundTrips(...replied(() => bob.send({ action: "answerCall", callId })));
  },
  async "endCall to its reply"() {
    const callId = await talking();
    return roundTrips(...replied(() => hangUp(callId)));
  },
  async "cancelling to a push that says so"() {
    const callId = await ringing();
    return roundTrips(() => hangUp(callId), pushed("call_cancelled"));
  },
  async "hanging up to CallEnded"() {
    const callId = await talking();
    const ended = () => world.events("CallEnded").some((event) => event["callId"] === callId);
    return roundTrips(() => hangUp(callId), ended);
  },
};

test.each(Object.entries(WAYS))("%s waits for as many round trips as its budget says", async (way, count) => {
  expect(await count()).toBe(budgets.roundTripsInSequence[way]);
});
