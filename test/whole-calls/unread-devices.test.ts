/** A group call while the devices of one callee cannot be read. */
import { expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import { AwsError } from "../../packages/local-aws/src/local-aws.ts";
import { type Phone, startWorld, type World } from "../world.ts";

let world: World;
let alice: Phone;
let bob: Phone;
let carol: Phone;

openForEach(startWorld, async (opened) => {
  world = opened;
  [alice, bob, carol] = [await world.phone("alice"), await world.phone("bob"), await world.phone("carol")];
});

/** DynamoDB does not answer send-push about Carol's devices for that long. */
function carolIsUnreadableFor(milliseconds: number): void {
  const untilMs = world.clock.now() + milliseconds;
  world.runtime.localAws.interfere({
    service: "dynamodb",
    operation: "Query",
    from: "ringmaster-send-push",
    where: ({ input }) => world.clock.now() < untilMs && JSON.stringify(input).includes(carol.clientId),
    times: 10_000,
    fault: async () => {
      throw new AwsError("InternalServerError", "Internal server error", 500);
    },
  });
}

async function calls(): Promise<string> {
  const calleeIds = [bob.clientId, carol.clientId];
  const { body } = await alice.send({ action: "initiateCall", callerId: alice.clientId, calleeIds });
  return String(body["callId"]);
}

test("the others ring at once, and her phone rings as soon as its devices can be read", async () => {
  carolIsUnreadableFor(8_000);
  const callId = await calls();
  await world.clock.advance(7_000);
  expect([bob.pushes(), carol.pushes()]).toEqual([["incoming_call"], []]);
  await world.clock.advance(8_000);
  expect([bob.pushes(), carol.pushes()]).toEqual([["incoming_call"], ["incoming_call"]]);
  expect(await carol.send({ action: "answerCall", callId })).toMatchObject({ status: 200 });
});

test("if they cannot be read during the ring, Bob's phone rings alone, and the call ends as missed", async () => {
  carolIsUnreadableFor(40_000);
  const callId = await calls();
  expect(await world.ended(callId)).toBe("SUCCEEDED");
  await world.clock.advance(5_000);
  expect((await world.item(callId))["endReason"]).toEqual({ S: "missed" });
  expect(bob.pushes()).toEqual(["incoming_call", "missed_call"]);
  expect(carol.pushes().at(-1)).toBe("missed_call");
});
