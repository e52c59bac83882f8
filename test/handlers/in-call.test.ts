import { describe, expect, test } from "vitest";
import { ackRinging, declineCall, endCall, getCall } from "../../handlers/rest/in-call.ts";
import { answerCall, rejoinCall } from "../../handlers/rest/join-call.ts";
import {
  ALICE,
  alice,
  answered,
  at,
  BOB,
  bob,
  BOBS_PHONE,
  BOBS_TABLET,
  CALL,
  callId,
  calling,
  CAROL,
  carol,
  completed,
  endedWhileRinging,
  ringing,
  blocking,
} from "../builders.ts";
import { ALICE_HERSELF, BOB_HIMSELF, CAROL_HERSELF, world } from "./world.ts";

const ON_PHONE = { callId: CALL, deviceId: BOBS_PHONE };

test("Bob answers: he gets his token, and the call is answered", async () => {
  const it = world(ringing());
  expect(await answerCall(it, BOB_HIMSELF, ON_PHONE)).toMatchObject({
    token: `token of ${CALL}-2-1`,
    status: "answered",
    legs: [{ leg: 1 }, { leg: 2, status: "joined", deviceId: BOBS_PHONE }],
  });
  expect(it.calls.items.get(CALL)?.status).toBe("answered");
});

test("his phone asks again: the same token. His tablet: answered elsewhere", async () => {
  const it = world(answered());
  expect(await answerCall(it, BOB_HIMSELF, ON_PHONE)).toMatchObject({ token: `token of ${CALL}-2-1` });
  await expect(answerCall(it, BOB_HIMSELF, { callId: CALL, deviceId: BOBS_TABLET })).rejects.toMatchObject({
    code: "call_over",
    status: 410,
    details: { callId: CALL, endReason: "answered_elsewhere" },
  });
});

test("Bob's phone rings, and Bob declines", async () => {
  const it = world(ringing());
  expect(await ackRinging(it, BOB_HIMSELF, ON_PHONE)).toMatchObject({ status: "ringing" });
  expect(await declineCall(it, BOB_HIMSELF, ON_PHONE)).toMatchObject({
    status: "ended",
    endReason: "declined",
  });
});

describe.each([
  ["answer", answerCall],
  ["decline", declineCall],
  ["ring", ackRinging],
] as const)("%s", (_what, command) => {
  test("is Bob's: neither Alice's, nor Carol's, nor that of another client of his", async () => {
    const it = world(ringing());
    for (const person of [ALICE_HERSELF, CAROL_HERSELF])
      await expect(command(it, person, ON_PHONE)).rejects.toMatchObject({ code: "not_your_call" });
    const asAnother = command(it, BOB_HIMSELF, { ...ON_PHONE, clientId: CAROL });
    await expect(asAnother).rejects.toMatchObject({ code: "not_your_call" });
    expect(it.calls.items.get(CALL)).toEqual(ringing());
  });

  test("comes too late for a call that is over, and says why", async () => {
    const it = world(endedWhileRinging("cancelled"));
    await expect(command(it, BOB_HIMSELF, ON_PHONE)).rejects.toMatchObject({
      code: "call_over",
      details: { endReason: "cancelled" },
    });
  });

  test("needs a call that exists", async () => {
    await expect(command(world(), BOB_HIMSELF, ON_PHONE)).rejects.toMatchObject({ code: "no_such_call" });
  });
});

describe("hanging up", () => {
  test("ends the call that the client is in", async () => {
    const it = world(answered());
    const ended = { ended: true, callId: CALL, endReason: "completed" };
    expect(await endCall(it, BOB_HIMSELF, { clientId: BOB })).toEqual(ended);
    expect(await endCall(it, ALICE_HERSELF, { clientId: ALICE })).toEqual(ended);
  });

  test("a late retry that names its call does not end the next one", async () => {
    const next = { ...ringing(), callId: callId(2) };
    const it = world(next);
    it.calls.items.set(CALL, completed());
    expect(await endCall(it, ALICE_HERSELF, { clientId: ALICE, callId: CALL })).toMatchObject({
      callId: CALL,
      endReason: "completed",
    });
    expect(it.calls.items.get(next.callId)).toEqual(next);
  });

  test("a client in no call, or whose call is gone, has nothing to end", async () => {
    expect(await endCall(world(), BOB_HIMSELF, { clientId: BOB })).toEqual({ ended: false });
    const it = world(answered());
    it.calls.items.clear();
    expect(await endCall(it, BOB_HIMSELF, { clientId: BOB })).toEqual({ ended: false });
  });

  test("a call past its deadline is over, whoever hangs it up (W8)", async () => {
    for (const [person, clientId] of [
      [ALICE_HERSELF, ALICE],
      [BOB_HIMSELF, BOB],
    ] as const) {
      const it = world(ringing());
      it.edge.setNow(at(105));
      expect(await endCall(it, person, { clientId })).toEqual({
        ended: true,
        callId: CALL,
        endReason: "missed",
      });
    }
  });

  test("is for one's own client and one's own call", async () => {
    const it = world(answered());
    const refusals = [
      [{ clientId: BOB }, "not_your_client"],
      [{ clientId: CAROL, callId: CALL }, "not_your_call"],
      [{ clientId: CAROL, callId: callId(9) }, "no_such_call"],
    ] as const;
    for (const [input, code] of refusals)
      await expect(endCall(it, CAROL_HERSELF, input)).rejects.toMatchObject({ code });
  });
});

describe("an operator", () => {
  const OLIVIA = { sub: "sub-of-olivia", username: "olivia", operator: true };

  test("removes any client from a call, and stands on it by name", async () => {
    for (const [call, clientId] of [
      [answered(), BOB],
      [ringing(), ALICE],
      [ringing(), BOB],
    ] as const) {
      const it = world(call);
      const ended = await endCall(it, OLIVIA, { clientId, callId: CALL });
      expect(ended).toEqual({ ended: true, callId: CALL, endReason: "removed" });
      const { sub, username } = OLIVIA;
      const acts = [{ act: "removed", clientId, sub, username, atMs: it.edge.now() }];
      expect(it.calls.items.get(CALL)?.operatorActs).toEqual(acts);
    }
  });

  test("who takes part hangs up like anybody", async () => {
    const it = world(answered());
    const alice = { ...ALICE_HERSELF, operator: true };
    expect(await endCall(it, alice, { clientId: ALICE, callId: CALL })).toMatchObject({
      endReason: "completed",
    });
    expect(it.calls.items.get(CALL)).not.toHaveProperty("operatorActs");
  });

  test.each([
    ["answers", answerCall],
    ["rejoins", rejoinCall],
  ] as const)("who was removed and %s is refused, by any of their clients", async (_what, command) => {
    const it = world(calling({ callees: [bob(), carol()] }));
    await endCall(it, OLIVIA, { clientId: BOB, callId: CALL });
    for (const input of [ON_PHONE, { callId: CALL, clientId: CAROL }])
      await expect(command(it, BOB_HIMSELF, input)).rejects.toMatchObject({
        code: "removed_from_call",
        status: 403,
        details: { callId: CALL, endReason: "removed" },
      });
  });

  test("has to say which call, and who is in it", async () => {
    const it = world(answered());
    const refusals = [
      [{ clientId: BOB }, "not_your_client"],
      [{ clientId: CAROL, callId: CALL }, "not_your_call"],
      [{ clientId: CAROL, callId: CALL, everyone: true }, "not_your_call"],
    ] as const;
    for (const [input, code] of refusals)
      await expect(endCall(it, OLIVIA, input)).rejects.toMatchObject({ code });
  });

  test("ends a group for everyone, which nobody else can", async () => {
    const it = world(calling({ callees: [bob(), carol()] }));
    const input = { clientId: BOB, callId: CALL, everyone: true };
    await expect(endCall(it, BOB_HIMSELF, input)).rejects.toMatchObject({
      code: "operators_only",
      status: 403,
    });
    expect(await endCall(it, OLIVIA, input)).toEqual({
      ended: true,
      callId: CALL,
      endReason: "ended_by_operator",
    });
    const statuses = Object.values(it.calls.items.get(CALL)?.legs ?? {}).map(({ status }) => status);
    expect(statuses).toEqual(["left", "left", "left"]);
  });
});

test("in a group, one who says no or hangs up goes alone", async () => {
  const group = calling({ callees: [bob(), carol()] });
  const it = world(group);
  expect(await declineCall(it, BOB_HIMSELF, ON_PHONE)).toMatchObject({
    status: "calling",
    legs: [{}, { status: "left", endReason: "declined" }, { status: "invited" }],
  });
  expect(await endCall(it, ALICE_HERSELF, { clientId: ALICE })).toMatchObject({ endReason: "cancelled" });
});

test("a person with two clients in a call acts for the one that is named", async () => {
  const own = calling({ callees: [bob(), carol({ sub: bob().sub })] });
  const it = world(own);
  await declineCall(it, BOB_HIMSELF, { callId: CALL, clientId: BOB });
  await answerCall(it, BOB_HIMSELF, { callId: CALL, clientId: CAROL });
  const statuses = Object.values(it.calls.items.get(CALL)?.legs ?? {}).map(({ status }) => status);
  expect(statuses).toEqual(["joined", "left", "joined"]);
});

test("a call that one blocks is none of one's own: to be read, answered, declined or rung", async () => {
  const it = world(calling({ callees: [blocking(bob(), alice(), at(0))] }));
  for (const command of [getCall, answerCall, declineCall, ackRinging])
    await expect(command(it, BOB_HIMSELF, ON_PHONE)).rejects.toMatchObject({ code: "not_your_call" });
});

test("those who have a part in a call may read it, and operators may read any", async () => {
  const it = world(completed());
  const read = (person: typeof BOB_HIMSELF) => getCall(it, person, { callId: CALL });
  for (const person of [ALICE_HERSELF, BOB_HIMSELF, { ...CAROL_HERSELF, operator: true }])
    expect(await read(person)).toMatchObject({ callId: CALL, endReason: "completed" });
  await expect(read(CAROL_HERSELF)).rejects.toMatchObject({ code: "not_your_call" });
});
