import { expect, test } from "vitest";
import { request, type World } from "../world.ts";
import { startLastingWorld } from "./lasting-world.ts";

const call = (world: World, accessToken: string, body: object) =>
  request(world.runtime, accessToken, JSON.stringify(body));

test("phones, sign-ins, clients, the directory and every address are the same after a kill", async () => {
  await using lasting = await startLastingWorld();
  const before = lasting.world;
  const alice = await before.phone("alice");
  const signIn = await before.aws("cognito-idp", "InitiateAuth", {
    AuthFlow: "USER_PASSWORD_AUTH",
    ClientId: before.runtime.outputs["UserPoolClientId"],
    AuthParameters: { USERNAME: "alice", PASSWORD: "Alice-calls-1" },
  });
  const { AccessToken, RefreshToken } = signIn["AuthenticationResult"] as Record<string, string>;
  const { outputs } = before.runtime;

  const after = await lasting.restart();
  expect(after.runtime.outputs).toEqual(outputs);
  const { status, body } = await call(after, AccessToken ?? "", {
    action: "getClient",
    clientId: alice.clientId,
  });
  expect({ status, body }).toMatchObject({ status: 200, body: { id: alice.clientId } });
  const renewed = await after.aws("cognito-idp", "GetTokensFromRefreshToken", {
    ClientId: outputs["UserPoolClientId"],
    RefreshToken,
  });
  expect(renewed["AuthenticationResult"]).toMatchObject({ AccessToken: expect.any(String) });
  const again = await call(after, AccessToken ?? "", {
    action: "register",
    notifyType: "GCM",
    deviceToken: alice.deviceToken,
  });
  expect(again.body["id"]).toBe(alice.clientId);
});

test("the start aborts the execution of a running call, which ends the call and frees both clients", async () => {
  await using lasting = await startLastingWorld();
  const before = lasting.world;
  const [alice, bob] = [await before.phone("alice"), await before.phone("bob")];
  const initiate = { action: "initiateCall", callerId: alice.clientId, calleeId: bob.clientId };
  const talking = await alice.send(initiate);
  const callId = String(talking.body["callId"]);
  expect((await bob.send({ action: "answerCall", clientId: bob.clientId, callId })).status).toBe(200);
  await before.clock.advance(2_000);

  const after = await lasting.restart();
  await after.clock.advance(5_000);
  expect(await after.ended(callId)).toBe("ABORTED");
  expect(await after.states(callId)).toContain("In call");
  const { body } = await call(after, alice.accessToken, { action: "getCall", callId });
  expect(body).toMatchObject({ status: "ended", endReason: "failed" });
  expect(after.events("CallEnded")).toEqual([expect.objectContaining({ callId })]);
  const next = await call(after, alice.accessToken, initiate);
  expect(next.status).toBe(200);
  await after.clock.advance(5_000);
  expect(after.runtime.pinpoint.inbox.last(bob.deviceToken)?.data).toMatchObject({
    type: "incoming_call",
    call_id: next.body["callId"],
  });
});

test("stages and the signing key stay: a participant token from before the kill still joins", async () => {
  await using lasting = await startLastingWorld();
  const before = lasting.world;
  const [alice, bob] = [await before.phone("alice"), await before.phone("bob")];
  const calling = { action: "initiateCall", callerId: alice.clientId, calleeId: bob.clientId };
  const { body } = await alice.send(calling);
  const stages = await before.aws("ivs", "ListStages", {});

  const after = await lasting.restart();
  expect(await after.aws("ivs", "ListStages", {})).toEqual(stages);
  const participant = await after.runtime.ivs.join(String(body["token"]));
  expect(participant.attributes).toMatchObject({ callId: body["callId"] });
});

test("an event that the bus has accepted and a message in a queue arrive after a kill", async () => {
  await using lasting = await startLastingWorld();
  const before = lasting.world;
  const [alice, bob] = [await before.phone("alice"), await before.phone("bob")];
  const QueueUrl = String(
    (await before.aws("sqs", "GetQueueUrl", { QueueName: "ringmaster-legs-in-doubt" }))["QueueUrl"],
  );
  await before.aws("sqs", "SendMessage", { QueueUrl, MessageBody: "{}", DelaySeconds: 900 });
  // Virtual time stands still: the bus has accepted CallInitiated, and delivers it later.
  const { body } = await alice.send({
    action: "initiateCall",
    callerId: alice.clientId,
    calleeId: bob.clientId,
  });
  expect(before.happened.some(({ kind }) => kind === "execution-started")).toBe(false);

  const after = await lasting.restart();
  const { Attributes } = await after.aws("sqs", "GetQueueAttributes", {
    QueueUrl,
    AttributeNames: ["ApproximateNumberOfMessagesDelayed"],
  });
  expect(Attributes).toEqual({ ApproximateNumberOfMessagesDelayed: "1" });
  expect(await after.states(String(body["callId"]))).toContain("Push sent");
  expect(after.runtime.pinpoint.inbox.last(bob.deviceToken)?.data["type"]).toBe("incoming_call");
});
