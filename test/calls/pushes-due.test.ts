/** Which push the phones of each leg of a group must get, and when none is left to send. */
import { describe, expect, test } from "vitest";
import { type Call, legOf, type PushType } from "../../calls/call.ts";
import { addressesFor, legsToTell, recordPushes } from "../../calls/pushes.ts";
import { hasPhonesToTell, phonesToTell } from "../../calls/pushes-due.ts";
import { answer, rejoin, ring } from "../../calls/answering.ts";
import { decline, endLeg, passTime } from "../../calls/ending.ts";
import { invite } from "../../calls/invitation.ts";
import { invitation } from "../../calls/admission.ts";
import {
  after,
  afterAll,
  alice,
  answered,
  at,
  bobIn,
  BOBS,
  BOBS_PHONE,
  BOBS_TABLET,
  CALLER,
  callingAll,
  carol,
  CAROLS,
  DAVES,
  device,
  pushedTo,
} from "./group.ts";

const due = (call: Call, second: number) =>
  Object.fromEntries(legsToTell(call, at(second)).map(({ leg, type }) => [leg, type]));
const told = (call: Call, leg: number, type: PushType): Call =>
  after(call, recordPushes([{ leg, type, devices: accepted }]), at(1));
const accepted = new Map([["phone", { outcome: "accepted", channel: "GCM" } as const]]);

describe("the pushes of each leg", () => {
  test("every callee's phones ring, and the caller's get no push", () => {
    expect(due(callingAll(), 1)).toEqual({ 2: "incoming_call", 3: "incoming_call", 4: "incoming_call" });
  });

  test("one callee answers, one declines, one rings on", () => {
    const call = after(bobIn(), decline(CAROLS, undefined), at(7));
    expect(due(call, 8)).toEqual({ 2: "answered_elsewhere", 3: "declined_elsewhere", 4: "incoming_call" });
  });

  test("a callee who missed the call is shown that, and gets answered_elsewhere after a late join", () => {
    const missed = after(bobIn(), passTime, at(45));
    expect(due(missed, 46)).toEqual({ 2: "answered_elsewhere", 3: "missed_call", 4: "missed_call" });
    const late = after(missed, rejoin(DAVES, undefined), at(60));
    expect(due(late, 61)[DAVES]).toBe("answered_elsewhere");
  });

  test("when the call ends, phones that ring stop, and the phones of joined legs get nothing new", () => {
    const call = after(after(bobIn(), endLeg(BOBS), at(10)), endLeg(CALLER), at(11));
    expect(due(call, 12)).toEqual({ 2: "answered_elsewhere", 3: "call_cancelled", 4: "call_cancelled" });
  });

  test("an unreachable callee gets no push, and a callee who is added later rings later", () => {
    const gone = after(
      callingAll(),
      recordPushes([{ leg: DAVES, type: "incoming_call", devices: new Map() }]),
      at(1),
    );
    expect(due(gone, 2)).not.toHaveProperty(String(DAVES));
    const leg = invitation(carol(), { callers: [alice()], ringUntilMs: at(145), nowMs: at(100) });
    const call = after(answered(), invite([leg]), at(100));
    expect([due(call, 145 - 1)[CAROLS], due(call, 145)[CAROLS]]).toEqual(["incoming_call", undefined]);
  });
});

describe("a leg has a push left to send", () => {
  test("until each called leg was told of the call", () => {
    const steps = [BOBS, CAROLS, DAVES].map((leg) => (call: Call) => told(call, leg, "incoming_call"));
    const stages = steps.reduce((calls, step) => [...calls, step(calls.at(-1) as Call)], [callingAll()]);
    expect(stages.map(phonesToTell)).toEqual([true, true, true, false]);
  });

  test("but not once the push was tried, even if no phone was found", () => {
    const call = afterAll(callingAll(), [ring(BOBS, BOBS_PHONE), 1]);
    const none = recordPushes([{ leg: BOBS, type: "incoming_call", devices: new Map() }]);
    expect(hasPhonesToTell(legOf(after(call, none, at(2)), BOBS))).toBe(false);
  });

  test("after an answer only if a phone rings other than the one that answered", () => {
    const on = (...phones: string[]) =>
      legOf(after(pushedTo(callingAll(), ...phones), answer(BOBS, BOBS_PHONE), at(5)), BOBS);
    expect(hasPhonesToTell(on(BOBS_PHONE))).toBe(false);
    expect(hasPhonesToTell(on(BOBS_PHONE, BOBS_TABLET))).toBe(true);
    expect(hasPhonesToTell(on(BOBS_TABLET))).toBe(true);
  });

  test("after an answer without a device name only if several phones ring", () => {
    const on = (...phones: string[]) =>
      legOf(after(pushedTo(callingAll(), ...phones), answer(BOBS, undefined), at(5)), BOBS);
    expect([hasPhonesToTell(on(BOBS_PHONE)), hasPhonesToTell(on(BOBS_PHONE, BOBS_TABLET))]).toEqual([
      false,
      true,
    ]);
  });

  test("when the leg moves on after its last push", () => {
    const rang = pushedTo(callingAll(), BOBS_PHONE);
    expect(hasPhonesToTell(legOf(rang, BOBS))).toBe(false);
    expect(hasPhonesToTell(legOf(after(rang, endLeg(CALLER), at(9)), BOBS))).toBe(true);
    expect(hasPhonesToTell(legOf(after(rang, passTime, at(45)), BOBS))).toBe(true);
  });

  test("but never if it is the caller's", () => {
    expect(hasPhonesToTell(legOf(after(callingAll(), endLeg(CALLER), at(9)), CALLER))).toBe(false);
  });
});

test("a device that acted gets no further push of its leg, and a VoIP token gets only incoming calls", () => {
  const rang = after(pushedTo(callingAll(), BOBS_PHONE, BOBS_TABLET), decline(BOBS, BOBS_PHONE), at(5));
  const devices = [
    device(BOBS_PHONE, { APNS: "phone-alert", APNS_VOIP: "phone-voip" }),
    device(BOBS_TABLET, { APNS: "tablet-alert", APNS_VOIP: "tablet-voip" }),
  ];
  const tokens = (type: PushType) =>
    addressesFor(type, legOf(rang, BOBS), devices).map(({ token }) => token.reveal());
  expect(tokens("declined_elsewhere")).toEqual(["tablet-alert"]);
  expect(tokens("incoming_call")).toEqual([]);
});

test("the outcomes of several legs are one change, with one event for each type", () => {
  const results = [
    { leg: BOBS, type: "answered_elsewhere" as const, devices: accepted },
    { leg: CAROLS, type: "incoming_call" as const, devices: accepted },
    {
      leg: DAVES,
      type: "incoming_call" as const,
      devices: new Map([["phone", { outcome: "gone", channel: "APNS" } as const]]),
    },
  ];
  const decision = recordPushes(results)(bobIn(), at(6));
  expect(decision).toMatchObject({
    kind: "changed",
    call: {
      version: bobIn().version + 1,
      turn: 2,
      status: "answered",
      legs: { 4: { leftReason: "unreachable" } },
    },
  });
  const events = decision.kind === "changed" ? decision.events : [];
  expect(events.slice(0, 3).map(({ name, detail }) => [name, detail["type"], detail["outcomes"]])).toEqual([
    ["PushSent", "answered_elsewhere", { accepted: 1 }],
    ["PushSent", "incoming_call", { accepted: 1, gone: 1 }],
    ["LegEnded", undefined, undefined],
  ]);
});
