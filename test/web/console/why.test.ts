/** Why a call ended as it did: a sentence for every end reason, and for each way in which a phone can stay silent. */
import { describe, expect, test } from "vitest";
import type { Call, Leg, PushProgress } from "../../../calls/call.ts";
import { withLeg } from "../../../calls/legs.ts";
import { end } from "../../../calls/legs.ts";
import { recordPushes } from "../../../calls/pushes.ts";
import { answer } from "../../../calls/answering.ts";
import { decline, endBy, endLeg, leaveAs, passTime } from "../../../calls/ending.ts";
import type { Rule } from "../../../calls/rules.ts";
import type { Announcement } from "../../../events/event.ts";
import { END_REASONS, type EndReason } from "../../../events/end-reason.ts";
import { callSchema, type Execution } from "../../../web/console/state/facts.ts";
import { whyOf } from "../../../web/console/state/why.ts";
import {
  ALICE,
  alice,
  at,
  BOB,
  bob,
  BOBS_PHONE,
  BOBS_TABLET,
  CALLEE,
  CALLER,
  calling,
  carol,
  CAROL,
  pushedTo,
  ringing,
} from "../../builders.ts";
import { busyCall } from "../../../calls/admission.ts";
import { enters, fails, history } from "./histories.ts";

const START = at(0);
const seconds = (ms: number): string => `second ${(ms - START) / 1000}`;
const NAMES = { [ALICE]: "Alice", [BOB]: "Bob", [CAROL]: "Carol" };

/** A call, and the events of the change that led to it. */
interface Told {
  readonly call: Call;
  readonly events: readonly Announcement[];
}
const told = (call: Call): Told => ({ call, events: [] });
function after(call: Call, rule: Rule, nowMs: number): Told {
  const decision = rule(call, nowMs);
  if (decision.kind !== "changed") throw new Error(`expected a change, got ${decision.kind}`);
  return decision;
}

function why({ call, events }: Told, executions: readonly Execution[] = []): readonly string[] {
  const facts = callSchema.parse({
    call,
    parties: Object.values(call.legs).map(({ clientId, role }) => ({
      clientId,
      role,
      name: NAMES[clientId],
    })),
    executions,
    events: events.map(({ name, detail }, index) => ({
      id: String(index),
      atMs: START,
      source: "ringmaster",
      type: name,
      detail,
    })),
  });
  return whyOf(facts, seconds);
}

const ofBob = (call: Call, more: Partial<Leg>): Call =>
  withLeg(call, CALLEE, { ...(call.legs[CALLEE] as Leg), ...more });
const push = (more: Partial<PushProgress>): Leg["devices"][string] => ({
  pushes: { incoming_call: { outcome: "accepted", channel: "APNS_VOIP", atMs: at(1), ...more } },
});
const withPush = (more: Partial<PushProgress>): Call =>
  ofBob(calling(), { devices: { [BOBS_PHONE]: push(more) }, told: "incoming_call" });
const execution = (events: Execution["history"]): Execution => ({
  executionArn: "arn",
  name: "call",
  status: "FAILED",
  startedAtMs: START,
  input: {},
  definition: {},
  history: events,
});

const EVERY_END: Readonly<Record<EndReason, readonly [Told, readonly string[]]>> = {
  completed: [
    after(after(ringing(), answer(CALLEE, BOBS_PHONE), at(5)).call, endLeg(CALLEE, BOBS_PHONE), at(65)),
    ["Completed: Bob hung up after 1 min."],
  ],
  declined: [
    after(ringing(), decline(CALLEE, BOBS_PHONE), at(9)),
    ["Declined: Bob said no on bobs-phone at second 9."],
  ],
  cancelled: [
    after(withPush({}), endLeg(CALLER), at(12)),
    [
      "Cancelled: Alice hung up after 12 s, before an answer.",
      "Bob’s phone bobs-phone was told at second 1, APNs accepted it, it never said that it rings.",
    ],
  ],
  missed: [
    after(withPush({}), passTime, at(45)),
    ["Missed: Bob’s phone bobs-phone was told at second 1, APNs accepted it, it never said that it rings."],
  ],
  unreachable: [
    after(
      calling(),
      recordPushes([
        {
          leg: CALLEE,
          type: "incoming_call",
          devices: new Map([
            [BOBS_PHONE, { outcome: "gone", channel: "APNS_VOIP", reason: "BadDeviceToken" }],
          ]),
        },
      ]),
      at(1),
    ),
    [
      "Unreachable: Bob’s phone bobs-phone was told at second 1, but APNs says that its token is gone: BadDeviceToken.",
    ],
  ],
  busy: [
    told(
      busyCall({
        callId: calling().callId,
        caller: alice(),
        callees: [bob()],
        media: "audio",
        maxCallSeconds: 60,
        nowMs: START,
      }),
    ),
    ["Busy: Bob was in another call."],
  ],
  dropped: [
    after(after(ringing(), answer(CALLEE, BOBS_PHONE), at(5)).call, leaveAs(CALLEE, "dropped"), at(20)),
    ["Dropped: Bob’s phone left the stage, or lost it, and did not come back."],
  ],
  removed: [
    told({
      ...end(after(ringing(), answer(CALLEE, BOBS_PHONE), at(5)).call, "removed", at(20)),
      operatorActs: [{ act: "removed", clientId: BOB, sub: "o", username: "olivia", atMs: at(20) }],
    }),
    ["Removed: olivia removed Bob as an operator at second 20, and no one was left to talk to."],
  ],
  ended_by_operator: [
    told({
      ...end(ringing(), "ended_by_operator", at(20)),
      operatorActs: [{ act: "ended", sub: "o", username: "olivia", atMs: at(20) }],
    }),
    ["Ended by operator: olivia ended the call for everyone at second 20."],
  ],
  expired: [
    after(after(ringing(), answer(CALLEE, BOBS_PHONE), at(5)).call, passTime, at(5 + 4 * 3600)),
    ["Expired: the call reached its longest duration, 4 h."],
  ],
  failed: [
    after(calling(), endBy("failed"), at(3)),
    ["Failed: its workflow never started.", "Bob has no phone that is registered."],
  ],
};

test.each(END_REASONS)("a call that ended as %s has a sentence with the reason", (reason) => {
  const [call, sentences] = EVERY_END[reason];
  expect(call.call.endReason).toBe(reason);
  expect(why(call)).toEqual(sentences);
});

describe("a callee whose phones were kept silent", () => {
  test.each([
    ["blocked", "Kept silent: Bob has blocked Alice."],
    ["do_not_disturb", "Kept silent: Bob is not to be disturbed."],
  ] as const)("is reported as that, and not as unreachable: %s", (silenced, sentence) => {
    const silent = ofBob(calling(), { silenced });
    expect(why(told(silent))).toContain(sentence);
    expect(why(after(silent, endBy("unreachable"), at(45)))).toEqual([sentence]);
    expect(why(after(silent, endLeg(CALLER), at(9)))).toEqual([
      sentence,
      "Cancelled: Alice hung up after 9 s, before an answer.",
    ]);
  });

  test("is reported beside the others of a group", () => {
    const group = ofBob(calling({ callees: [bob(), carol()] }), { silenced: "do_not_disturb" });
    expect(why(after(group, passTime, at(45)))).toEqual([
      "Missed: Carol has no phone that is registered.",
      "Kept silent: Bob is not to be disturbed.",
    ]);
  });
});

describe("a phone that did not ring", () => {
  const missed = (call: Call) => why(after(call, passTime, at(45)));

  test.each([
    [
      { outcome: "throttled", channel: "GCM", reason: "QUOTA_EXCEEDED" },
      "but FCM throttled the push: QUOTA_EXCEEDED.",
    ],
    [
      { outcome: "failed", reason: "InvalidProviderToken" },
      "but APNs did not take it: InvalidProviderToken.",
    ],
    [{ outcome: "failed" }, "but APNs did not take it."],
    [
      { outcome: "no_provider", reason: "the stack has no apnsSecret" },
      "but nothing could send it: the stack has no apnsSecret.",
    ],
  ] as const)("%j is reported in the network's own words", (progress, words) => {
    expect(missed(withPush(progress))).toEqual([
      `Missed: Bob’s phone bobs-phone was told at second 1, ${words}`,
    ]);
  });

  test("is reported as a page that may not have been open", () => {
    expect(missed(withPush({ channel: "WEB" }))).toEqual([
      "Missed: Bob’s phone bobs-phone is a browser page, and never said that it rings: was it open?",
    ]);
  });

  test("is reported beside one that rang", () => {
    const call = pushedTo(calling(), BOBS_TABLET);
    const devices = { ...call.legs[CALLEE]?.devices, [BOBS_PHONE]: { pushes: {}, ringingAtMs: at(2) } };
    expect(missed(ofBob(call, { devices, status: "ringing", ringingAtMs: at(2) }))).toEqual([
      "Missed: no one answered in time.",
      "Bob’s phone bobs-tablet was told at second 1, FCM accepted it, it never said that it rings.",
      "Bob’s phone bobs-phone rang at second 2 and no one answered it.",
    ]);
  });

  test("is not reported yet while the call rings", () => {
    expect(why(told(calling()))).toEqual([
      "No phone has said yet that it rings.",
      "Bob has no phone that is registered.",
    ]);
  });
});

test("a failed call has the state that failed, its error and the function's message", () => {
  const failed = after(calling(), endBy("failed"), at(3));
  const cause = '{"errorType":"Error","errorMessage":"secret ringmaster/apns: not readable"}';
  const [, details] = fails("Lambda.Unknown");
  const run = execution(
    history(["ExecutionStarted"], enters("Task", "Send push", 0), ["TaskFailed", { ...details, cause }]),
  );
  expect(why(failed, [run])[0]).toBe(
    "Failed: Send push failed with Lambda.Unknown: secret ringmaster/apns: not readable.",
  );
});

test("a call without stored data is reported as such", () => {
  expect(whyOf({ parties: [], executions: [], events: [] }, seconds)).toEqual([
    "Nothing is stored of this call any more; its executions tell what happened.",
  ]);
});
