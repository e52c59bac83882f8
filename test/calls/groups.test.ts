/** A call to several callees: how it goes on without one of them, and how it ends. */
import { describe, expect, test } from "vitest";
import { type Call, legsOf } from "../../calls/call.ts";
import { recordPushes } from "../../calls/pushes.ts";
import { answer, ring } from "../../calls/answering.ts";
import { decline, endBy, endLeg, leaveAs, passTime } from "../../calls/ending.ts";
import { prepareTokens } from "../../calls/participant-tokens.ts";
import type { Rule } from "../../calls/rules.ts";
import { workflowView } from "../../calls/snapshot.ts";
import {
  after,
  afterAll,
  at,
  bobIn,
  BOBS,
  BOBS_PHONE,
  BOBS_TABLET,
  CALLER,
  callingAll,
  CAROLS,
  dave,
  DAVES,
  MAX_CALL_SECONDS,
} from "./group.ts";

const statusesOf = (call: Call) => legsOf(call).map(({ status }) => status);
const reasonsOf = (call: Call) => legsOf(call).map(({ leftReason }) => leftReason);
const eventsOf = (rule: Rule, call: Call, second: number) => {
  const decision = rule(call, at(second));
  return decision.kind === "changed" ? decision.events.map(({ name }) => name) : [];
};
const unreachable = (leg: number): Rule => recordPushes([{ leg, type: "incoming_call", devices: new Map() }]);

describe("Alice calls Bob, Carol and Dave", () => {
  test("all of them are called by one call", () => {
    expect(statusesOf(callingAll())).toEqual(["joined", "invited", "invited", "invited"]);
    expect(callingAll()).toMatchObject({
      status: "calling",
      turn: 0,
      calleeId: callingAll().legs[2]?.clientId,
    });
  });

  test("the call rings as soon as one phone rings", () => {
    const call = after(callingAll(), ring(CAROLS, undefined), at(2));
    expect(call).toMatchObject({ status: "ringing", turn: 0, legs: { 3: { ringingAtMs: at(2) } } });
  });

  test("a token is prepared for each of them at once", () => {
    const decision = prepareTokens(callingAll(), at(1));
    expect(decision).toMatchObject({ kind: "changed", call: { version: 2, turn: 0 } });
    expect(legsOf(decision.call).map(({ tokenCount }) => tokenCount)).toEqual([1, 1, 1, 1]);
    expect(eventsOf(prepareTokens, callingAll(), 1)).toEqual(Array(3).fill("ParticipantTokenIssued"));
  });

  test("the first answer answers the call, and the other phones ring on", () => {
    expect(bobIn()).toMatchObject({ status: "answered", turn: 1, answeredAtMs: at(5) });
    expect(statusesOf(bobIn())).toEqual(["joined", "joined", "invited", "invited"]);
  });

  test("the second answer joins, and the time of the answer and the hard limit stay", () => {
    const joins = answer(CAROLS, undefined);
    expect(after(bobIn(), joins, at(9))).toMatchObject({
      status: "answered",
      turn: 2,
      answeredAtMs: at(5),
      deadlineMs: at(5 + MAX_CALL_SECONDS),
      legs: { 3: { status: "joined", joinedAtMs: at(9) } },
    });
    expect(eventsOf(joins, bobIn(), 9)).toEqual(["LegJoined", ...Array<string>(4).fill("LegUpdated")]);
  });

  test("a decline ends one leg, and that client's other phones learn of it", () => {
    const declines = decline(BOBS, BOBS_PHONE);
    const call = after(callingAll(), declines, at(4));
    expect(call).toMatchObject({ status: "calling", turn: 1, version: 2 });
    expect(call.legs[BOBS]).toMatchObject({
      status: "left",
      leftReason: "declined",
      leftAtMs: at(4),
      deviceId: BOBS_PHONE,
    });
    expect(call).not.toHaveProperty("endReason");
    expect(eventsOf(declines, callingAll(), 4)[0]).toBe("LegEnded");
    expect(declines(call, at(5))).toMatchObject({ kind: "already", call });
    expect(answer(BOBS, BOBS_TABLET)(call, at(5))).toEqual({ kind: "over", call, endReason: "declined" });
  });

  test("the call is calling again once the only phone that rang has declined", () => {
    const call = afterAll(callingAll(), [ring(BOBS, BOBS_PHONE), 2], [decline(BOBS, BOBS_PHONE), 3]);
    expect(call.status).toBe("calling");
  });

  test("an unreachable callee's leg ends alone", () => {
    const call = after(callingAll(), unreachable(DAVES), at(1));
    expect(call).toMatchObject({ status: "calling", turn: 1 });
    expect(reasonsOf(call)).toEqual([undefined, undefined, undefined, "unreachable"]);
  });

  test("Alice hangs up before an answer, and every phone stops ringing", () => {
    const call = after(callingAll(), endLeg(CALLER), at(9));
    expect(call).toMatchObject({ status: "ended", endReason: "cancelled" });
    expect(reasonsOf(call)).toEqual(Array(4).fill("cancelled"));
  });

  test("without an answer all of them have missed the call", () => {
    const call = after(callingAll(), passTime, at(45));
    expect([call.endReason, reasonsOf(call)]).toEqual(["missed", Array(4).fill("missed")]);
    expect(eventsOf(passTime, callingAll(), 45).slice(0, 3)).toEqual(["LegEnded", "LegEnded", "LegEnded"]);
  });
});

describe("while others talk", () => {
  test("a callee who does not answer in time has missed the call, which goes on", () => {
    const call = after(bobIn(), passTime, at(45));
    expect(call).toMatchObject({ status: "answered", turn: 2 });
    expect(reasonsOf(call)).toEqual([undefined, undefined, "missed", "missed"]);
    expect(passTime(call, at(46)).kind).toBe("already");
  });

  test("a hang-up ends one leg, and the others talk on", () => {
    const three = after(bobIn(), answer(CAROLS, undefined), at(9));
    const call = after(three, endLeg(BOBS), at(20));
    expect(call).toMatchObject({
      status: "answered",
      legs: { 2: { leftReason: "completed", leftAtMs: at(20) } },
    });
    expect(endLeg(BOBS)(call, at(21))).toMatchObject({ kind: "already", call });
  });

  test("Alice may leave the call that she began", () => {
    const three = after(bobIn(), answer(CAROLS, undefined), at(9));
    expect(after(three, endLeg(CALLER), at(20)).status).toBe("answered");
  });

  test("a client that is left alone stays as long as a callee may still join", () => {
    const alone = after(bobIn(), endLeg(BOBS), at(20));
    expect(alone.status).toBe("answered");
    const call = after(alone, passTime, at(45));
    expect(call).toMatchObject({ status: "ended", endReason: "completed" });
    expect(reasonsOf(call)).toEqual(["completed", "completed", "missed", "missed"]);
  });

  test("the call ends as completed when only one client is left and none is called", () => {
    const two = after(bobIn(), passTime, at(45));
    const call = after(two, endLeg(BOBS), at(60));
    expect(call).toMatchObject({ status: "ended", endReason: "completed", endedAtMs: at(60) });
    expect(reasonsOf(call)).toEqual(["completed", "completed", "missed", "missed"]);
    expect(call.legs[CAROLS]?.leftAtMs).toBe(at(45));
  });

  test("the call ends while a phone rings: that leg is cancelled", () => {
    for (const rule of [endBy("expired"), endBy("dropped")]) {
      const reasons = reasonsOf(after(bobIn(), rule, at(20)));
      expect(reasons.slice(2)).toEqual(["cancelled", "cancelled"]);
      expect(reasons[1]).not.toBe("cancelled");
    }
    expect(reasonsOf(after(bobIn(), endBy("failed"), at(20)))).toEqual(Array(4).fill("failed"));
  });

  test("a leg that is dropped ends alone", () => {
    const three = after(bobIn(), answer(CAROLS, undefined), at(9));
    const call = after(three, leaveAs(CAROLS, "dropped"), at(30));
    expect(call).toMatchObject({ status: "answered", legs: { 3: { leftReason: "dropped" } } });
    expect(leaveAs(CAROLS, "dropped")(call, at(31))).toEqual({ kind: "already", call, events: [] });
  });
});

describe("if all callees leave one by one before an answer, the call ends as", () => {
  const declines = (leg: number): Rule => decline(leg, undefined);
  test.each<[string, readonly (readonly [Rule, number])[], string]>([
    [
      "declined, if all declined",
      [
        [declines(2), 1],
        [declines(3), 2],
        [declines(4), 3],
      ],
      "declined",
    ],
    [
      "missed, if one did not answer in time",
      [
        [declines(2), 1],
        [unreachable(3), 2],
        [passTime, 45],
      ],
      "missed",
    ],
    [
      "declined, if the last cannot be reached",
      [
        [declines(2), 1],
        [declines(3), 2],
        [unreachable(4), 3],
      ],
      "declined",
    ],
    [
      "unreachable, if all are unreachable",
      [
        [unreachable(2), 1],
        [unreachable(3), 1],
        [unreachable(4), 1],
      ],
      "unreachable",
    ],
  ])("%s", (_how, steps, endReason) => {
    const call = afterAll(callingAll(), ...steps);
    expect(call).toMatchObject({ status: "ended", endReason });
  });

  test("declined rather than busy, and busy rather than unreachable", () => {
    const busy = new Set([dave().clientId]);
    const oneBusy = callingAll({ busy });
    expect(oneBusy.legs[DAVES]).toMatchObject({ status: "left", leftReason: "busy", leftAtMs: at(0) });
    const said = (other: Rule) => afterAll(oneBusy, [unreachable(BOBS), 1], [other, 2]).endReason;
    expect([said(declines(CAROLS)), said(unreachable(CAROLS))]).toEqual(["declined", "busy"]);
  });
});

test("in a group of twelve the workflow carries nine legs, and the change publishes to all of them", () => {
  const callees = Array.from({ length: 11 }, (_, n) =>
    dave({ clientId: `00000000-0000-4000-8000-0000000001${10 + n}` as ReturnType<typeof dave>["clientId"] }),
  );
  const decision = endLeg(CALLER)(callingAll({ callees }), at(9));
  expect(workflowView(decision.call).legs.map(({ leg }) => leg)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const told = decision.kind === "changed" ? decision.events.filter(({ name }) => name === "LegUpdated") : [];
  expect(told.map(({ detail }) => detail["leg"])).toEqual(Array.from({ length: 12 }, (_, n) => n + 1));
});
