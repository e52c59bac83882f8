/** Which phone of a client acts (A1, A2), and what happens to a leg that another phone takes over. */
import { describe, expect, test } from "vitest";
import { isSamePhone, registeredPhone, signInSchema } from "../../calls/acting-phone.ts";
import { legOf } from "../../calls/call.ts";
import { participantsOver } from "../../calls/removals.ts";
import { answer, rejoin, ring, takeOver } from "../../calls/answering.ts";
import { decline, endLeg } from "../../calls/ending.ts";
import { participantId } from "../../calls/ids.ts";
import {
  after,
  ALICES_PHONE,
  answered,
  at,
  BOBS_PHONE,
  BOBS_TABLET,
  CALL,
  CALLEE,
  CALLER,
  calling,
  completed,
  device,
  ringing,
} from "../builders.ts";

const [ONE, OTHER] = [signInSchema.parse("1".repeat(32)), signInSchema.parse("2".repeat(32))];

describe("two requests come from the same phone", () => {
  test.each([
    [
      "if they have the same name, even with different sign-ins",
      { deviceId: BOBS_PHONE, signIn: ONE },
      { deviceId: BOBS_PHONE, signIn: OTHER },
      true,
    ],
    [
      "unless they have different names, even with the same sign-in",
      { deviceId: BOBS_PHONE, signIn: ONE },
      { deviceId: BOBS_TABLET, signIn: ONE },
      false,
    ],
    [
      "if one has no name and both have the same sign-in",
      { deviceId: BOBS_PHONE, signIn: ONE },
      { signIn: ONE },
      true,
    ],
    ["unless they have different sign-ins", { signIn: ONE }, { signIn: OTHER }, false],
    [
      "unless one has only a name and the other only a sign-in",
      { deviceId: BOBS_PHONE },
      { signIn: ONE },
      false,
    ],
    ["if one of them has neither", { deviceId: BOBS_PHONE, signIn: ONE }, {}, true],
  ])("%s", (_how, one, other, same) => {
    expect([isSamePhone(one, other), isSamePhone(other, one)]).toEqual([same, same]);
  });
});

test("a phone without a name is the one that registered with its sign-in, unless several did", () => {
  const devices = [
    device("phone", undefined, { signIn: ONE }),
    device("tablet", undefined, { signIn: OTHER }),
    device("old-phone"),
  ];
  expect(registeredPhone(devices, OTHER)).toBe("tablet");
  expect(registeredPhone([...devices, device("watch", undefined, { signIn: ONE })], ONE)).toBeUndefined();
  expect(registeredPhone([device("old-phone")], ONE)).toBeUndefined();
});

describe("among phones without names", () => {
  const taken = () => after(ringing(), answer(CALLEE, undefined, ONE), at(5));

  test("the first to answer has the call and may repeat its answer, and any other is too late", () => {
    expect(answer(CALLEE, undefined, ONE)(taken(), at(6))).toMatchObject({ kind: "already" });
    const late = { kind: "over", endReason: "answered_elsewhere" };
    expect(answer(CALLEE, undefined, OTHER)(taken(), at(6))).toMatchObject(late);
    expect(answer(CALLEE, BOBS_TABLET, OTHER)(taken(), at(6))).toMatchObject(late);
    expect(ring(CALLEE, undefined, OTHER)(taken(), at(6))).toMatchObject(late);
  });

  test("the one that declined may repeat its decline, and any other learns that the call was declined", () => {
    const declined = after(ringing(), decline(CALLEE, undefined, ONE), at(5));
    expect(decline(CALLEE, undefined, ONE)(declined, at(6))).toMatchObject({ kind: "already" });
    expect(decline(CALLEE, undefined, OTHER)(declined, at(6))).toMatchObject({
      kind: "over",
      endReason: "declined",
    });
  });

  test("a leg answered without a sign-in accepts a repeat with one", () => {
    const before = after(ringing(), answer(CALLEE, undefined), at(5));
    expect(answer(CALLEE, undefined, ONE)(before, at(6))).toMatchObject({ kind: "already" });
  });
});

describe("another phone that takes over", () => {
  const moved = () => after(answered(), takeOver(CALLEE, { deviceId: BOBS_TABLET, signIn: ONE }), at(20));

  test("has the leg from then on, with a token of its own, and all earlier tokens are over", () => {
    const before = legOf(answered(), CALLEE);
    const leg = legOf(moved(), CALLEE);
    expect(leg).toMatchObject({
      status: "joined",
      deviceId: BOBS_TABLET,
      signIn: ONE,
      joinedAtMs: before.joinedAtMs,
      tokenCount: before.tokenCount + 1,
      tokensOver: before.tokenCount,
    });
    expect(participantsOver(moved())).toEqual([participantId(CALL, CALLEE, 1)]);
    expect(moved().turn).toBe(answered().turn);
  });

  test("publishes LegMoved again if it asks again, and no further token is over", () => {
    const again = takeOver(CALLEE, { deviceId: BOBS_TABLET })(moved(), at(30));
    expect(again).toMatchObject({ kind: "already" });
    const names = "events" in again ? again.events.map(({ name }) => name) : [];
    expect(names).toContain("LegMoved");
    expect(participantsOver(again.call)).toEqual([participantId(CALL, CALLEE, 1)]);
  });

  test("ends the participants that IVS's API named as well", () => {
    const call = answered();
    const leg = { ...legOf(call, CALLEE), participants: ["chosen-by-ivs"] };
    const withApi = { ...call, legs: { ...call.legs, [CALLEE]: leg } };
    const next = after(withApi, takeOver(CALLEE, { deviceId: BOBS_TABLET }), at(20));
    expect(legOf(next, CALLEE)).toMatchObject({ participantsOver: ["chosen-by-ivs"] });
    expect(legOf(next, CALLEE).participants).toBeUndefined();
  });

  test("may be the caller's while the call rings, and its token outlives the ring", () => {
    const next = after(calling(), takeOver(CALLER, { deviceId: BOBS_TABLET }), at(5));
    expect(legOf(next, CALLER)).toMatchObject({ deviceId: BOBS_TABLET, tokensOver: 1, tokenCount: 2 });
    expect(legOf(next, CALLER).tokensUntilMs).toBeGreaterThanOrEqual(legOf(calling(), CALLER).tokensUntilMs);
    expect(legOf(calling(), CALLER).deviceId).toBe(ALICES_PHONE);
  });

  test("gets only a token if it has the leg already, and none once the call is over", () => {
    const same = takeOver(CALLEE, { deviceId: BOBS_PHONE })(answered(), at(20));
    expect(same.call.legs[CALLEE]?.tokensOver).toBeUndefined();
    expect(takeOver(CALLEE, { deviceId: BOBS_TABLET })(completed(), at(70))).toMatchObject({ kind: "over" });
  });

  test("may rejoin a leg that has left, under the rules for any phone", () => {
    const left = after(answered(), endLeg(CALLEE), at(20));
    expect(takeOver(CALLEE, { deviceId: BOBS_TABLET })(left, at(21))).toMatchObject({ kind: "over" });
    expect(rejoin(CALLEE, BOBS_TABLET)(left, at(21)).kind).toBe("over");
  });
});
