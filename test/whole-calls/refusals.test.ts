/** What the API refuses, as a phone sees it through the gateway: an error, and nothing is written. */
import { generateKeyPairSync } from "node:crypto";
import { decodeJwt, SignJWT } from "jose";
import { beforeEach, describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { PERSON, type Shape } from "../../packages/local-aws/src/local-aws.ts";
import { PEOPLE } from "../../local/people.ts";
import { type Phone, request, startWorld, type World } from "../world.ts";

let world: World;
let alice: Phone;
let bob: Phone;

openForAll(startWorld, async (opened) => {
  world = opened;
  [alice, bob] = [await world.phone("alice"), await world.phone("bob")];
});

const WRITES = new Set(["PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "PutEvents"]);
let writesBefore = 0;
const writes = (): number =>
  world.happened.filter(
    (one) => one.kind === "aws-call" && WRITES.has(one.operation) && one.error === undefined,
  ).length;
beforeEach(() => {
  writesBefore = writes();
});

const UNKNOWN = "00000000-0000-4000-8000-000000000000";

describe("a bad request", () => {
  test.each([
    ["malformed JSON", "{", 400, "invalid_request", "body"],
    ["a body other than an object", "[1]", 400, "invalid_request", "body"],
    ["no action", "{}", 400, "unknown_action", "action"],
    ["an action that does not exist", '{"action":"sing"}', 400, "unknown_action", "action"],
    ["a missing field", '{"action":"register","notifyType":"GCM"}', 400, "invalid_request", "deviceToken"],
    ["a field of the wrong type", '{"action":"getCall","callId":7}', 400, "invalid_request", "callId"],
    [
      "an unknown push channel",
      '{"action":"register","notifyType":"SMS","deviceToken":"t"}',
      400,
      "invalid_request",
      "notifyType",
    ],
    [
      "a device token that is too long",
      `{"action":"register","notifyType":"GCM","deviceToken":"${"x".repeat(2049)}"}`,
      400,
      "invalid_request",
      "deviceToken",
    ],
    [
      "a call that does not exist",
      `{"action":"getCall","callId":"${UNKNOWN}"}`,
      404,
      "no_such_call",
      undefined,
    ],
    [
      "a client that does not exist",
      `{"action":"endCall","clientId":"${UNKNOWN}"}`,
      404,
      "no_such_client",
      undefined,
    ],
    [
      "a body over the limit",
      `{"action":"register","x":"${"x".repeat(20_000)}"}`,
      413,
      "body_too_large",
      undefined,
    ],
  ])("with %s is refused before any write", async (_what, body, status, code, field) => {
    const reply = await request(world.runtime, alice.accessToken, body);
    expect(reply.status).toBe(status);
    expect(reply.body).toMatchObject({ status, code, type: `urn:ringmaster:problem:${code}` });
    const fields = (reply.body["errors"] as { field: string }[] | undefined)?.map((error) => error.field);
    expect(fields).toEqual(field ? [field] : undefined);
    expect(writes()).toBe(writesBefore);
  });

  test("with many wrong fields names the first ones and their number", async () => {
    const clientIds = Array.from({ length: 5_000 }, (_, index) => `no id ${index}`);
    const { status, body } = await alice.send({ action: "deleteClientIds", clientIds });
    expect(status).toBe(400);
    expect(body["errors"]).toHaveLength(20);
    expect(body["errors"]).toMatchObject([{ field: "clientIds.0" }, ...Array(19).fill({})]);
    expect(body["detail"]).toMatch(/^clientIds\.0: .*; clientIds\.19: [^;]*; and 4980 more$/);
  });
});

describe("a call that may not begin", () => {
  const attempt = (from: Phone, input: Shape) => from.send({ action: "initiateCall", ...input });

  test("to the caller's own client is refused", async () => {
    const reply = await attempt(alice, { callerId: alice.clientId, calleeId: alice.clientId });
    expect([reply.status, reply.body["errors"]]).toEqual([
      400,
      [{ field: "calleeId", message: "expected a client other than the caller" }],
    ]);
    expect(writes()).toBe(writesBefore);
  });

  test("from another person's client is refused", async () => {
    const reply = await attempt(bob, { callerId: alice.clientId, calleeId: bob.clientId });
    expect([reply.status, reply.body["code"]]).toEqual([403, "not_your_client"]);
    expect(writes()).toBe(writesBefore);
  });
});

describe("a token that is not an access token of this pool", () => {
  const ask = (token: string | undefined) =>
    request(world.runtime, token, `{"action":"getCall","callId":"${UNKNOWN}"}`);

  test("is required if the request has none", async () => {
    expect(await ask(undefined)).toMatchObject({ status: 401, body: { message: "Unauthorized" } });
  });

  test("is refused if it is an ID token", async () => {
    const [{ username, password }] = PEOPLE;
    const reply = await world.runtime.localAws.call({
      service: "cognito-idp",
      operation: "InitiateAuth",
      caller: PERSON,
      input: {
        AuthFlow: "USER_PASSWORD_AUTH",
        ClientId: world.runtime.outputs["UserPoolClientId"],
        AuthParameters: { USERNAME: username, PASSWORD: password },
      },
    });
    const { IdToken } = reply["AuthenticationResult"] as { IdToken: string };
    expect(await ask(IdToken)).toMatchObject({ status: 403, body: { message: "Forbidden" } });
  });

  test("is refused if another key signed it", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const claims = decodeJwt(alice.accessToken);
    const header = JSON.parse(Buffer.from(alice.accessToken.split(".")[0] ?? "", "base64url").toString());
    const forged = await world.clock.hold(() =>
      new SignJWT(claims).setProtectedHeader(header).sign(privateKey),
    );
    expect((await ask(forged)).status).toBe(401);
  });

  test("is refused once it has expired", async () => {
    await world.clock.advance(61 * 60_000);
    expect((await ask(alice.accessToken)).status).toBe(401);
  });
});
