import { expect, test } from "vitest";
import { MAX_WRITE_ATTEMPTS } from "../../calls/limits.ts";
import { answer, ring } from "../../calls/answering.ts";
import { endLeg, passTime } from "../../calls/ending.ts";
import { endSweep } from "../../calls/closing.ts";
import { changeCall, changeKnownCall } from "../../handlers/call/change-call.ts";
import { runCausedBy } from "../../handlers/edge/cause.ts";
import {
  after,
  answered,
  at,
  BOBS_PHONE,
  BOBS_TABLET,
  CALL,
  CALLEE,
  CALLER,
  calling,
  completed as ended,
  ringing,
} from "../builders.ts";
import { fakeCalls, fakePublisher } from "../fakes.ts";

const tools = (...initial: Parameters<typeof fakeCalls>) => ({
  calls: fakeCalls(...initial),
  publisher: fakePublisher(),
});

test("a change is written, then published", async () => {
  const world = tools(ringing());
  const decision = await changeCall(world, CALL, answer(CALLEE, BOBS_PHONE), at(5));
  expect(decision?.kind).toBe("changed");
  expect(world.calls.items.get(CALL)).toEqual(answered());
  expect(world.publisher.names()).toEqual(["CallAnswered", "LegUpdated", "LegUpdated"]);
});

test("the phone that loses the race learns what the winner left, and publishes nothing (W1)", async () => {
  const world = tools(ringing());
  world.calls.others.push((call) => after(call, answer(CALLEE, BOBS_PHONE), at(5)));
  const decision = await changeCall(world, CALL, answer(CALLEE, BOBS_TABLET), at(5));
  expect(decision).toMatchObject({ kind: "over", endReason: "answered_elsewhere" });
  expect(world.calls.items.get(CALL)).toEqual(answered());
  expect(world.publisher.events).toEqual([]);
});

test("a hang-up that loses to a ringing phone is decided again, written once and published once", async () => {
  const world = tools(calling());
  world.calls.others.push((call) => after(call, ring(CALLEE, BOBS_PHONE), at(2)));
  await changeCall(world, CALL, endLeg(CALLER), at(3));
  expect(world.calls.items.get(CALL)).toMatchObject({
    endReason: "cancelled",
    version: 3,
    legs: { 2: { devices: { [BOBS_PHONE]: { ringingAtMs: at(2) } } } },
  });
  expect(world.publisher.names()).toEqual([
    "CallCancelled",
    "LegEnded",
    "LegEnded",
    "LegUpdated",
    "LegUpdated",
  ]);
});

test("a change that loses every attempt is given up, and the error names the call", async () => {
  const world = tools(ringing());
  const busy = Array.from({ length: MAX_WRITE_ATTEMPTS }, (_, n) => n);
  for (const _ of busy) world.calls.others.push((call) => ({ ...call, version: call.version + 1 }));
  await expect(changeCall(world, CALL, endLeg(CALLER), at(3))).rejects.toThrow(
    `call ${CALL} changed ${MAX_WRITE_ATTEMPTS} times`,
  );
  expect(world.publisher.events).toEqual([]);
});

test("a change that loses one attempt fewer goes through", async () => {
  const world = tools(ringing());
  const busy = Array.from({ length: MAX_WRITE_ATTEMPTS - 1 }, (_, n) => n);
  for (const _ of busy) world.calls.others.push((call) => ({ ...call, version: call.version + 1 }));
  expect(await changeCall(world, CALL, endLeg(CALLER), at(3))).toMatchObject({ kind: "changed" });
});

test("a change that has taken effect already is published again and not written (W7)", async () => {
  const world = tools(answered());
  await changeCall(world, CALL, answer(CALLEE, BOBS_PHONE), at(6));
  expect(world.calls.items.get(CALL)).toEqual(answered());
  expect(world.publisher.names()).toContain("CallAnswered");
});

test("a rule that changes nothing publishes nothing", async () => {
  const world = tools(ringing());
  await changeCall(world, CALL, passTime, at(6));
  expect(world.publisher.state.attempts).toBe(0);
});

test("a change that cannot be published fails, and a repeat publishes it", async () => {
  const world = tools(ringing());
  world.publisher.state.failures = 1;
  const rule = answer(CALLEE, BOBS_PHONE);
  await expect(changeCall(world, CALL, rule, at(5))).rejects.toThrow("the bus is away");
  await changeCall(world, CALL, rule, at(5));
  expect(world.publisher.names()).toContain("CallAnswered");
});

test("a call that does not exist, or that is deleted meanwhile, yields nothing", async () => {
  expect(await changeCall(tools(), CALL, passTime, at(1))).toBeUndefined();
  await expect(changeKnownCall(tools(), CALL, passTime, at(1))).rejects.toThrow(
    `call ${CALL} does not exist`,
  );
  const world = tools(ringing());
  world.calls.others.push(() => undefined);
  expect(await changeCall(world, CALL, endLeg(CALLER), at(3))).toBeUndefined();
});

test("a change that stays out of sight leaves the version's cause as it is", async () => {
  const world = tools({ ...ended(), causedBy: "the hang-up" });
  await runCausedBy("the sweep", () => changeKnownCall(world, CALL, endSweep, at(90)));
  const { openShard, causedBy, version } = world.calls.items.get(CALL) ?? {};
  expect({ openShard, causedBy, version }).toEqual({
    openShard: undefined,
    causedBy: "the hang-up",
    version: ended().version,
  });
});
