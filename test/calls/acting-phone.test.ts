/** Which phone of a client acts (A1, A2), and what becomes of a leg that another phone takes over. */
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

describe("a phone is the same", () => {
  test.each([
    [
      "by its name, whatever the sign-in",
      { deviceId: BOBS_PHONE, signIn: ONE },
      { deviceId: BOBS_PHONE, signIn: OTHER },
      true,
    ],
    [
      "not by the sign-in, if both have names",
      { deviceId: BOBS_PHONE, signIn: ONE },
      { deviceId: BOBS_TABLET, signIn: ONE },
      false,
    ],
    ["by its sign-in, if one has no name", { deviceId: BOBS_PHONE, signIn: ONE }, { signIn: ONE }, true],
    ["not with another sign-in", { signIn: ONE }, { signIn: OTHER }, false],
    [
      "not if one has a name only and the other a sign-in only",
      { deviceId: BOBS_PHONE },
      { signIn: ONE },
      false,
    ],
    ["if nothing is known of one of them", { deviceId: BOBS_PHONE, signIn: ONE }, {}, true],
  ])("%s", (_how, one, other, same) => {
    expect([isSamePhone(one, other), isSamePhone(other, one)]).toEqual([same, same]);
  });
});

test("a phone that does not name itself is the one that registered with its sign-in, unless several did", () => {
  const devices = [
    device("phone", undefined, { signIn: ONE }),
    device("tablet", undefined, { signIn: OTHER }),
    device("old-phone"),
  ];
  expect(registeredPhone(devices, OTHER)).toBe("tablet");
  expect(registeredPhone([...devices, device("watch", undefined, { signIn: ONE })], ONE)).toBeUndefined();
  expect(registeredPhone([device("old-phone")], ONE)).toBeUndefined();
});

describe("of phones that do not name themselves", () => {
  const taken = () => after(ringing(), answer(CALLEE, undefined, ONE), at(5));

  test("the first to answer has the call, also when it repeats, and every other is too late", () => {
    expect(answer(CALLEE, undefined, ONE)(taken(), at(6))).toMatchObject({ kind: "already" });
    const late = { kind: "over", endReason: "answered_elsewhere" };
    expect(answer(CALLEE, undefined, OTHER)(taken(), at(6))).toMatchObject(late);
    expect(answer(CALLEE, BOBS_TABLET, OTHER)(taken(), at(6))).toMatchObject(late);
    expect(ring(CALLEE, undefined, OTHER)(taken(), at(6))).toMatchObject(late);
  });

  test("the one that declined may repeat it, and another learns that it was declined", () => {
    const declined = after(ringing(), decline(CALLEE, undefined, ONE), at(5));
    expect(decline(CALLEE, undefined, ONE)(declined, at(6))).toMatchObject({ kind: "already" });
    expect(decline(CALLEE, undefined, OTHER)(declined, at(6))).toMatchObject({
      kind: "over",
      endReason: "declined",
    });
  });

  test("the sign-in of a call that was answered before sign-ins were kept is not asked for", () => {
    const before = after(ringing(), answer(CALLEE, undefined), at(5));
    expect(answer(CALLEE, undefined, ONE)(before, at(6))).toMatchObject({ kind: "already" });
  });
});

describe("another phone that takes over", () => {
  const moved = () => after(answered(), takeOver(CALLEE, { deviceId: BOBS_TABLET, signIn: ONE }), at(20));

  test("has the leg from then on, with a token of its own, and all tokens before it are over", () => {
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

  test("makes that known once more when it asks again, and leaves the tokens after its first alone", () => {
    const again = takeOver(CALLEE, { deviceId: BOBS_TABLET })(moved(), at(30));
    expect(again).toMatchObject({ kind: "already" });
    const names = "events" in again ? again.events.map(({ name }) => name) : [];
    expect(names).toContain("LegMoved");
    expect(participantsOver(again.call)).toEqual([participantId(CALL, CALLEE, 1)]);
  });

  test("gives over what the API of IVS named as well", () => {
    const call = answered();
    const leg = { ...legOf(call, CALLEE), participants: ["chosen-by-ivs"] };
    const withApi = { ...call, legs: { ...call.legs, [CALLEE]: leg } };
    const next = after(withApi, takeOver(CALLEE, { deviceId: BOBS_TABLET }), at(20));
    expect(legOf(next, CALLEE)).toMatchObject({ participantsOver: ["chosen-by-ivs"] });
    expect(legOf(next, CALLEE).participants).toBeUndefined();
  });

  test("may be a caller's while it rings: the token outlives the ring", () => {
    const next = after(calling(), takeOver(CALLER, { deviceId: BOBS_TABLET }), at(5));
    expect(legOf(next, CALLER)).toMatchObject({ deviceId: BOBS_TABLET, tokensOver: 1, tokenCount: 2 });
    expect(legOf(next, CALLER).tokensUntilMs).toBeGreaterThanOrEqual(legOf(calling(), CALLER).tokensUntilMs);
    expect(legOf(calling(), CALLER).deviceId).toBe(ALICES_PHONE);
  });

  test("that has it already just gets a token, and of a call that is over none", () => {
    const same = takeOver(CALLEE, { deviceId: BOBS_PHONE })(answered(), at(20));
    expect(same.call.legs[CALLEE]?.tokensOver).toBeUndefined();
    expect(takeOver(CALLEE, { deviceId: BOBS_TABLET })(completed(), at(70))).toMatchObject({ kind: "over" });
  });

  test("of a leg that is over comes back as any phone may", () => {
    const left = after(answered(), endLeg(CALLEE), at(20));
    expect(takeOver(CALLEE, { deviceId: BOBS_TABLET })(left, at(21))).toMatchObject({ kind: "over" });
    expect(rejoin(CALLEE, BOBS_TABLET)(left, at(21)).kind).toBe("over");
  });
});
