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

test("a repeat from the same phone returns the same token, and Bob's tablet is answered elsewhere", async () => {
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
  test("is refused to Alice, to Carol, and to Bob in the name of another client", async () => {
    const it = world(ringing());
    for (const person of [ALICE_HERSELF, CAROL_HERSELF])
      await expect(command(it, person, ON_PHONE)).rejects.toMatchObject({ code: "not_your_call" });
    const asAnother = command(it, BOB_HIMSELF, { ...ON_PHONE, clientId: CAROL });
    await expect(asAnother).rejects.toMatchObject({ code: "not_your_call" });
    expect(it.calls.items.get(CALL)).toEqual(ringing());
  });

  test("is refused with the end reason once the call is over", async () => {
    const it = world(endedWhileRinging("cancelled"));
    await expect(command(it, BOB_HIMSELF, ON_PHONE)).rejects.toMatchObject({
      code: "call_over",
      details: { endReason: "cancelled" },
    });
  });

  test("is refused for a call that does not exist", async () => {
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

  test("a late retry that names its call does not end the next call", async () => {
    const next = { ...ringing(), callId: callId(2) };
    const it = world(next);
    it.calls.items.set(CALL, completed());
    expect(await endCall(it, ALICE_HERSELF, { clientId: ALICE, callId: CALL })).toMatchObject({
      callId: CALL,
      endReason: "completed",
    });
    expect(it.calls.items.get(next.callId)).toEqual(next);
  });

  test("a client in no call, or in a call that is deleted, has nothing to end", async () => {
    expect(await endCall(world(), BOB_HIMSELF, { clientId: BOB })).toEqual({ ended: false });
    const it = world(answered());
    it.calls.items.clear();
    expect(await endCall(it, BOB_HIMSELF, { clientId: BOB })).toEqual({ ended: false });
  });

  test("a call past its deadline is over, whichever side hangs up (W8)", async () => {
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

  test("is refused for another person's client and for a call that the client is not in", async () => {
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

  test("removes any client from a call, and the call keeps the operator's name", async () => {
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

  test("hangs up like any other person in a call of their own", async () => {
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
  ] as const)(
    "a person who was removed and %s is refused, through any of their clients",
    async (_what, command) => {
      const it = world(calling({ callees: [bob(), carol()] }));
      await endCall(it, OLIVIA, { clientId: BOB, callId: CALL });
      for (const input of [ON_PHONE, { callId: CALL, clientId: CAROL }])
        await expect(command(it, BOB_HIMSELF, input)).rejects.toMatchObject({
          code: "removed_from_call",
          status: 403,
          details: { callId: CALL, endReason: "removed" },
        });
    },
  );

  test("has to name the call and a client in it", async () => {
    const it = world(answered());
    const refusals = [
      [{ clientId: BOB }, "not_your_client"],
      [{ clientId: CAROL, callId: CALL }, "not_your_call"],
      [{ clientId: CAROL, callId: CALL, everyone: true }, "not_your_call"],
    ] as const;
    for (const [input, code] of refusals)
      await expect(endCall(it, OLIVIA, input)).rejects.toMatchObject({ code });
  });

  test("ends a group call for everyone, and other people cannot", async () => {
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

test("in a group, a decline or a hang-up ends one leg only", async () => {
  const group = calling({ callees: [bob(), carol()] });
  const it = world(group);
  expect(await declineCall(it, BOB_HIMSELF, ON_PHONE)).toMatchObject({
    status: "calling",
    legs: [{}, { status: "left", endReason: "declined" }, { status: "invited" }],
  });
  expect(await endCall(it, ALICE_HERSELF, { clientId: ALICE })).toMatchObject({ endReason: "cancelled" });
});

test("a person with two clients in a call acts for the client that the request names", async () => {
  const own = calling({ callees: [bob(), carol({ sub: bob().sub })] });
  const it = world(own);
  await declineCall(it, BOB_HIMSELF, { callId: CALL, clientId: BOB });
  await answerCall(it, BOB_HIMSELF, { callId: CALL, clientId: CAROL });
  const statuses = Object.values(it.calls.items.get(CALL)?.legs ?? {}).map(({ status }) => status);
  expect(statuses).toEqual(["joined", "left", "joined"]);
});

test("a callee who blocks the caller cannot read, answer, decline or ring the call", async () => {
  const it = world(calling({ callees: [blocking(bob(), alice(), at(0))] }));
  for (const command of [getCall, answerCall, declineCall, ackRinging])
    await expect(command(it, BOB_HIMSELF, ON_PHONE)).rejects.toMatchObject({ code: "not_your_call" });
});

test("participants may read their call, and operators may read any call", async () => {
  const it = world(completed());
  const read = (person: typeof BOB_HIMSELF) => getCall(it, person, { callId: CALL });
  for (const person of [ALICE_HERSELF, BOB_HIMSELF, { ...CAROL_HERSELF, operator: true }])
    expect(await read(person)).toMatchObject({ callId: CALL, endReason: "completed" });
  await expect(read(CAROL_HERSELF)).rejects.toMatchObject({ code: "not_your_call" });
});
