import { expect, test } from "vitest";
import { prepareTokens, renewToken, tokensUntilMs } from "../../calls/rules.ts";
import {
  after,
  answered,
  at,
  CALLEE,
  CALLER,
  calling,
  completed,
  MAX_CALL_SECONDS,
  ringing,
} from "../builders.ts";

const PREPARED = prepareTokens;

test("Bob's place is prepared while his phone rings, until two minutes after the ring", () => {
  const decision = PREPARED(ringing(), at(3));
  expect(decision).toMatchObject({
    kind: "changed",
    call: {
      status: "ringing",
      version: 3,
      turn: 0,
      legs: { 2: { tokenCount: 1, tokensUntilMs: at(165), status: "ringing" } },
    },
    events: [{ name: "ParticipantTokenIssued", detail: { leg: CALLEE, expiresAtMs: at(165), version: 3 } }],
  });
});

test("a place that is prepared stays as it is, and its event is repeated (W7)", () => {
  const prepared = after(ringing(), PREPARED, at(3));
  expect(PREPARED(prepared, at(4))).toMatchObject({
    kind: "already",
    call: prepared,
    events: [{ name: "ParticipantTokenIssued" }],
  });
});

test("an answer that came first has prepared the place itself", () => {
  expect(PREPARED(answered(), at(6))).toMatchObject({ kind: "already", call: answered() });
});

test("no place is prepared on the stage of a call that is over", () => {
  expect(PREPARED(completed(), at(70))).toEqual({ kind: "already", call: completed(), events: [] });
});

test("Alice, who calls again, gets a token with a number of its own, and the call is announced again", () => {
  const decision = renewToken(CALLER)(ringing(), at(30));
  expect(decision).toMatchObject({
    kind: "changed",
    call: { version: 3, turn: 0, legs: { 1: { tokenCount: 2, tokensUntilMs: at(165) } } },
  });
  expect(decision.kind === "changed" && decision.events[0]?.name).toBe("CallInitiated");
});

test("a token of an answered call is usable for two minutes from now, and starts no workflow", () => {
  const decision = renewToken(CALLEE)(answered(), at(1000));
  expect(decision).toMatchObject({
    kind: "changed",
    call: { turn: 1, legs: { 2: { tokenCount: 2, tokensUntilMs: at(1120) } } },
    events: [],
  });
});

test("a new token never shortens how long an older one could be used", () => {
  const early = after(answered(), renewToken(CALLEE), at(6));
  expect(early.legs[CALLEE]?.tokensUntilMs).toBe(at(165));
});

test("nobody gets a token for a call that is over or past its deadline (W8)", () => {
  for (const [call, nowMs, endReason] of [
    [completed(), at(70), "completed"],
    [calling(), at(105), "missed"],
    [answered(), at(5 + MAX_CALL_SECONDS), "expired"],
  ] as const) {
    expect(renewToken(CALLER)(call, nowMs)).toMatchObject({ kind: "over", endReason });
  }
});

test("the stage must rest until the last token of either side has run out", () => {
  expect(tokensUntilMs(calling())).toBe(at(165));
  expect(tokensUntilMs(after(answered(), renewToken(CALLEE), at(1000)))).toBe(at(1120));
});
