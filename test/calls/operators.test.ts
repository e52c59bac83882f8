/** What an operator can do to a call: end it for everyone, remove a person, add that person again. */
import { describe, expect, test } from "vitest";
import { invitation } from "../../calls/admission.ts";
import { type Call, legOf } from "../../calls/call.ts";
import { MAX_OPERATOR_ACTS } from "../../calls/limits.ts";
import type { Operator } from "../../calls/operator-acts.ts";
import { admitAgain, endForEverybody, removePerson } from "../../calls/operators.ts";
import { phonesToTell, pushTypeOf } from "../../calls/pushes-due.ts";
import { answer, rejoin, ring } from "../../calls/answering.ts";
import { decline, endLeg } from "../../calls/ending.ts";
import { invite } from "../../calls/invitation.ts";
import { renewToken } from "../../calls/participant-tokens.ts";
import type { Decision, Rule } from "../../calls/rules.ts";
import { callView } from "../../api/call-view.ts";
import { workflowView } from "../../calls/snapshot.ts";
import {
  after,
  afterAll,
  alice,
  answered,
  at,
  BOB,
  bob,
  BOBS,
  bobIn,
  CALLEE,
  CALLER,
  calling,
  callingAll,
  CAROL,
  carol,
  CAROLS,
  completed,
  DAVES,
  ringing,
} from "./group.ts";

const OLIVIA: Operator = { sub: "sub-of-olivia", username: "olivia" };
const reasons = (call: Call): unknown[] => [
  call.endReason,
  ...Object.values(call.legs).map(({ leftReason }) => leftReason),
];
const eventOf = (decision: Decision): string | undefined =>
  "events" in decision ? decision.events[0]?.name : undefined;
/** Alice, Bob and Carol talk. Dave is still called. */
const threeTalk = (): Call => after(bobIn(), answer(CAROLS, undefined), at(6));
const asked = (client = bob()): Rule =>
  invite([invitation(client, { callers: [alice()], ringUntilMs: at(100), nowMs: at(50) })]);
const askedByOlivia = (client = bob()): Rule =>
  invite([invitation(client, { callers: [alice()], ringUntilMs: at(100), nowMs: at(50) })], OLIVIA);

describe("the operator ends the call for everyone", () => {
  test.each([
    ["before a phone rings", calling()],
    ["while it rings", ringing()],
    ["while they talk", answered()],
  ])("%s: one reason for the call and for each leg", (_when, call) => {
    const decision = endForEverybody(OLIVIA)(call, at(20));
    expect(decision.kind).toBe("changed");
    expect(reasons(decision.call)).toEqual(Array.from({ length: 3 }, () => "ended_by_operator"));
    expect(decision.call.turn).toBe(call.turn + 1);
    expect(eventOf(decision)).toBe("LegEnded");
    const again = endForEverybody(OLIVIA)(decision.call, at(21));
    expect(again).toMatchObject({ kind: "already", call: decision.call });
    expect(eventOf(again)).toBe("LegEnded");
  });

  test("of a group: all living legs get the same reason, and a leg that had left keeps its own", () => {
    const group = afterAll(bobIn(), [decline(CAROLS, undefined), 8], [ring(DAVES, undefined), 9]);
    const call = after(group, endForEverybody(OLIVIA), at(20));
    const by = "ended_by_operator";
    expect(reasons(call)).toEqual([by, by, by, "declined", by]);
  });

  test("phones that ring are told to stop, and phones in the call get no push", () => {
    const call = after(bobIn(), endForEverybody(OLIVIA), at(20));
    expect([pushTypeOf(legOf(call, DAVES)), pushTypeOf(legOf(call, BOBS))]).toEqual([
      "call_cancelled",
      "answered_elsewhere",
    ]);
    expect(phonesToTell(call)).toBe(true);
  });

  test("a call that has ended keeps its reason and records no act: the first outcome wins", () => {
    const decision = endForEverybody(OLIVIA)(completed(), at(61));
    expect([decision.kind, decision.call]).toEqual(["already", completed()]);
    const expired = endForEverybody(OLIVIA)(ringing(), at(105)).call;
    expect([expired.endReason, expired.operatorActs]).toEqual(["missed", undefined]);
  });

  test("a later hang-up changes nothing", () => {
    const call = after(answered(), endForEverybody(OLIVIA), at(20));
    expect([endLeg(CALLER)(call, at(20)).kind, endLeg(CALLEE)(call, at(21)).kind]).toEqual([
      "already",
      "already",
    ]);
  });
});

describe("the operator removes a person", () => {
  test("from a call of two: it ends as removed, and the other leg as ended_by_operator", () => {
    for (const [call, leg, told] of [
      [answered(), CALLER, ["removed", "removed", "ended_by_operator"]],
      [answered(), CALLEE, ["removed", "ended_by_operator", "removed"]],
      [ringing(), CALLER, ["removed", "removed", "ended_by_operator"]],
      [ringing(), CALLEE, ["removed", "ended_by_operator", "removed"]],
    ] as const) {
      expect(reasons(after(call, removePerson(leg, OLIVIA), at(20)))).toEqual(told);
    }
  });

  test("from a group: the others talk on", () => {
    const call = after(threeTalk(), removePerson(BOBS, OLIVIA), at(20));
    expect([call.status, ...reasons(call)]).toEqual([
      "answered",
      undefined,
      undefined,
      "removed",
      undefined,
      undefined,
    ]);
    expect(legOf(call, BOBS)).toMatchObject({ status: "left", leftAtMs: at(20), tokenCount: 1 });
  });

  test("while their phone rings: it stops ringing, and the others ring on", () => {
    const call = after(callingAll(), removePerson(CAROLS, OLIVIA), at(20));
    expect([call.status, pushTypeOf(legOf(call, CAROLS))]).toEqual(["calling", "call_cancelled"]);
  });

  test("and the call ends as removed if too few clients are left", () => {
    const ring = afterAll(callingAll(), [decline(BOBS, undefined), 4], [decline(DAVES, undefined), 5]);
    expect(after(ring, removePerson(CAROLS, OLIVIA), at(20)).endReason).toBe("removed");
    const talk = afterAll(bobIn(), [endLeg(BOBS), 8], [decline(DAVES, undefined), 9]);
    expect(after(talk, removePerson(CAROLS, OLIVIA), at(20)).endReason).toBe("removed");
  });

  test("with all of that person's clients in the call", () => {
    const call = calling({ callees: [bob(), carol({ sub: bob().sub })] });
    const both = after(call, removePerson(BOBS, OLIVIA), at(3));
    expect([legOf(both, BOBS).leftReason, legOf(both, CAROLS).leftReason]).toEqual(["removed", "removed"]);
  });

  test("twice: the second removal changes nothing", () => {
    const call = after(threeTalk(), removePerson(BOBS, OLIVIA), at(20));
    expect(removePerson(BOBS, OLIVIA)(call, at(21))).toMatchObject({ kind: "already", call });
  });

  test("who had just hung up: the reason stays, and they cannot rejoin", () => {
    const left = after(threeTalk(), endLeg(BOBS), at(19));
    const call = after(left, removePerson(BOBS, OLIVIA), at(20));
    expect([legOf(call, BOBS).leftReason, call.turn]).toEqual(["completed", left.turn]);
    expect(rejoin(BOBS, undefined)(call, at(21)).kind).toBe("removed");
  });

  test("only from a living call", () => {
    expect(removePerson(CALLEE, OLIVIA)(completed(), at(61)).kind).toBe("already");
    const { call } = removePerson(CALLEE, OLIVIA)(ringing(), at(105));
    expect([call.endReason, call.removedSubs]).toEqual(["missed", undefined]);
  });
});

describe("a removed person", () => {
  const removed = (): Call => after(threeTalk(), removePerson(BOBS, OLIVIA), at(20));

  test.each([
    ["answers", answer(BOBS, undefined)],
    ["comes back", rejoin(BOBS, undefined)],
    ["asks for another token", renewToken(BOBS)],
    ["is added by another participant", asked()],
    [
      "is added by another participant, with another client",
      asked(carol({ clientId: CAROL, sub: bob().sub })),
    ],
  ])("%s: refused", (_what, rule) => {
    expect(rule(removed(), at(50))).toEqual({ kind: "removed", call: removed() });
  });

  test("gets the same refusal once the call is over", () => {
    const over = after(answered(), removePerson(CALLEE, OLIVIA), at(20));
    expect(renewToken(CALLEE)(over, at(21)).kind).toBe("removed");
  });

  test("gets that refusal, and the other side of a call of two gets ended_by_operator", () => {
    const over = after(answered(), removePerson(CALLEE, OLIVIA), at(20));
    expect(renewToken(CALLER)(over, at(21))).toMatchObject({ kind: "over", endReason: "ended_by_operator" });
  });

  test("cannot ring or decline", () => {
    for (const rule of [ring(BOBS, undefined), decline(BOBS, undefined)])
      expect(rule(removed(), at(21))).toMatchObject({ kind: "over", endReason: "removed" });
  });

  test("is called again when an operator adds them, and may then leave and rejoin", () => {
    const again = after(removed(), askedByOlivia(), at(50));
    expect(legOf(again, BOBS)).toMatchObject({ status: "invited", tokenCount: 2 });
    const back = afterAll(again, [answer(BOBS, undefined), 52], [endLeg(BOBS), 55]);
    expect(rejoin(BOBS, undefined)(back, at(56)).kind).toBe("changed");
    expect(asked()(back, at(57)).kind).toBe("changed");
  });

  test("who is the caller is not called, but may rejoin once an operator admits them", () => {
    const out = after(threeTalk(), removePerson(CALLER, OLIVIA), at(20));
    expect(rejoin(CALLER, undefined)(out, at(30)).kind).toBe("removed");
    const open = after(out, admitAgain(CALLER, OLIVIA), at(40));
    expect(open.turn).toBe(out.turn);
    expect(rejoin(CALLER, undefined)(open, at(41)).kind).toBe("changed");
    expect(admitAgain(CALLER, OLIVIA)(open, at(42)).kind).toBe("already");
  });
});

describe("the operator's act", () => {
  test("is recorded in the call, with the operator's sub and name, the act and the time", () => {
    const call = afterAll(
      threeTalk(),
      [removePerson(BOBS, OLIVIA), 20],
      [askedByOlivia(), 30],
      [endForEverybody(OLIVIA), 40],
    );
    expect(call.operatorActs).toEqual([
      { act: "removed", clientId: BOB, ...OLIVIA, atMs: at(20) },
      { act: "added", clientId: BOB, ...OLIVIA, atMs: at(30) },
      { act: "ended", ...OLIVIA, atMs: at(40) },
    ]);
  });

  test("reaches no phone and no workflow", () => {
    const call = afterAll(threeTalk(), [removePerson(BOBS, OLIVIA), 20], [endForEverybody(OLIVIA), 40]);
    const told = [
      callView(call, { sub: bob().sub, operator: false }),
      workflowView(call),
      endForEverybody(OLIVIA)(threeTalk(), at(40)),
    ].map((one) => JSON.stringify("events" in one ? one.events : one));
    expect(told.filter((text) => text.includes("olivia"))).toEqual([]);
  });

  test("is one of the latest that the call has room for", () => {
    let call = threeTalk();
    for (let n = 0; n < MAX_OPERATOR_ACTS; n += 1) {
      call = after(call, removePerson(BOBS, OLIVIA), at(20 + n));
      call = after(call, askedByOlivia(), at(20 + n));
    }
    expect(call.operatorActs).toHaveLength(MAX_OPERATOR_ACTS);
    expect(call.operatorActs?.at(-1)).toMatchObject({ act: "added", atMs: at(19 + MAX_OPERATOR_ACTS) });
  });
});
