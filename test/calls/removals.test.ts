/** Which participants must be removed from the stage. Invariants R1 to R5: calls/removals.ts. */
import { describe, expect, test } from "vitest";
import { newCall } from "../../calls/admission.ts";
import type { Call } from "../../calls/call.ts";
import { participantId } from "../../calls/ids.ts";
import { endForEverybody, removePerson } from "../../calls/operators.ts";
import type { Trace } from "../../calls/presence.ts";
import {
  actOf,
  done,
  type KnownStage,
  notJoined,
  participantsOver,
  type Removal,
  removalsDue,
  removalsOfFound,
  WHOLE_STAGE,
} from "../../calls/removals.ts";
import { answer, rejoin } from "../../calls/answering.ts";
import { decline, endBy, endLeg, leaveAs } from "../../calls/ending.ts";
import { invite } from "../../calls/invitation.ts";
import { renewToken } from "../../calls/participant-tokens.ts";
import {
  after,
  alice,
  answered,
  at,
  BOBS_PHONE,
  bob,
  CALL,
  CALLEE,
  CALLER,
  carol,
  completed,
  endedWhileRinging,
  MAX_CALL_SECONDS,
  RING_SECONDS,
  ringing,
  stage,
  START_MS,
} from "../builders.ts";
import { invitation } from "../../calls/admission.ts";

const CAROL = 3;
const GRACE_MS = 8_000;
const OLIVIA = { sub: "sub-of-olivia", username: "olivia" };
const place = (leg: number, token = 1): string => participantId(CALL, leg, token);

type Said = readonly [id: string, publishedAtMs?: number, unpublishedAtMs?: number];
function known(call: Call, said: readonly Said[] = [], removals: readonly Removal[] = []): KnownStage {
  const traces = said.map(([id, publishedAtMs, unpublishedAtMs]): [string, Trace] => {
    const [leg = 0, tokenNumber = 0] = id.split("-").slice(-2).map(Number);
    return [id, { leg, tokenNumber, publishedAtMs, unpublishedAtMs }];
  });
  return {
    call,
    participants: new Map(traces),
    removals: new Map(removals.map((one) => [one.target, one])),
  };
}
const due = (call: Call, said: readonly Said[] = [], nowMs = at(75), removals: readonly Removal[] = []) =>
  removalsDue(known(call, said, removals), GRACE_MS, nowMs);
const targets = (...args: Parameters<typeof due>) => due(...args).map(({ target }) => target);

/** Alice, Bob and Carol talk. */
function three(): Call {
  const call = newCall({
    callId: CALL,
    caller: alice(),
    callees: [bob(), carol()],
    media: "audio",
    stage: stage(),
    ringSeconds: RING_SECONDS,
    maxCallSeconds: MAX_CALL_SECONDS,
    nowMs: START_MS,
  });
  return after(after(call, answer(CALLEE, BOBS_PHONE), at(4)), answer(CAROL, undefined), at(5));
}
const bobLeft = (): Call => after(three(), endLeg(CALLEE), at(60));

const BOTH_LEFT: Said[] = [
  [place(CALLER), at(1), at(61)],
  [place(CALLEE), at(6), at(61)],
];

describe("a call that is over", () => {
  test("needs no removal if every participant was reported to stop publishing (R2)", () => {
    expect(targets(completed(), BOTH_LEFT)).toEqual([]);
  });

  test("leaves its phones a grace period to leave, or to be reported by IVS", () => {
    const staying: Said[] = [
      [place(CALLER), at(1)],
      [place(CALLEE), at(6), at(61)],
    ];
    expect(targets(completed(), staying, at(60) + GRACE_MS - 1)).toEqual([]);
    expect(targets(completed(), staying, at(60) + GRACE_MS)).toEqual([place(CALLER)]);
  });

  test("has one publishing participant disconnected, and the stage replaced for two (R3)", () => {
    expect(
      due(completed(), [
        [place(CALLER), at(1)],
        [place(CALLEE), at(6), at(61)],
      ]),
    ).toMatchObject([{ target: place(CALLER), step: "remove", priority: "ended", dueAtMs: at(75) }]);
    expect(
      targets(completed(), [
        [place(CALLER), at(1)],
        [place(CALLEE), at(6)],
      ]),
    ).toEqual([WHOLE_STAGE]);
  });

  test("takes reports in any order: a stop counts if it is later than the start", () => {
    expect(
      targets(completed(), [
        [place(CALLER), at(1), at(1)],
        [place(CALLEE), at(6), at(61)],
      ]),
    ).toEqual([]);
    expect(
      targets(completed(), [
        [place(CALLER), at(65), at(61)],
        [place(CALLEE), at(6), at(61)],
      ]),
    ).toEqual([place(CALLER)]);
  });

  test("counts a participant without any report, because IVS may lose reports", () => {
    expect(targets(completed(), [[place(CALLEE), at(6), at(61)]])).toEqual([place(CALLER)]);
    expect(targets(completed())).toEqual([WHOLE_STAGE]);
    expect(
      targets(completed(), [
        [place(CALLER), undefined, at(61)],
        [place(CALLEE), at(6), at(61)],
      ]),
    ).toEqual([]);
  });

  test("looks at the latest token of a leg, and reports of an earlier one prove nothing", () => {
    const renewed = after(after(answered(), renewToken(CALLER), at(91)), endLeg(CALLEE), at(95));
    expect(targets(renewed, BOTH_LEFT, at(110))).toEqual([place(CALLER, 2)]);
  });

  test("without an answer removes the caller only if it was reported to publish", () => {
    for (const over of [endedWhileRinging("missed"), after(ringing(), decline(CALLEE, undefined), at(10))]) {
      expect(targets(over)).toEqual([]);
      expect(targets(over, [[place(CALLER), at(1), at(11)]])).toEqual([]);
      expect(targets(over, [[place(CALLER), at(1)]])).toEqual([place(CALLER)]);
    }
  });

  test("does not remove a leg that two checks did not find, unless it publishes later", () => {
    const dropped = after(answered(), leaveAs(CALLEE, "dropped"), at(60));
    const aliceLeft: Said = [place(CALLER), at(1), at(61)];
    expect(targets(dropped, [aliceLeft, [place(CALLEE), at(6)]])).toEqual([]);
    expect(targets(dropped, [aliceLeft])).toEqual([]);
    expect(targets(dropped, [aliceLeft, [place(CALLEE), at(65)]])).toEqual([place(CALLEE)]);
  });

  test("has its stage replaced at once, and first, if an operator ended it for everyone (R3, R5)", () => {
    const ended = after(answered(), endForEverybody(OLIVIA), at(60));
    expect(due(ended, BOTH_LEFT, at(60))).toMatchObject([{ target: WHOLE_STAGE, priority: "person" }]);
  });

  test("because an operator removed a person is cleared first as well (R5)", () => {
    const removed = after(answered(), removePerson(CALLEE, OLIVIA), at(60));
    expect(
      due(removed, [
        [place(CALLER), at(1), at(61)],
        [place(CALLEE), at(6)],
      ]),
    ).toMatchObject([{ target: place(CALLEE), priority: "person" }]);
  });

  test("lists a participant once, and again if it publishes after its removal was not needed", () => {
    const staying: Said[] = [
      [place(CALLER), at(80)],
      [place(CALLEE), at(6), at(61)],
    ];
    const [first] = due(completed(), staying) as [Removal];
    expect(targets(completed(), staying, at(81), [first])).toEqual([]);
    expect(targets(completed(), staying, at(81), [done(first, "not_needed")])).toEqual([place(CALLER)]);
    expect(targets(completed(), staying, at(81), [done(first, "removed")])).toEqual([]);
  });
});

describe("a call that goes on", () => {
  test("removes every participant of a leg that has left, whatever was reported (R1)", () => {
    expect(due(bobLeft(), [[place(CALLEE), at(6), at(60)]], at(61))).toMatchObject([
      { target: place(CALLEE), priority: "going_on", step: "remove", dueAtMs: at(61) },
    ]);
    const renewed = after(after(three(), renewToken(CALLEE), at(55)), endLeg(CALLEE), at(60));
    expect(targets(renewed)).toEqual([place(CALLEE), place(CALLEE, 2)]);
  });

  test("spares a leg that rejoins: only the tokens up to the end of the earlier part are removed", () => {
    const back = after(bobLeft(), rejoin(CALLEE, BOBS_PHONE), at(62));
    expect(back.legs[CALLEE]?.tokenCount).toBe(2);
    expect(targets(back)).toEqual([place(CALLEE)]);
    const gone = after(back, endLeg(CALLEE), at(70));
    expect(targets(gone)).toEqual([place(CALLEE), place(CALLEE, 2)]);
  });

  test("still removes the earlier tokens of a client that is called again", () => {
    const context = { callers: [alice()], ringUntilMs: at(110), nowMs: at(65) };
    const asked = after(bobLeft(), invite([invitation(bob(), context)]), at(65));
    expect(targets(asked)).toEqual([place(CALLEE)]);
    expect(targets(after(asked, decline(CALLEE, undefined), at(70)))).toEqual([place(CALLEE)]);
  });

  test("removes no client that never joined, because its prepared token was never given out", () => {
    const call = newCall({
      callId: CALL,
      caller: alice(),
      callees: [bob(), carol()],
      media: "audio",
      stage: stage(),
      ringSeconds: RING_SECONDS,
      maxCallSeconds: MAX_CALL_SECONDS,
      nowMs: START_MS,
    });
    const talking = after(call, answer(CALLEE, BOBS_PHONE), at(4));
    expect(targets(after(talking, decline(CAROL, undefined), at(5)))).toEqual([]);
  });

  test("removes first the person whom an operator removed (R5)", () => {
    const removed = after(three(), removePerson(CALLEE, OLIVIA), at(60));
    expect(due(removed)).toMatchObject([{ target: place(CALLEE), priority: "person" }]);
  });

  test("uses the participant ids that IVS chose, if its API issues the tokens", () => {
    const call = three();
    const bobs = { ...call.legs[CALLEE], participants: ["Mx6clRRHODPy"] } as Call["legs"][string];
    const gone = after({ ...call, legs: { ...call.legs, [CALLEE]: bobs } }, endLeg(CALLEE), at(60));
    expect(participantsOver(gone)).toEqual(["Mx6clRRHODPy"]);
    expect(gone.legs[CALLEE]).not.toHaveProperty("participants");
  });
});

describe("a participant that IVS does not know", () => {
  const removal = (): Removal => due(bobLeft(), [], at(61))[0] as Removal;
  const untilMs = bobLeft().legs[CALLEE]?.tokensUntilMs as number;
  const waiting = (): Removal => notJoined(removal(), known(bobLeft()), at(62));

  test("waits for its token's expiry, and one check closes the removal (R4)", () => {
    expect(waiting()).toMatchObject({ step: "look", dueAtMs: untilMs + 1 });
    expect(actOf(waiting(), known(bobLeft()), untilMs + 1)).toBe("look");
    expect(targets(bobLeft(), [], at(70), [waiting()])).toEqual([]);
    expect(notJoined(removal(), known(bobLeft()), untilMs)).toMatchObject({ outcome: "not_joined" });
  });

  test("is due at once when it publishes before the expiry or the check after it finds it", () => {
    const back: Said[] = [[place(CALLEE), at(70)]];
    expect(due(bobLeft(), back, at(71), [waiting()])).toMatchObject([{ step: "remove", dueAtMs: at(71) }]);
    const closed = done(waiting(), "not_joined");
    const found = [{ participantId: place(CALLEE) }, { participantId: place(CALLER) }];
    expect(removalsOfFound(known(bobLeft(), [], [closed]), found, at(200))).toMatchObject([
      { target: place(CALLEE), step: "remove", dueAtMs: at(200) },
    ]);
    expect(removalsOfFound(known(bobLeft(), [], [done(closed, "removed")]), found, at(200))).toEqual([]);
  });

  test("is left alone once the call is over, because without publishers it hears nothing", () => {
    const over = known(after(bobLeft(), endBy("completed"), at(63)));
    expect(notJoined(removal(), over, at(64))).toMatchObject({ outcome: "not_joined" });
    expect(actOf(waiting(), over, untilMs + 1)).toBe("nothing");
  });
});

describe("a removal whose turn comes", () => {
  const staying: Said[] = [
    [place(CALLER), at(1)],
    [place(CALLEE), at(6)],
  ];
  const [whole] = due(completed(), staying) as [Removal];

  test("is dropped if the call is over and its phones have left", () => {
    expect(actOf(whole, known(completed(), staying), at(76))).toBe("replace");
    expect(actOf(whole, known(completed(), BOTH_LEFT), at(76))).toBe("nothing");
    const [one] = due(completed(), [
      [place(CALLER), at(1)],
      [place(CALLEE), at(6), at(61)],
    ]) as [Removal];
    expect(actOf(one, known(completed(), staying), at(76))).toBe("disconnect");
    expect(actOf(one, known(completed(), BOTH_LEFT), at(76))).toBe("nothing");
  });

  test("is carried out if the call goes on, whatever was reported", () => {
    const [one] = due(bobLeft(), [], at(61)) as [Removal];
    expect(actOf(one, known(bobLeft(), [[place(CALLEE), at(6), at(62)]]), at(63))).toBe("disconnect");
  });

  test("replaces the stage if it has waited for more than two minutes", () => {
    const [one] = due(bobLeft(), [], at(61)) as [Removal];
    expect(actOf(one, known(bobLeft()), at(61 + 120))).toBe("disconnect");
    expect(actOf(one, known(bobLeft()), at(61 + 121))).toBe("replace");
  });
});
