import { describe, expect, test } from "vitest";
import { busyCall, callersConflict, newCall } from "../../calls/admission.ts";
import { callSchema, isLiving, legOf, legOfPerson } from "../../calls/call.ts";
import { newCallId } from "../../calls/ids.ts";
import { SWEEP_SHARDS } from "../../calls/limits.ts";
import {
  ALICE,
  alice,
  ALICES_PHONE,
  answered,
  at,
  BOB,
  bob,
  CALL,
  CALLER,
  CALLEE,
  calling,
  CAROL,
  carol,
  completed,
  stage,
} from "../builders.ts";

test("a new call rings for 45 seconds and holds its slots a minute longer", () => {
  expect(calling()).toEqual({
    callId: CALL,
    status: "calling",
    media: "video",
    callerId: ALICE,
    calleeId: BOB,
    stage: stage(),
    legs: {
      1: {
        clientId: ALICE,
        sub: alice().sub,
        role: "caller",
        status: "joined",
        deviceId: ALICES_PHONE,
        joinedAtMs: at(0),
        tokenCount: 1,
        tokensUntilMs: at(105),
        devices: {},
        ringUntilMs: 0,
      },
      2: {
        clientId: BOB,
        sub: bob().sub,
        role: "callee",
        status: "invited",
        tokenCount: 0,
        tokensUntilMs: 0,
        devices: {},
        ringUntilMs: at(45),
      },
    },
    createdAtMs: at(0),
    ringUntilMs: at(45),
    deadlineMs: at(105),
    maxCallSeconds: 14_400,
    version: 1,
    turn: 0,
    workflowVersion: 2,
    openShard: "open#1",
    sweepAtMs: at(20),
    expiresAtSeconds: at(180 * 86_400) / 1000,
  });
});

test("a new call can be read as it was written", () => {
  for (const call of [calling(), calling({ deviceId: undefined })])
    expect(callSchema.parse(call)).toEqual(call);
});

test("calls are spread over the shards that the sweep reads", () => {
  const shards = Array.from({ length: 64 }, (_, index) => {
    const callId = newCallId(at(0), new Uint8Array(16).fill(index));
    return calling({ callId }).openShard;
  });
  expect(new Set(shards).size).toBe(SWEEP_SHARDS);
});

test("a call to a busy callee ends as it begins, and holds no stage", () => {
  const parties = {
    callId: CALL,
    caller: alice(),
    callees: [bob()],
    media: "audio",
    maxCallSeconds: 60,
  } as const;
  const call = busyCall({ ...parties, nowMs: at(0) });
  expect(call).toMatchObject({
    status: "ended",
    endReason: "busy",
    endedAtMs: at(0),
    deadlineMs: at(0),
    turn: 1,
    legs: {
      1: { status: "left", tokenCount: 0, leftReason: "busy", leftAtMs: at(0) },
      2: { status: "left", tokenCount: 0, leftReason: "busy", leftAtMs: at(0) },
    },
  });
  expect(call).not.toHaveProperty("stage");
  expect(callSchema.parse(call)).toEqual(call);
});

describe("if a living call holds the caller's slot,", () => {
  test.each([
    ["its caller's second call to its callee is the same call", ALICE, [BOB], "same_call"],
    ["its callee's call to its caller is glare", BOB, [ALICE], "glare"],
    ["its caller's call to another client is refused", ALICE, [CAROL], "caller_in_call"],
    ["its callee's call to another client is refused", BOB, [CAROL], "caller_in_call"],
    ["its caller's call to its callee and one more is refused", ALICE, [BOB, CAROL], "caller_in_call"],
    ["its callee's call to its caller and one more is refused", BOB, [ALICE, CAROL], "caller_in_call"],
  ] as const)("%s", (_title, callerId, calleeIds, conflict) => {
    expect(callersConflict(calling(), callerId, calleeIds)).toBe(conflict);
  });

  test.each([
    [
      "its caller's call to the same clients, in any order, is the same call",
      ALICE,
      [CAROL, BOB],
      "same_call",
    ],
    ["its caller's call to one of the group is refused", ALICE, [BOB], "caller_in_call"],
    ["the call of any callee to its caller is glare", CAROL, [ALICE], "glare"],
    ["the call of one callee to another is refused", CAROL, [BOB], "caller_in_call"],
  ] as const)("and it is a group call, %s", (_title, callerId, calleeIds, conflict) => {
    expect(callersConflict(calling({ callees: [bob(), carol()] }), callerId, calleeIds)).toBe(conflict);
  });
});

test("a call lives until it ends or its deadline passes (W8)", () => {
  expect(isLiving(calling(), at(105) - 1)).toBe(true);
  expect(isLiving(calling(), at(105))).toBe(false);
  expect(isLiving(answered(), at(14_404))).toBe(true);
  expect(isLiving(completed(), at(60) - 1)).toBe(false);
});

test("a person acts for the leg of their own client, and for the callee's if they call themselves", () => {
  expect(legOfPerson(calling(), alice().sub)).toBe(CALLER);
  expect(legOfPerson(calling(), bob().sub)).toBe(CALLEE);
  expect(legOfPerson(calling(), "stranger")).toBeUndefined();
  const own = newCall({
    callId: CALL,
    caller: alice(),
    callees: [bob({ sub: alice().sub })],
    media: "audio",
    stage: stage(),
    ringSeconds: 45,
    maxCallSeconds: 60,
    nowMs: at(0),
  });
  expect(legOfPerson(own, alice().sub)).toBe(CALLEE);
  expect(legOfPerson(own, alice().sub, ALICE)).toBe(CALLER);
  expect(legOfPerson(own, bob().sub)).toBeUndefined();
  // The phone that calls is registered on the called client too.
  const [caller, callee] = [legOf(own, CALLER), legOf(own, CALLEE)];
  const devices = { [ALICES_PHONE]: { pushes: {} } };
  const legs = { [CALLER]: { ...caller, deviceId: ALICES_PHONE }, [CALLEE]: { ...callee, devices } };
  const ringsBoth = { ...own, legs };
  expect(legOfPerson(ringsBoth, alice().sub, undefined, ALICES_PHONE)).toBe(CALLER);
});
