/** When a push is sent again: after a pause of our own, or as long as the push service asks, and only while it can matter. */
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

/** What the push service answers each address, one attempt after another, and then "accepted". */
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

test("a throttled phone is left alone for as long as the push service asks", async () => {
  const it = delivery({ phone: [["throttled", 3]] });
  const results = await it.deliver();
  expect(it.edge.pauses).toEqual([3_000]);
  expect(it.attempts).toEqual([["phone", "tablet"], ["phone"]]);
  expect(results.map(({ outcome }) => outcome)).toEqual(["accepted", "accepted"]);
});

test("a wish shorter than our own pause does not shorten it", async () => {
  const it = delivery({
    phone: [
      ["failed", 0.1],
      ["failed", 0.1],
    ],
  });
  await it.deliver();
  expect(it.edge.pauses).toEqual([500, 2_000]);
});

test("a phone that may not be asked in time is given up, and the other is repeated", async () => {
  const it = delivery({ phone: [["throttled", 60]], tablet: [["failed"]] });
  const results = await it.deliver();
  expect(it.attempts).toEqual([["phone", "tablet"], ["tablet"]]);
  expect(it.edge.pauses).toEqual([500]);
  expect(results.map(({ outcome }) => outcome)).toEqual(["throttled", "accepted"]);
});

test("what is no longer true is not repeated", async () => {
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

test("a missed call may be told after the ring time, but within the function's time", async () => {
  const soon = delivery({ phone: [["throttled", 7]] }, endedWhileRinging("missed"), at(46));
  await soon.deliver();
  expect(soon.attempts).toHaveLength(2);
  const late = delivery({ phone: [["throttled", 8]] }, endedWhileRinging("missed"), at(46));
  await late.deliver();
  expect(late.attempts).toHaveLength(1);
});

test("a push service that cannot be reached for a moment is asked again", async () => {
  const it = delivery({ phone: [new Error("no connection"), new Error("no connection")] });
  const results = await it.deliver();
  expect(it.attempts).toHaveLength(3);
  expect(results.map(({ outcome }) => outcome)).toEqual(["accepted", "accepted"]);
});

test("one that cannot be reached at all is an error", async () => {
  const away = [1, 2, 3].map(() => new Error("no connection"));
  await expect(delivery({ phone: away }).deliver()).rejects.toThrow("no connection");
});
