/** What is left behind when something breaks, and what repairs it. */
import { expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import { type Phone, startWorld, type World } from "../world.ts";

let world: World;
let alice: Phone;
let bob: Phone;

openForEach(startWorld, async (opened) => {
  world = opened;
  [alice, bob] = [await world.phone("alice"), await world.phone("bob")];
});

async function aliceCallsBob(): Promise<string> {
  const reply = await alice.send({
    action: "initiateCall",
    callerId: alice.clientId,
    calleeId: bob.clientId,
  });
  return String(reply.body["callId"]);
}

const executionArn = (callId: string): string =>
  `${world.runtime.outputs["CallWorkflowArn"]?.replace(":stateMachine:", ":execution:")}:${callId}`;

async function stages(): Promise<{ status: string; tokensUntilMs: number }[]> {
  const { Items } = await world.aws("dynamodb", "Scan", {
    TableName: world.runtime.physicalId("StagesTable"),
  });
  const records = (Items as Record<string, { S: string; N: string }>[]).filter(({ arn }) => arn);
  return records.map((item) => ({
    status: item["status"]?.S ?? "",
    tokensUntilMs: Number(item["tokensUntilMs"]?.N),
  }));
}

test("the rule cleans up a call whose execution was stopped", async () => {
  const callId = await aliceCallsBob();
  await world.clock.advance(5_000);
  await world.aws("states", "StopExecution", { executionArn: executionArn(callId) });
  await world.clock.advance(5_000);
  const item = await world.item(callId);
  expect([item["status"]?.["S"], item["endReason"]?.["S"]]).toEqual(["ended", "failed"]);
  expect(item["cleanedUpAtMs"]).toBeDefined();
  expect(world.events("CallEnded")).toHaveLength(1);
  // A phone that no live update reaches would ring until the ring time is over.
  expect(bob.pushes()).toEqual(["incoming_call", "call_cancelled"]);
  expect(await aliceCallsBob()).not.toBe(callId);
});

test("a call that is hung up before its workflow begins is still cleaned up", async () => {
  const callId = await aliceCallsBob();
  await alice.send({ action: "endCall", clientId: alice.clientId, callId });
  expect(await world.ended(callId)).toBe("SUCCEEDED");
  expect((await world.item(callId))["cleanedUpAtMs"]).toBeDefined();
});

test("a stage rests until the last token of its call has expired, and is then free", async () => {
  const { clientId: callerId } = alice;
  const called = await alice.send({ action: "initiateCall", callerId, calleeId: bob.clientId });
  const callId = String(called.body["callId"]);
  const answered = await bob.send({ action: "answerCall", callId });
  const sides = [await alice.joins(called), await bob.joins(answered)];
  await alice.send({ action: "endCall", clientId: alice.clientId, callId });
  for (const side of sides) world.runtime.ivs.leave(side);
  await world.ended(callId);
  const resting = (await stages()).find(({ status }) => status === "resting");
  expect(resting?.tokensUntilMs).toBeGreaterThan(world.clock.now());
  await world.clock.advance((resting?.tokensUntilMs ?? 0) - world.clock.now() - 1_000);
  expect((await stages()).map(({ status }) => status)).toContain("resting");
  // IVS keeps a session for three minutes after the last participant has left.
  await world.clock.advance(3 * 60_000);
  expect((await stages()).every(({ status }) => status === "free")).toBe(true);
});

test("a stage with a lurker is emptied and replaced, and the lurker cannot join again", async () => {
  const reply = await alice.send({
    action: "initiateCall",
    callerId: alice.clientId,
    calleeId: bob.clientId,
  });
  const token = String(reply.body["token"]);
  // Without publishing, because a participant that publishes is removed soon after the call's end.
  const lurker = await world.runtime.ivs.join(token);
  await alice.send({ action: "endCall", clientId: alice.clientId });
  await world.clock.advance(5 * 60_000);
  expect(lurker.connected).toBe(true);
  expect((await stages()).map(({ status }) => status)).toContain("resting");
  await world.clock.advance(10 * 60_000);
  expect(lurker.connected).toBe(false);
  expect((await stages()).every(({ status }) => status === "free")).toBe(true);
  await expect(world.runtime.ivs.join(token)).rejects.toMatchObject({
    code: expect.stringMatching(/EXPIRED|DELETED|DISCONNECTED/),
  });
});

test("no device token, participant token, JWT or private key is in any log line, event or history", async () => {
  const call = await alice.send({ action: "initiateCall", callerId: alice.clientId, calleeId: bob.clientId });
  const callId = String(call.body["callId"]);
  await world.clock.advance(1_000);
  const answer = await bob.send({ action: "answerCall", callId });
  await bob.send({ action: "endCall", clientId: bob.clientId, callId });
  await world.ended(callId);
  const history = await world.aws("states", "GetExecutionHistory", {
    executionArn: executionArn(callId),
    maxResults: 1000,
  });
  // The runtime's events contain every log line of every function and every event on the bus.
  const told = JSON.stringify([world.happened, history]);
  const secrets = [
    alice.deviceToken,
    bob.deviceToken,
    alice.accessToken,
    String(call.body["token"]),
    String(answer.body["token"]),
  ];
  for (const secret of secrets) expect(told).not.toContain(secret);
  expect(told).not.toMatch(/eyJ[\w-]{10,}\.|PRIVATE KEY/);
});
