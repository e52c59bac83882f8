import { expect, test } from "vitest";
import { LONGEST_TOKEN_SECONDS, RING_SECONDS, TOKEN_SECONDS } from "../../calls/limits.ts";
import { participantOfLeg } from "../../calls/participant.ts";
import { participantTokenClaims } from "../../handlers/media/ivs/participant-token.ts";
import { renewToken } from "../../calls/participant-tokens.ts";
import { after, ALICE, answered, at, BOB, CALL, CALLEE, CALLER, calling, stage } from "../builders.ts";

test("a participant token lets one leg publish and subscribe on the stage of its call", () => {
  expect(participantTokenClaims(participantOfLeg(answered(), CALLEE), at(5) + 999)).toEqual({
    exp: at(65) / 1000,
    iat: at(5) / 1000,
    jti: `${CALL}-2-1`,
    user_id: BOB,
    resource: stage().arn,
    topic: stage().stageId,
    events_url: stage().endpoints.events,
    whip_url: stage().endpoints.whip,
    capabilities: { allow_publish: true, allow_subscribe: true },
    attributes: { callId: CALL, leg: "2", media: "video" },
    version: "1.0",
  });
});

test("the next token of the same leg is another participant", () => {
  const renewed = after(calling(), renewToken(CALLER), at(91));
  expect(participantTokenClaims(participantOfLeg(renewed, CALLER), at(91))).toMatchObject({
    jti: `${CALL}-1-2`,
    user_id: ALICE,
  });
});

test("a token never outlives the 14 days that IVS allows, even with the longest ring", () => {
  const longest = calling({ ringSeconds: RING_SECONDS.max, tokenSeconds: TOKEN_SECONDS.max });
  const { exp, iat } = participantTokenClaims(participantOfLeg(longest, CALLER), at(0));
  expect(exp - iat).toBe(RING_SECONDS.max + TOKEN_SECONDS.max);
  expect(exp - iat).toBeLessThanOrEqual(LONGEST_TOKEN_SECONDS);
});

test("a leg without a prepared token has no token", () => {
  expect(() => participantTokenClaims(participantOfLeg(calling(), CALLEE), at(1))).toThrow(
    `call ${CALL} has no token prepared for leg 2`,
  );
});

test("a call without a stage and a leg that does not exist have no token", () => {
  const { stage: _none, ...call } = calling();
  expect(() => participantTokenClaims(participantOfLeg(call, CALLER), at(1))).toThrow("has no stage");
  expect(() => participantTokenClaims(participantOfLeg(calling(), 3), at(1))).toThrow("has no leg 3");
});
