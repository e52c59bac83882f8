import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { legOf } from "../../calls/call.ts";
import { withLeg } from "../../calls/legs.ts";
import { TOKEN_REUSE_SECONDS, TOKEN_SECONDS } from "../../calls/limits.ts";
import { moveTo } from "../../calls/move.ts";
import { participantOfLeg } from "../../calls/participant.ts";
import { participantTokenClaims } from "../../handlers/media/ivs/participant-token.ts";
import { answer } from "../../calls/answering.ts";
import { prepareTokens, renewToken, tokensUntilMs } from "../../calls/participant-tokens.ts";
import {
  after,
  answered,
  at,
  BOBS_PHONE,
  CALL,
  CALLEE,
  CALLER,
  calling,
  completed,
  MAX_CALL_SECONDS,
  ringing,
  stage,
} from "../builders.ts";

const PREPARED = prepareTokens;

test("Bob's token is prepared while his phone rings: it has a number, and no expiry that would hold the stage", () => {
  const decision = PREPARED(ringing(), at(3));
  expect(decision).toMatchObject({
    kind: "changed",
    call: {
      status: "ringing",
      version: 3,
      turn: 0,
      legs: { 2: { tokenCount: 1, tokensUntilMs: 0, status: "ringing" } },
    },
    events: [{ name: "ParticipantTokenIssued", detail: { leg: CALLEE, version: 3 } }],
  });
  expect(decision.kind === "changed" && decision.events[0]?.detail).not.toHaveProperty("expiresAtMs");
});

test("a prepared token stays, and its event is published again (W7)", () => {
  const prepared = after(ringing(), PREPARED, at(3));
  expect(PREPARED(prepared, at(4))).toMatchObject({
    kind: "already",
    call: prepared,
    events: [{ name: "ParticipantTokenIssued" }],
  });
});

test("an answer that comes first prepares the token itself", () => {
  expect(PREPARED(answered(), at(6))).toMatchObject({ kind: "already", call: answered() });
});

test("no token is prepared for a call that is over", () => {
  expect(PREPARED(completed(), at(70))).toEqual({ kind: "already", call: completed(), events: [] });
});

test("Alice calls again while the call rings: she gets the same token, and CallInitiated is published again", () => {
  const decision = renewToken(CALLER)(ringing(), at(30));
  expect(decision).toMatchObject({ kind: "already", call: ringing() });
  expect(decision.kind === "already" && decision.events[0]?.name).toBe("CallInitiated");
});

test("she gets the next token in the last seconds before the expiry", () => {
  expect(renewToken(CALLER)(ringing(), at(90))).toMatchObject({ kind: "already" });
  const late = renewToken(CALLER)(ringing(), at(90) + 1);
  expect(late).toMatchObject({
    kind: "changed",
    call: { version: 3, turn: 0, legs: { 1: { tokenCount: 2, tokensUntilMs: at(150) + 1 } } },
  });
  expect(late.kind === "changed" && late.events[0]?.name).toBe("CallInitiated");
});

test("a client that returns to an answered call gets the same token while it is valid, then the next", () => {
  expect(answered().legs[CALLEE]).toMatchObject({ tokenCount: 1, tokensUntilMs: at(5 + 60) });
  expect(renewToken(CALLEE)(answered(), at(50))).toEqual({ kind: "already", call: answered(), events: [] });
  for (const nowMs of [at(50) + 1, at(1000)]) {
    expect(renewToken(CALLEE)(answered(), nowMs)).toMatchObject({
      kind: "changed",
      call: { turn: 1, legs: { 2: { tokenCount: 2, tokensUntilMs: nowMs + 60_000 } } },
      events: [],
    });
  }
});

test("a request for the same token ends a doubt, so that no second check drops the leg", () => {
  const call = answered();
  const doubted = withLeg(call, CALLEE, {
    ...legOf(call, CALLEE),
    doubt: { sinceMs: at(36), tokenCount: 1 },
  });
  const decision = renewToken(CALLEE)(doubted, at(40));
  expect(decision).toMatchObject({ kind: "changed", call: { turn: 1, legs: { 2: { tokenCount: 1 } } } });
  expect(decision.call.legs[CALLEE]).not.toHaveProperty("doubt");
});

test("tokens are valid for as long as the stack's setting", () => {
  const call = after(calling({ tokenSeconds: 300 }), answer(CALLEE, undefined), at(5));
  expect(call.legs).toMatchObject({ 1: { tokensUntilMs: at(345) }, 2: { tokensUntilMs: at(305) } });
});

test("a call that moves to another stage gives the next token, because an earlier one does not open that stage", () => {
  const moved = after(answered(), moveTo(stage(1), stage(2)), at(10));
  expect(renewToken(CALLEE)(moved, at(11))).toMatchObject({
    kind: "changed",
    call: { legs: { 2: { tokenCount: 2, tokensUntilMs: at(71) } } },
  });
});

describe("a request for a token", () => {
  const asking = fc.record({
    leg: fc.constantFrom(CALLER, CALLEE),
    afterMs: fc.integer({ min: 5_000, max: 400_000 }),
    tokenSeconds: fc.integer({ min: TOKEN_SECONDS.min, max: 400 }),
  });

  test("gives the same token if it is valid for 15 more seconds, else a new one", () => {
    fc.assert(
      fc.property(asking, ({ leg, afterMs, tokenSeconds }) => {
        const call = after(calling({ tokenSeconds }), answer(CALLEE, BOBS_PHONE), at(5));
        const nowMs = at(0) + afterMs;
        const before = participantTokenClaims(participantOfLeg(call, leg), nowMs);
        const rule = leg === CALLEE ? answer(CALLEE, BOBS_PHONE) : renewToken(leg);
        const given = participantTokenClaims(participantOfLeg(rule(call, nowMs).call, leg), nowMs);
        expect(given.exp * 1000 - nowMs).toBeGreaterThanOrEqual(TOKEN_REUSE_SECONDS * 1000);
        const isSame = before.exp * 1000 - nowMs >= TOKEN_REUSE_SECONDS * 1000;
        expect([given.jti, given.exp]).toEqual(
          isSame ? [before.jti, before.exp] : [`${CALL}-${leg}-2`, Math.floor(nowMs / 1000) + tokenSeconds],
        );
      }),
    );
  });
});

test("no client gets a token for a call that is over or past its deadline (W8)", () => {
  for (const [call, nowMs, endReason] of [
    [completed(), at(70), "completed"],
    [calling(), at(105), "missed"],
    [answered(), at(5 + MAX_CALL_SECONDS), "expired"],
  ] as const) {
    expect(renewToken(CALLER)(call, nowMs)).toMatchObject({ kind: "over", endReason });
  }
});

test("the stage rests until the last token of either side has expired", () => {
  expect(tokensUntilMs(calling())).toBe(at(105));
  expect(tokensUntilMs(after(ringing(), PREPARED, at(3)))).toBe(at(105));
  expect(tokensUntilMs(after(answered(), renewToken(CALLEE), at(1000)))).toBe(at(1060));
});
