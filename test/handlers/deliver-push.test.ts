/** When a push is repeated: after our own pause or after the push service's, and only while the push still matters. */
import { expect, test } from "vitest";
import type { PushOutcome } from "../../calls/call.ts";
import { type PushAddress, pushFor } from "../../calls/pushes.ts";
import { Secret } from "../../calls/secret.ts";
import { deliver } from "../../handlers/push/deliver-push.ts";
import type { PushSender } from "../../handlers/push/port.ts";
import { at, CALLEE, calling, endedWhileRinging } from "../builders.ts";
import { fakeEdge } from "../fakes.ts";

const address = (name: string): PushAddress => ({
  deviceId: name,
  notifyType: "GCM",
  token: new Secret(name),
  seenAtMs: at(0),
});
const PHONE = address("phone");
const TABLET = address("tablet");

type Answer = readonly [PushOutcome, retryAfterSeconds?: number] | Error;

/** The push service's answers to each address, attempt by attempt. After these it answers "accepted". */
function delivery(answers: Readonly<Record<string, Answer[]>>, call = calling(), nowMs = at(1)) {
  const edge = fakeEdge(nowMs);
  const attempts: string[][] = [];
  const sender: PushSender = {
    async send(_push, addresses) {
      attempts.push(addresses.map(({ deviceId }) => deviceId));
      return addresses.map((one) => {
        const answer = answers[one.deviceId]?.shift() ?? ["accepted"];
        if (answer instanceof Error) throw answer;
        const [outcome, seconds] = answer;
        return { address: one, outcome, ...(seconds !== undefined && { retryAfterMs: seconds * 1_000 }) };
      });
    },
  };
  const push = () => pushFor("incoming_call", call, CALLEE, { callerName: "Alice", nowMs: edge.now() });
  const untilMs = call.status === "ended" ? Number.POSITIVE_INFINITY : call.ringUntilMs;
  const state = { due: true };
  const isStillDue = async () => state.due;
  return {
    edge,
    attempts,
    state,
    deliver: () => deliver({ sender, edge, push, untilMs, isStillDue }, [PHONE, TABLET]),
  };
}

test("a throttled phone is tried again after the pause that the push service asks for", async () => {
  const it = delivery({ phone: [["throttled", 3]] });
  const results = await it.deliver();
  expect(it.edge.pauses).toEqual([3_000]);
  expect(it.attempts).toEqual([["phone", "tablet"], ["phone"]]);
  expect(results.map(({ outcome }) => outcome)).toEqual(["accepted", "accepted"]);
});

test("a pause shorter than our own does not shorten ours", async () => {
  const it = delivery({
    phone: [
      ["failed", 0.1],
      ["failed", 0.1],
    ],
  });
  await it.deliver();
  expect(it.edge.pauses).toEqual([500, 2_000]);
});

test("a phone whose pause ends after the ring is given up, and the other phone is tried again", async () => {
  const it = delivery({ phone: [["throttled", 60]], tablet: [["failed"]] });
  const results = await it.deliver();
  expect(it.attempts).toEqual([["phone", "tablet"], ["tablet"]]);
  expect(it.edge.pauses).toEqual([500]);
  expect(results.map(({ outcome }) => outcome)).toEqual(["throttled", "accepted"]);
});

test("a push that is no longer due is not repeated", async () => {
  const it = delivery({ phone: [["throttled"]] });
  it.state.due = false;
  await it.deliver();
  expect(it.attempts).toHaveLength(1);
});

test("nothing is sent after the ring time", async () => {
  const it = delivery({ phone: [["throttled", 3]] }, calling(), at(43));
  await it.deliver();
  expect(it.attempts).toHaveLength(1);
});

test("a missed call may be pushed after the ring time, but within the function's time", async () => {
  const soon = delivery({ phone: [["throttled", 7]] }, endedWhileRinging("missed"), at(46));
  await soon.deliver();
  expect(soon.attempts).toHaveLength(2);
  const late = delivery({ phone: [["throttled", 8]] }, endedWhileRinging("missed"), at(46));
  await late.deliver();
  expect(late.attempts).toHaveLength(1);
});

test("a push service that cannot be reached for a moment is tried again", async () => {
  const it = delivery({ phone: [new Error("no connection"), new Error("no connection")] });
  const results = await it.deliver();
  expect(it.attempts).toHaveLength(3);
  expect(results.map(({ outcome }) => outcome)).toEqual(["accepted", "accepted"]);
});

test("a push service that cannot be reached in three attempts is an error", async () => {
  const away = [1, 2, 3].map(() => new Error("no connection"));
  await expect(delivery({ phone: away }).deliver()).rejects.toThrow("no connection");
});
