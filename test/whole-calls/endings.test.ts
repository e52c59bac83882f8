/** Every way a call between two phones ends, through the synthesized template in virtual time. */
import { describe, expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import { type Phone, type Reply, startWorld, type World } from "../world.ts";

let world: World;
let alice: Phone;
let bob: Phone;

openForEach(startWorld, async (opened) => {
  world = opened;
  [alice, bob] = [await world.phone("alice"), await world.phone("bob")];
});

const aliceCallsBob = async (): Promise<string> => String((await aliceCalls()).body["callId"]);

async function aliceCalls(): Promise<Reply> {
  const reply = await alice.send({
    action: "initiateCall",
    callerId: alice.clientId,
    calleeId: bob.clientId,
  });
  expect(reply.status).toBe(200);
  return reply;
}

const answers = (phone: Phone, callId: string) => phone.send({ action: "answerCall", callId });
const hangsUp = (phone: Phone, callId: string) =>
  phone.send({ action: "endCall", clientId: phone.clientId, callId });

/** Checks that hold after every call, for any end. */
async function expectNothingHeld(callId: string, endReason: string): Promise<void> {
  expect(await world.ended(callId)).toBe("SUCCEEDED");
  const item = await world.item(callId);
  expect(item["status"]?.["S"]).toBe("ended");
  expect(item["endReason"]?.["S"]).toBe(endReason);
  expect(item["openShard"]).toBeUndefined();
  expect(world.events("CallEnded").filter((event) => event["callId"] === callId)).toHaveLength(1);
  const clients = await world.aws("dynamodb", "Scan", {
    TableName: world.runtime.physicalId("ClientsTable"),
  });
  for (const client of clients["Items"] as Record<string, unknown>[])
    expect(client).not.toHaveProperty("activeCallId");
  const { Items } = await world.aws("dynamodb", "Scan", {
    TableName: world.runtime.physicalId("StagesTable"),
  });
  const statuses = (Items as Record<string, { S: string }>[]).map((stage) => stage["status"]?.S);
  expect(statuses).not.toContain("leased");
}

describe("an answered call", () => {
  test.each([
    ["the caller", () => alice],
    ["the callee", () => bob],
  ])("is completed when %s hangs up", async (_who, who) => {
    const call = await aliceCalls();
    const callId = String(call.body["callId"]);
    await alice.joins(call);
    await world.clock.advance(2_000);
    await bob.send({ action: "ackRinging", callId });
    const answer = await answers(bob, callId);
    expect(answer.body).toMatchObject({ status: "answered", callId });
    await bob.joins(answer);
    await world.clock.advance(5 * 60_000);
    expect((await hangsUp(who(), callId)).body).toEqual({
      ended: true,
      callId,
      endReason: "completed",
      serverNowMs: world.clock.now(),
    });
    await expectNothingHeld(callId, "completed");
    expect(await world.states(callId)).toEqual([
      "Push sent",
      "Token issued",
      "Ringing",
      "Answered",
      "In call",
      "Leg ended",
      "Clean up",
      "Call ended",
    ]);
    expect(bob.pushes()).toEqual(["incoming_call"]);
  });

  test("puts both on the same stage, with tokens that IVS accepts", async () => {
    const call = await alice.send({
      action: "initiateCall",
      callerId: alice.clientId,
      calleeId: bob.clientId,
    });
    const callId = String(call.body["callId"]);
    const caller = await world.runtime.ivs.join(String(call.body["token"]));
    const callee = await world.runtime.ivs.join(String((await answers(bob, callId)).body["token"]));
    expect(callee.stageArn).toBe(caller.stageArn);
    expect([caller.participantId, callee.participantId]).toEqual([`${callId}-1-1`, `${callId}-2-1`]);
    expect(callee.attributes).toMatchObject({ callId });
  });

  test("goes on through its waits of an hour, and expires at its hard limit", async () => {
    const call = await aliceCalls();
    const callId = String(call.body["callId"]);
    await alice.joins(call);
    await bob.joins(await answers(bob, callId));
    await world.clock.advance(125 * 60_000);
    expect((await world.states(callId)).filter((state) => state === "Still talking?")).toHaveLength(2);
    await world.clock.advance(4 * 3_600_000);
    await expectNothingHeld(callId, "expired");
  });

  test("that is answered before the push skips the ring", async () => {
    const callId = await aliceCallsBob();
    await answers(bob, callId);
    await world.clock.advance(1_000);
    await hangsUp(bob, callId);
    await expectNothingHeld(callId, "completed");
  });
});

describe("a call that is not answered", () => {
  test("ends as declined, and so does the execution", async () => {
    const callId = await aliceCallsBob();
    await world.clock.advance(3_000);
    expect((await bob.send({ action: "declineCall", callId })).body).toMatchObject({ endReason: "declined" });
    await expectNothingHeld(callId, "declined");
    expect(await world.states(callId)).toContain("Declined");
    const late = await answers(bob, callId);
    expect([late.status, late.body["code"], late.body["endReason"]]).toEqual([410, "call_over", "declined"]);
  });

  test("ends as cancelled when the caller hangs up, and the callee's phone stops ringing", async () => {
    const callId = await aliceCallsBob();
    await world.clock.advance(3_000);
    expect((await hangsUp(alice, callId)).body).toMatchObject({ endReason: "cancelled" });
    await expectNothingHeld(callId, "cancelled");
    expect(bob.pushes()).toEqual(["incoming_call", "call_cancelled"]);
  });

  test("stops ringing when an operator ends it for everyone", async () => {
    const olivia = await world.phone("olivia");
    const callId = await aliceCallsBob();
    await world.clock.advance(2_000);
    const hangUp = { action: "endCall", clientId: alice.clientId, callId, everyone: true };
    expect((await bob.send(hangUp)).body).toMatchObject({ status: 403, code: "operators_only" });
    expect((await olivia.send(hangUp)).body).toEqual({
      ended: true,
      callId,
      endReason: "ended_by_operator",
      serverNowMs: world.clock.now(),
    });
    await expectNothingHeld(callId, "ended_by_operator");
    expect(bob.pushes()).toEqual(["incoming_call", "call_cancelled"]);
  });

  test("is missed when its ring time is over, within 7 states, and the callee gets a missed call", async () => {
    const callId = await aliceCallsBob();
    await bob.send({ action: "ackRinging", callId });
    await world.clock.advance(44_000);
    expect((await world.item(callId))["status"]?.["S"]).toBe("ringing");
    await world.clock.advance(3_000);
    await expectNothingHeld(callId, "missed");
    const states = await world.states(callId);
    expect(states).toContain("Missed");
    expect(states).toHaveLength(7);
    expect(bob.pushes()).toEqual(["incoming_call", "missed_call"]);
  });

  test("is unreachable at once when every device of the callee is gone", async () => {
    world.runtime.pinpoint.setOutcome(bob.deviceToken, "PERMANENT_FAILURE");
    const startMs = world.clock.now();
    const callId = await aliceCallsBob();
    await expectNothingHeld(callId, "unreachable");
    expect(world.clock.now() - startMs).toBeLessThan(2_000);
    expect(await world.states(callId)).toContain("Unreachable");
    // The token is removed, and a caller cannot tell a phone without a token from another.
    await expectNothingHeld(await aliceCallsBob(), "unreachable");
  });
});

describe("a slot that is taken", () => {
  test("makes the callee busy for other callers, who leave a missed call", async () => {
    const olivia = await world.phone("olivia");
    const callId = await aliceCallsBob();
    await world.clock.advance(1_000);
    await answers(bob, callId);
    const reply = await olivia.send({
      action: "initiateCall",
      callerId: olivia.clientId,
      calleeId: bob.clientId,
    });
    expect([reply.status, reply.body["code"]]).toEqual([409, "callee_busy"]);
    const busyId = String(reply.body["callId"]);
    await world.ended(busyId);
    expect(await world.states(busyId)).toContain("Busy");
    expect(bob.pushes()).toEqual(["incoming_call", "missed_call"]);
    await hangsUp(alice, callId);
    await expectNothingHeld(callId, "completed");
  });

  test("makes the callee's call back an answer, and the caller's second call the same call", async () => {
    const callId = await aliceCallsBob();
    const again = await alice.send({
      action: "initiateCall",
      callerId: alice.clientId,
      calleeId: bob.clientId,
    });
    expect(again.body).toMatchObject({ callId, status: "calling" });
    const back = await bob.send({ action: "initiateCall", callerId: bob.clientId, calleeId: alice.clientId });
    expect(back.body).toMatchObject({ callId, status: "answered" });
    await hangsUp(bob, callId);
    await expectNothingHeld(callId, "completed");
  });

  test("is free for the next call as soon as the call has ended", async () => {
    const first = await aliceCallsBob();
    await hangsUp(alice, first);
    const second = await aliceCallsBob();
    expect(second).not.toBe(first);
    await answers(bob, second);
    await hangsUp(bob, second);
    await expectNothingHeld(second, "completed");
  });
});
