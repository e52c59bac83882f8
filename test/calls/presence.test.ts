/** Legs that vanish: which hints demand a check, and what follows from its result. P1 to P4 are in calls/presence.ts. */
import { describe, expect, test } from "vitest";
import type { Call } from "../../calls/call.ts";
import { participantId, participantOf } from "../../calls/ids.ts";
import { JOIN_SECONDS, RECHECK_SECONDS } from "../../calls/limits.ts";
import {
  type Connected,
  needsCheck,
  checkDueInMs,
  hasDoubts,
  type Hint,
  applyCheck,
  type Sighting,
  sightingsFrom,
  type Trace,
} from "../../calls/presence.ts";
import { renewToken } from "../../calls/participant-tokens.ts";
import {
  after,
  ALICE,
  answered,
  at,
  BOB,
  CALL,
  CALLEE,
  callId,
  CALLER,
  completed,
  ringing,
} from "../builders.ts";
import { ALICES_PLACE, BOBS_PLACE } from "../fake-presence.ts";

type Sightings = ReadonlyMap<number, Sighting>;
const seen = (...entries: [leg: number, atMs: number, tokenNumber?: number][]): Sightings =>
  new Map(entries.map(([leg, atMs, tokenNumber = 1]) => [leg, { tokenNumber, atMs }]));
const BOTH = seen([CALLER, at(1)], [CALLEE, at(6)]);

const unpublished = (atMs: number, tokenNumber = 1, leg = CALLEE): Hint => ({
  kind: "unpublished",
  callId: CALL,
  leg,
  tokenNumber,
  atMs,
});
const people = (...ids: string[]): Connected[] => ids.map((id) => ({ participantId: id }));
/** The call was answered in the fifth second. By this second every leg must have joined. */
const JOINED = 5 + JOIN_SECONDS;
const checkAt = (atSeconds: number, ...ids: string[]) => ({ atMs: at(atSeconds), connected: people(...ids) });

describe("a participant id", () => {
  test("names call, leg and token, and is parsed again", () => {
    expect(participantOf(participantId(CALL, 12, 3))).toEqual({ callId: CALL, leg: 12, tokenNumber: 3 });
  });

  test.each([
    "",
    "Mx6clRRHODPy",
    CALL,
    `${CALL}-1`,
    `${CALL}-0-1`,
    `${CALL}-1-x`,
    `${CALL}-1-1-1`,
    `x${CALL}-1-1`,
  ])("%j belongs to no participant of ours", (id) => {
    expect(participantOf(id)).toBeUndefined();
  });
});

describe("a hint demands a check (P1)", () => {
  const demands = (hint: Hint, sightings = BOTH, call = answered(), nowMs = at(60)) =>
    needsCheck(hint, { call, sightings }, nowMs);

  test("when a participant of an answered call stopped publishing", () => {
    expect(demands(unpublished(at(30)))).toBe(true);
  });

  test("not if that leg was seen publishing later, or with a later token", () => {
    expect(demands(unpublished(at(30)), seen([CALLEE, at(35)]))).toBe(false);
    expect(demands(unpublished(at(30)), seen([CALLEE, at(30)]))).toBe(true);
    expect(demands(unpublished(at(30)), seen([CALLEE, at(25), 2]))).toBe(false);
    expect(demands(unpublished(at(30)), seen([CALLER, at(35)]))).toBe(true);
  });

  test("if the leg was not seen with the later token that it asked for", () => {
    const rejoining = after(answered(), renewToken(CALLEE), at(60));
    expect(demands(unpublished(at(59)), BOTH, rejoining)).toBe(true);
  });

  test("not if the call is over, unanswered, or past its deadline", () => {
    expect(demands(unpublished(at(30)), BOTH, completed())).toBe(false);
    expect(demands(unpublished(at(3)), BOTH, ringing())).toBe(false);
    expect(demands(unpublished(at(30)), BOTH, answered(), answered().deadlineMs)).toBe(false);
  });

  test("after an answer, if a leg was never seen", () => {
    const hint: Hint = { kind: "answered", callId: CALL };
    expect(demands(hint, seen([CALLER, at(1)]))).toBe(true);
    expect(demands(hint)).toBe(false);
  });

  test("if the stage had no session after the time to join, and no leg was seen since", () => {
    const listed = (atMs: number): Hint => ({ kind: "no_session", callId: CALL, atMs });
    expect(demands(listed(at(JOINED)))).toBe(true);
    expect(demands(listed(at(JOINED) - 1))).toBe(false);
    expect(demands(listed(at(50)), seen([CALLER, at(51)], [CALLEE, at(6)]))).toBe(false);
  });

  test("again, while a leg is in doubt", () => {
    const hint: Hint = { kind: "doubted", callId: CALL };
    const doubted = after(answered(), applyCheck(checkAt(50, ALICES_PLACE), BOTH), at(50));
    expect(demands(hint, BOTH, doubted)).toBe(true);
    expect(demands(hint, seen([CALLEE, at(55)]), doubted)).toBe(false);
    expect(demands(hint, BOTH)).toBe(false);
  });
});

describe("the last sighting of a leg", () => {
  const trace = (tokenNumber: number, publishedAtMs: number, unpublishedAtMs?: number, leg = CALLER) => ({
    leg,
    tokenNumber,
    publishedAtMs,
    unpublishedAtMs,
  });
  const sighting = (call: Call, ...traces: Trace[]) => sightingsFrom(call, traces).get(CALLER);

  test("is that of its latest token", () => {
    expect(sighting(answered(), trace(1, at(50)), trace(2, at(9)))).toEqual({ tokenNumber: 2, atMs: at(9) });
    expect(sightingsFrom(answered(), [trace(1, at(6), undefined, CALLEE)]).has(CALLER)).toBe(false);
    expect(sighting(answered(), { leg: CALLER, tokenNumber: 1, unpublishedAtMs: at(7) })).toBeUndefined();
  });

  test("does not count if the caller stopped publishing while the call rang, and did not begin again", () => {
    expect(sighting(ringing(), trace(1, at(1), at(3)))).toBeUndefined();
    expect(sighting(answered(), trace(1, at(1), at(3)))).toBeUndefined();
    expect(sighting(ringing(), trace(1, at(4), at(3)))).toEqual({ tokenNumber: 1, atMs: at(4) });
    expect(sighting(answered(), trace(1, at(1), at(30)))).toEqual({ tokenNumber: 1, atMs: at(1) });
  });
});

describe("a check of the stage", () => {
  test("that finds every leg changes nothing", () => {
    const decision = applyCheck(checkAt(50, ALICES_PLACE, BOBS_PLACE), BOTH)(answered(), at(50));
    expect(decision).toEqual({ kind: "already", call: answered(), events: [] });
  });

  test("counts a participant with any token of its leg (P2)", () => {
    const renewed = after(answered(), renewToken(CALLEE), at(60));
    const decision = applyCheck(checkAt(70, ALICES_PLACE, BOBS_PLACE), BOTH)(renewed, at(70));
    expect(decision.kind).toBe("already");
  });

  test("counts participants that IVS named itself by their client", () => {
    const connected = [
      { participantId: "Mx6clRRHODPy", userId: ALICE },
      { participantId: "xYzclRRHODPy", userId: BOB },
    ];
    expect(applyCheck({ atMs: at(50), connected }, BOTH)(answered(), at(50)).kind).toBe("already");
  });

  test("does not count a participant of another call, even of the same person", () => {
    const before = participantId(callId(7), CALLEE, 1);
    const connected = [{ participantId: ALICES_PLACE }, { participantId: before, userId: BOB }];
    const call = after(answered(), applyCheck({ atMs: at(50), connected }, BOTH), at(50));
    expect(call.legs[CALLEE]?.doubt).toEqual({ sinceMs: at(50), tokenCount: 1 });
  });

  test("that does not find a leg doubts it, raises no turn and publishes nothing (P3, P4)", () => {
    const decision = applyCheck(checkAt(50, ALICES_PLACE), BOTH)(answered(), at(50));
    expect(decision).toMatchObject({ kind: "changed", events: [], call: { status: "answered" } });
    expect(decision.call.turn).toBe(answered().turn);
    expect(decision.call.version).toBe(answered().version + 1);
    expect(decision.call.legs[CALLER]?.doubt).toBeUndefined();
    expect(decision.call.legs[CALLEE]?.doubt).toEqual({ sinceMs: at(50), tokenCount: 1 });
  });

  test("ignores a leg that was never seen and still has time to join", () => {
    const early = applyCheck(checkAt(JOINED - 1, ALICES_PLACE), seen([CALLER, at(1)]))(
      answered(),
      at(JOINED - 1),
    );
    expect(early.kind).toBe("already");
    const due = applyCheck(checkAt(JOINED, ALICES_PLACE), seen([CALLER, at(1)]))(answered(), at(JOINED));
    expect(due.kind).toBe("changed");
  });

  test("that is older than the leg's last sighting proves nothing", () => {
    const decision = applyCheck(checkAt(50, ALICES_PLACE), seen([CALLER, at(1)], [CALLEE, at(51)]))(
      answered(),
      at(52),
    );
    expect(decision.kind).toBe("already");
  });

  test("of a call that is over changes nothing", () => {
    expect(applyCheck(checkAt(70), BOTH)(completed(), at(70))).toEqual({
      kind: "already",
      call: completed(),
      events: [],
    });
  });
});

test("a check is too early while a leg may still be joining", () => {
  const known = { call: answered(), sightings: seen([CALLER, at(1)]) };
  expect(checkDueInMs(known, at(JOINED) - 1)).toBe(1);
  expect(checkDueInMs(known, at(JOINED))).toBe(0);
  expect(checkDueInMs({ ...known, sightings: BOTH }, at(6))).toBe(0);
});

describe("a second check", () => {
  const AGAIN = 50 + RECHECK_SECONDS;
  const doubted = () => after(answered(), applyCheck(checkAt(50, ALICES_PLACE), BOTH), at(50));

  test("that does not find the leg either ends the call as dropped, wakes the workflow and publishes the end (P3, P4)", () => {
    const { call, ...decision } = applyCheck(checkAt(AGAIN, ALICES_PLACE), BOTH)(doubted(), at(AGAIN));
    expect(decision.kind).toBe("changed");
    expect(call).toMatchObject({ status: "ended", endReason: "dropped", endedAtMs: at(AGAIN) });
    expect(call.turn).toBe(doubted().turn + 1);
    const names = decision.kind === "changed" && decision.events.map(({ name }) => name);
    expect(names).toEqual(["LegEnded", "LegEnded", "LegUpdated", "LegUpdated"]);
  });

  test("that finds neither leg ends the call once", () => {
    const bothDoubted = after(answered(), applyCheck(checkAt(50), BOTH), at(50));
    const decision = applyCheck(checkAt(AGAIN), BOTH)(bothDoubted, at(AGAIN));
    expect(decision.call.turn).toBe(bothDoubted.turn + 1);
    expect(decision.call.version).toBe(bothDoubted.version + 1);
    const ends = decision.kind === "changed" ? decision.events.filter(({ name }) => name === "LegEnded") : [];
    expect(ends.map(({ detail }) => [detail["leg"], detail["legEndReason"]])).toEqual([
      [CALLER, "dropped"],
      [CALLEE, "dropped"],
    ]);
  });

  test("that comes too early decides nothing", () => {
    expect(checkDueInMs({ call: doubted(), sightings: BOTH }, at(AGAIN) - 1)).toBe(1);
    expect(applyCheck(checkAt(AGAIN - 1, ALICES_PLACE), BOTH)(doubted(), at(AGAIN - 1)).kind).toBe("already");
  });

  test("that finds the leg ends the doubt", () => {
    const call = after(doubted(), applyCheck(checkAt(AGAIN, ALICES_PLACE, BOBS_PLACE), BOTH), at(AGAIN));
    expect(call.legs).toEqual(answered().legs);
    expect(hasDoubts({ call, sightings: BOTH })).toBe(false);
  });

  test("starts again if the leg has asked for another token in between", () => {
    const rejoining = after(doubted(), renewToken(CALLEE), at(60));
    const call = after(rejoining, applyCheck(checkAt(AGAIN, ALICES_PLACE), BOTH), at(AGAIN));
    expect(call.status).toBe("answered");
    expect(call.legs[CALLEE]?.doubt).toEqual({ sinceMs: at(AGAIN), tokenCount: 2 });
  });

  test("starts again if the leg was seen publishing in between", () => {
    const back = seen([CALLER, at(1)], [CALLEE, at(60)]);
    const call = after(doubted(), applyCheck(checkAt(AGAIN, ALICES_PLACE), back), at(AGAIN));
    expect(call.status).toBe("answered");
    expect(call.legs[CALLEE]?.doubt).toEqual({ sinceMs: at(AGAIN), tokenCount: 1 });
  });
});
