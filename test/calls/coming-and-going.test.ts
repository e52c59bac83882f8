/** Rejoining a call that goes on, and being called into it. */
import { describe, expect, test } from "vitest";
import { invitation } from "../../calls/admission.ts";
import { type Call, legsOf } from "../../calls/call.ts";
import { answer, rejoin, ring } from "../../calls/answering.ts";
import { decline, endLeg, passTime } from "../../calls/ending.ts";
import { invite } from "../../calls/invitation.ts";
import {
  after,
  afterAll,
  alice,
  answered,
  at,
  BOB,
  bobIn,
  BOBS,
  BOBS_PHONE,
  BOBS_TABLET,
  CALLER,
  calling,
  CAROL,
  carol,
  CAROLS,
  completed,
  dave,
  MAX_CALL_SECONDS,
} from "./group.ts";

/** Alice and Bob talk. Carol and Dave have missed the call. */
const twoTalk = (): Call => after(bobIn(), passTime, at(45));
const called = (client = carol(), second = 100) =>
  invitation(client, { callers: [alice()], ringUntilMs: at(second + 45), nowMs: at(second) });

describe("rejoining", () => {
  test("a client that missed the ring joins while the others still talk, with a token of its own", () => {
    const decision = rejoin(CAROLS, undefined)(twoTalk(), at(60));
    expect(decision).toMatchObject({
      kind: "changed",
      call: {
        status: "answered",
        turn: 3,
        answeredAtMs: at(5),
        legs: { 3: { status: "joined", joinedAtMs: at(60), tokenCount: 1, tokensUntilMs: at(120) } },
      },
    });
    expect(decision.call.legs[CAROLS]).not.toHaveProperty("leftAtMs");
    expect(decision.call.legs[CAROLS]).not.toHaveProperty("leftReason");
    expect(decision.kind === "changed" && decision.events[0]?.name).toBe("LegJoined");
  });

  test("a client that hung up rejoins with another device and the next token", () => {
    const three = after(bobIn(), answer(CAROLS, undefined), at(9));
    const left = after(three, endLeg(BOBS), at(20));
    const back = after(left, rejoin(BOBS, BOBS_TABLET), at(30));
    expect(back.legs[BOBS]).toMatchObject({ status: "joined", deviceId: BOBS_TABLET, tokenCount: 2 });
    expect(answer(BOBS, BOBS_PHONE)(back, at(31))).toMatchObject({
      kind: "over",
      endReason: "answered_elsewhere",
    });
  });

  test("a client that declined may still join before another has answered", () => {
    const call = after(calling({ callees: [dave(), carol()] }), decline(BOBS, BOBS_PHONE), at(3));
    expect(after(call, rejoin(BOBS, BOBS_PHONE), at(6))).toMatchObject({
      status: "answered",
      answeredAtMs: at(6),
    });
  });

  test("an answer alone does not bring a leg back, because it does not take the slot", () => {
    expect(answer(CAROLS, undefined)(twoTalk(), at(60))).toEqual({
      kind: "over",
      call: twoTalk(),
      endReason: "missed",
    });
  });

  test("a leg that still rings answers, and one that has joined repeats its answer", () => {
    expect(rejoin(CAROLS, undefined)(bobIn(), at(9))).toEqual(answer(CAROLS, undefined)(bobIn(), at(9)));
    expect(rejoin(BOBS, BOBS_PHONE)(bobIn(), at(9)).kind).toBe("already");
  });

  test("no client rejoins a call that is over or past its hard limit (W8)", () => {
    expect(rejoin(BOBS, undefined)(completed(), at(61))).toMatchObject({
      kind: "over",
      endReason: "completed",
    });
    expect(rejoin(CAROLS, undefined)(twoTalk(), at(5 + MAX_CALL_SECONDS))).toMatchObject({
      kind: "over",
      endReason: "expired",
    });
  });
});

describe("being called into a call", () => {
  test("gives the client a leg, which rings like any other, and wakes the workflow", () => {
    const decision = invite([called(), called(dave())])(answered(), at(100));
    expect(decision).toMatchObject({
      kind: "changed",
      call: {
        status: "answered",
        turn: 2,
        legs: {
          3: { clientId: CAROL, role: "callee", status: "invited", ringUntilMs: at(145) },
          4: { clientId: dave().clientId, status: "invited" },
        },
      },
    });
    expect(decision.kind === "changed" && decision.events.map(({ name }) => name)).toEqual([
      "LegInvited",
      "LegInvited",
      ...Array<string>(4).fill("LegUpdated"),
    ]);
  });

  test("for the second time keeps the leg's number and token counts, and nothing else", () => {
    const three = after(bobIn(), answer(CAROLS, BOBS_TABLET), at(9));
    const call = afterAll(three, [endLeg(CAROLS), 20], [invite([called()]), 100]);
    expect(legsOf(call)).toHaveLength(4);
    expect(call.legs[CAROLS]).toEqual({
      ...called(),
      tokenCount: 2,
      tokensOver: 1,
      tokensUntilMs: at(9 + 60),
    });
  });

  test("for the second time gives a token with a new number", () => {
    const three = after(bobIn(), answer(CAROLS, undefined), at(9));
    const before = three.legs[CAROLS]?.tokenCount ?? 0;
    const call = afterAll(
      three,
      [endLeg(CAROLS), 20],
      [invite([called()]), 100],
      [answer(CAROLS, undefined), 110],
    );
    expect(call.legs[CAROLS]?.tokenCount).toBe(before + 1);
  });

  test("before any callee has answered postpones the deadline for an answer", () => {
    const call = after(calling(), invite([called(carol(), 30)]), at(30));
    expect(call).toMatchObject({ ringUntilMs: at(45), deadlineMs: at(30 + 45 + 60) });
    const bobMissed = after(call, passTime, at(45));
    expect(bobMissed).toMatchObject({ status: "calling", legs: { 2: { leftReason: "missed" } } });
    expect(after(bobMissed, passTime, at(75)).endReason).toBe("missed");
  });

  test("does not put off the hard limit of a call", () => {
    const late = MAX_CALL_SECONDS;
    const call = after(answered(), invite([called(carol(), late)]), at(late));
    expect(call.deadlineMs).toBe(at(5 + MAX_CALL_SECONDS));
  });

  test("ends as missed without an answer, and the call goes on", () => {
    const call = afterAll(
      answered(),
      [invite([called()]), 100],
      [ring(CAROLS, undefined), 102],
      [passTime, 145],
    );
    expect(call).toMatchObject({ status: "answered", legs: { 3: { leftReason: "missed" } } });
  });

  test("keeps the caller in the call when the other client hangs up meanwhile", () => {
    const call = afterAll(answered(), [invite([called()]), 100], [endLeg(BOBS), 110]);
    expect(call.status).toBe("answered");
    expect(after(call, answer(CAROLS, undefined), at(120)).legs[CALLER]?.status).toBe("joined");
  });

  test("is too late in a call that is over or past its hard limit (W8)", () => {
    expect(invite([called()])(completed(), at(100))).toMatchObject({ kind: "over", endReason: "completed" });
    expect(invite([called()])(answered(), at(5 + MAX_CALL_SECONDS))).toMatchObject({ endReason: "expired" });
  });

  test("records a busy client as busy, and rings no phone", () => {
    const context = { callers: [alice()], ringUntilMs: at(145), nowMs: at(100) };
    const leg = invitation(carol(), { ...context, busy: new Set([CAROL]) });
    expect(leg).toMatchObject({ status: "left", leftReason: "busy", leftAtMs: at(100) });
    expect(after(answered(), invite([leg]), at(100))).toMatchObject({ status: "answered", calleeId: BOB });
  });
});
