import { expect, test } from "vitest";
import { busyCall } from "../../calls/admission.ts";
import type { Call } from "../../calls/call.ts";
import { pastCall } from "../../api/replies.ts";
import { type HistoryRow, historyRows, historyRowSchema } from "../../calls/history.ts";
import { recordPushes } from "../../calls/pushes.ts";
import { answer } from "../../calls/answering.ts";
import { closeCall } from "../../calls/closing.ts";
import { endLeg, passTime } from "../../calls/ending.ts";
import {
  after,
  afterAll,
  ALICE,
  alice,
  ALICES_PHONE,
  at,
  BOB,
  bob,
  bobIn,
  BOBS,
  BOBS_PHONE,
  CALL,
  CALLER,
  calling,
  CAROL,
  CAROLS,
  completed,
  endedWhileRinging,
} from "./group.ts";
import { blocking } from "../builders.ts";

const rowOf = (call: Call, clientId: string): HistoryRow => {
  const row = historyRows(call, at(90)).find((one) => one.clientId === clientId);
  if (!row) throw new Error(`${clientId} has no row`);
  return row;
};

test("the history of each side names the other side and the time that they spoke", () => {
  expect(rowOf(completed(), BOB)).toEqual({
    callId: CALL,
    clientId: BOB,
    sub: bob().sub,
    leg: 2,
    role: "callee",
    otherClientId: ALICE,
    status: "ended",
    media: "video",
    endReason: "completed",
    createdAtMs: at(0),
    ringUntilMs: at(45),
    ringingAtMs: at(2),
    answeredAtMs: at(5),
    endedAtMs: at(60),
    durationMs: 55_000,
    deviceId: BOBS_PHONE,
    version: 4,
    expiresAtSeconds: at(90) / 1000 + 90 * 86_400,
  });
  // Alice was there from the start, but spoke only after Bob's answer.
  expect(rowOf(completed(), ALICE)).toMatchObject({
    role: "caller",
    otherClientId: BOB,
    answeredAtMs: at(5),
    durationMs: 55_000,
    deviceId: ALICES_PHONE,
  });
});

test("an unanswered call has no duration and no time of an answer", () => {
  for (const reason of ["missed", "declined", "cancelled", "unreachable"] as const) {
    for (const clientId of [ALICE, BOB]) {
      const row = rowOf(endedWhileRinging(reason), clientId);
      expect(row).toMatchObject({ endReason: reason, durationMs: 0, endedAtMs: at(10) });
      expect(row).not.toHaveProperty("answeredAtMs");
    }
  }
});

test("in a group each client's row has its own times and its own end reason", () => {
  const call = afterAll(
    bobIn(),
    [answer(CAROLS, undefined), 30],
    [endLeg(BOBS), 40],
    [passTime, 45],
    [endLeg(CALLER), 70],
  );
  expect(rowOf(call, BOB)).toMatchObject({ endReason: "completed", endedAtMs: at(40), durationMs: 35_000 });
  expect(rowOf(call, CAROL)).toMatchObject({ answeredAtMs: at(30), endedAtMs: at(70), durationMs: 40_000 });
  expect(rowOf(call, ALICE)).toMatchObject({ durationMs: 65_000, otherClientId: BOB });
  expect(historyRows(call, at(90))[3]).toMatchObject({
    endReason: "missed",
    durationMs: 0,
    endedAtMs: at(45),
  });
});

test("the history of a busy callee contains the call", () => {
  const parties = {
    callId: CALL,
    caller: alice(),
    callees: [bob()],
    media: "audio",
    maxCallSeconds: 60,
  } as const;
  const call = busyCall({ ...parties, nowMs: at(0) });
  expect(historyRows(call, at(90)).map(({ clientId, endReason }) => [clientId, endReason])).toEqual([
    [ALICE, "busy"],
    [BOB, "busy"],
  ]);
});

test("the history shows a call to a client that was not to be disturbed, and none from a blocked client", () => {
  const unreachable = (callee: ReturnType<typeof bob>) =>
    after(
      calling({ callees: [callee] }),
      recordPushes([{ leg: BOBS, type: "incoming_call", devices: new Map() }]),
      at(1),
    );
  const remembering = (call: Call) => historyRows(call, at(90)).map(({ clientId }) => clientId);
  expect(remembering(unreachable(bob({ doNotDisturbUntilMs: at(60) })))).toEqual([ALICE, BOB]);
  expect(remembering(unreachable(blocking(bob(), alice(), at(0))))).toEqual([ALICE]);
  expect(rowOf(unreachable(bob({ doNotDisturbUntilMs: at(60) })), BOB)).not.toHaveProperty("silenced");
});

test("a row is read back as it was written, and shows the app no owner, leg or version", () => {
  for (const call of [completed(), after(completed(), closeCall(90), at(61)), endedWhileRinging("missed")]) {
    for (const row of historyRows(call, at(90))) {
      expect(historyRowSchema.parse(row)).toEqual(row);
      for (const hidden of ["sub", "leg", "version", "clientId", "expiresAtSeconds"])
        expect(pastCall(row)).not.toHaveProperty(hidden);
    }
  }
});
