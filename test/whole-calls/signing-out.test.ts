/** An operator signs a person out: from then on nothing is done in their name, even though their access token is valid. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { commands } from "../../api/commands.ts";
import { listen, type Servers } from "../../packages/local-aws/src/servers.ts";
import { openCleanUp } from "../../tools/clean-up-client.ts";
import { openSignOut } from "../../tools/sign-out-client.ts";
import { signOut, type SignedOut } from "../../tools/sign-out.ts";
import { pointSdkAt } from "../../packages/local-aws/test/served-aws.ts";
import { asker, LIST_PEOPLE } from "../people/graphql-world.ts";
import { type Phone, request, startWorld, type World } from "../world.ts";

const MINUTE_MS = 60_000;
const SIGNED_OUT = { status: 403, body: { code: "signed_out" } };
const UNKNOWN = "00000000-0000-4000-8000-000000000000";

let world: World;
let servers: Servers;
let alice: Phone;
let bob: Phone;

beforeEach(async () => {
  world = await startWorld();
  servers = await listen(world.runtime, { port: 0, awsPort: 0 });
  pointSdkAt("AWS_ENDPOINT_URL", `http://127.0.0.1:${servers.awsPort}`);
  [alice, bob] = [await world.phone("alice"), await world.phone("bob")];
});
afterEach(async () => {
  await servers.close();
  await world[Symbol.asyncDispose]();
});

async function signsOut(username: string, operationId = "sign-out-1"): Promise<SignedOut> {
  const endpoint = `http://127.0.0.1:${servers.awsPort}`;
  const deletions = await openCleanUp({ endpoint }, "Ringmaster");
  const tools = await openSignOut({ endpoint, stackName: "Ringmaster", deletions, operationId });
  return signOut({ ...tools, now: () => world.clock.now() }, username);
}

const deleted = (): Promise<void> => world.clock.until(() => world.events("ClientsDeleted").length > 0);

/** Sends with the access token that the phone had before. */
const stillSends = (phone: Phone, body: object) =>
  request(world.runtime, phone.accessToken, JSON.stringify(body));
const begin = async (from: Phone, to: Phone): Promise<string> =>
  String(
    (await from.send({ action: "initiateCall", callerId: from.clientId, calleeId: to.clientId })).body[
      "callId"
    ],
  );

test("signing a person out removes them from their call, then their phones, and deletes their clients last", async () => {
  const callId = await begin(alice, bob);
  await world.clock.advance(2_000);
  await bob.send({ action: "answerCall", callId });
  const done = await signsOut("bob");
  expect(done).toMatchObject({ clients: 1, callsEnded: 1, phonesRemoved: 1, operationId: "sign-out-1" });
  await world.ended(callId);
  const legs = (await alice.send({ action: "getCall", callId })).body["legs"];
  expect(legs).toMatchObject([{ endReason: "ended_by_operator" }, { endReason: "removed" }]);
  await deleted();
  expect(world.events("ClientsDeleted")).toMatchObject([{ deleted: 1, callsEnded: 0, failed: 0 }]);
  expect(await stillSends(bob, { action: "rejoinCall", callId })).toMatchObject(SIGNED_OUT);
});

test("a call to a signed-out person rings no phone, even before their clients are deleted", async () => {
  world.runtime.localAws.interfere({
    service: "states",
    operation: "StartExecution",
    where: ({ input }) => String(input["name"]).startsWith("sign-out"),
    fault: async () => ({ executionArn: "none" }),
  });
  await signsOut("bob");
  const callId = await begin(alice, bob);
  await world.ended(callId);
  expect((await world.item(callId))["endReason"]).toEqual({ S: "unreachable" });
  expect(bob.pushes()).toEqual([]);
});

describe("with an access token that is still valid", () => {
  test("every command is refused, and writes nothing", async () => {
    const callId = await begin(alice, bob);
    await signsOut("bob");
    await deleted();
    const from = world.happened.length;
    const { clientId } = bob;
    const inputs: Record<string, object> = {
      register: { notifyType: "GCM", deviceToken: "bobs-next-phone" },
      unregister: { clientId, deviceId: "phone" },
      getClient: { clientId },
      blockClient: { clientId, blockedId: alice.clientId },
      unblockClient: { clientId, blockedId: alice.clientId },
      setDoNotDisturb: { clientId, untilMs: null },
      initiateCall: { callerId: clientId, calleeId: alice.clientId },
      addToCall: { callId, calleeIds: [alice.clientId] },
      endCall: { clientId },
      listCalls: { clientId },
      deleteClientIds: { clientIds: [clientId] },
      getOperation: { operationId: "sign-out-1" },
    };
    const codes: Record<string, unknown> = {};
    for (const { action } of commands) {
      const reply = await stillSends(bob, { action, ...(inputs[action] ?? { callId: UNKNOWN }) });
      codes[action] = [reply.status, reply.body["code"]];
    }
    expect(codes).toEqual(Object.fromEntries(commands.map(({ action }) => [action, [403, "signed_out"]])));
    const writes = world.happened
      .slice(from)
      .flatMap((one) => (one.kind === "aws-call" && !/^(Get|Query|List)/.test(one.operation) ? [one] : []))
      .filter(({ caller }) => JSON.stringify(caller).includes("rest-entrypoint"));
    expect(writes).toEqual([]);
  });

  test("every field of GraphQL and every subscription is refused", async () => {
    const asked = await asker(world, { token: bob.accessToken });
    expect((await asked.ask(LIST_PEOPLE)).errors).toEqual([]);
    await signsOut("bob");
    const refused = { message: "An operator has signed this person out", errorType: "SignedOut" };
    expect((await asked.ask(LIST_PEOPLE)).errors).toMatchObject([refused]);
    const listener = await asked.dial();
    await listener.start("people", "subscription { onCreatePerson { id } }");
    await listener.start("calls", `subscription { onCallUpdated(clientId: "${bob.clientId}") { callId } }`);
    expect([listener.types("people"), listener.types("calls")]).toEqual([["error"], ["error"]]);
    expect(listener.messages).toContainEqual(
      expect.objectContaining({ payload: { errors: [expect.objectContaining(refused)] } }),
    );
  });

  test("other people's requests are not refused", async () => {
    await signsOut("bob");
    expect((await alice.send({ action: "getClient", clientId: alice.clientId })).status).toBe(200);
  });
});

test("a signed-out person cannot sign in, and once enabled again may act after every old token has expired", async () => {
  const signIn = () => world.phone("bob", { signsIn: true });
  const { refusedUntilMs } = await signsOut("bob");
  expect(refusedUntilMs).toBe(world.clock.now() + 60 * MINUTE_MS);
  await world.clock.advance(11 * MINUTE_MS);
  await expect(signIn()).rejects.toThrow(/disabled/i);
  const user = { UserPoolId: world.runtime.outputs["UserPoolId"], Username: "bob" };
  await world.aws("cognito-idp", "AdminEnableUser", user);
  await expect(signIn()).rejects.toThrow(/signed_out/);
  await world.clock.advance(50 * MINUTE_MS);
  expect((await signIn()).clientId).not.toBe(bob.clientId);
});

test("a second run completes the first, and an unknown username is reported", async () => {
  await signsOut("bob");
  await deleted();
  const again = await signsOut("bob", "sign-out-2");
  expect(again).toMatchObject({ clients: 0, callsEnded: 0, phonesRemoved: 0 });
  expect(again.operationId).toBeUndefined();
  await expect(signsOut("nobody")).rejects.toThrow(/there is no user "nobody"/);
});
