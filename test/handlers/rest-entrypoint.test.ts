import { describe, expect, test } from "vitest";
import { commands } from "../../api/commands.ts";
import { MAX_BODY_BYTES } from "../../calls/limits.ts";
import { restEntrypoint, httpEvent } from "../../handlers/rest-entrypoint.ts";
import {
  ALICE,
  alice,
  BOB,
  bob,
  BOBS_PHONE,
  CALL,
  calling,
  CAROL,
  carol,
  completed,
  ringing,
  START_MS,
} from "../builders.ts";
import { world } from "./world.ts";

type Event = Parameters<typeof restEntrypoint>[1];
const accessToken = ({ sub, username }: { sub: string; username: string }, more: object = {}) => ({
  sub,
  username,
  token_use: "access",
  ...more,
});

function request(routeKey: string, body: unknown, more: Partial<Event> & { claims?: object } = {}): Event {
  const { claims = accessToken(alice()), ...rest } = more;
  return {
    routeKey,
    body: typeof body === "string" ? body : JSON.stringify(body),
    isBase64Encoded: false,
    pathParameters: {},
    queryStringParameters: {},
    headers: {},
    requestContext: { requestId: "request", authorizer: { jwt: { claims: { ...claims } } } },
    ...rest,
  };
}
/** A request in the envelope, which the apps post. */
const post = (body: unknown, more?: Parameters<typeof request>[2]) => request("POST /", body, more);

async function replyTo(event: Event, it = world()) {
  const { statusCode, headers, body } = await restEntrypoint(it, event);
  return { status: statusCode, headers, body: JSON.parse(body) as Record<string, unknown> };
}
const CALLS = { action: "initiateCall", callerId: ALICE, calleeId: BOB };

describe("the two forms of a command", () => {
  test("Alice calls Bob through the envelope", async () => {
    const { status, headers, body } = await replyTo(post(CALLS));
    expect(status).toBe(200);
    expect(headers).toEqual({ "content-type": "application/json", "cache-control": "no-store" });
    expect(body).toMatchObject({ status: "calling", callerId: ALICE, media: "audio" });
  });

  test("Alice calls Bob through the route, and a path parameter wins over the body", async () => {
    const { action: _none, ...input } = CALLS;
    expect(await replyTo(request("POST /calls", input))).toMatchObject({
      status: 200,
      body: { status: "calling" },
    });
    const event = request(
      "POST /calls/{callId}/answer",
      { callId: "other", deviceId: BOBS_PHONE },
      { pathParameters: { callId: CALL }, claims: accessToken(bob()) },
    );
    expect(await replyTo(event, world(ringing()))).toMatchObject({
      status: 200,
      body: { status: "answered" },
    });
  });

  test("a GET needs no body", async () => {
    const event = request("GET /calls/{callId}", "", { pathParameters: { callId: CALL } });
    expect(await replyTo(event, world(completed()))).toMatchObject({ status: 200, body: { callId: CALL } });
  });

  test("every command has an action and a route", async () => {
    for (const { action, route } of commands) {
      const spellings = [post({ action }), request(`${route.method} ${route.path}`, {})];
      const found = action === "listClients" ? { clients: [] } : { code: "invalid_request" };
      for (const spelling of spellings) expect((await replyTo(spelling)).body).toMatchObject(found);
    }
  });

  test("the parts that a request lacks may be null", () => {
    const nothing = { body: null, pathParameters: null, queryStringParameters: null, headers: null };
    const parsed = httpEvent.parse({ ...request("POST /calls", ""), ...nothing });
    expect(parsed).toMatchObject({ pathParameters: {}, queryStringParameters: {}, headers: {} });
  });

  test("a body in Base64 is read", async () => {
    const body = Buffer.from(JSON.stringify(CALLS)).toString("base64");
    expect(await replyTo(post(body, { isBase64Encoded: true }))).toMatchObject({ status: 200 });
  });
});

describe("the header Idempotency-Key", () => {
  const headers = { "idempotency-key": "one-tap" };
  const callsOf = (it: ReturnType<typeof world>) => it.calls.items.size;

  test("makes a repeat the same call, in either form of the command", async () => {
    const it = world();
    const first = await replyTo(post(CALLS, { headers }), it);
    it.clients.items.set(ALICE, alice());
    it.clients.items.set(BOB, bob());
    const { action: _none, ...input } = CALLS;
    const again = await replyTo(request("POST /calls", input, { headers }), it);
    expect([again.status, again.body["callId"], callsOf(it)]).toEqual([200, first.body["callId"], 1]);
  });

  test("works only as a header: a key in the body is ignored", async () => {
    const it = world();
    await replyTo(post({ ...CALLS, idempotencyKey: "one-tap" }), it);
    it.clients.items.set(ALICE, alice());
    it.clients.items.set(BOB, bob());
    await replyTo(post({ ...CALLS, idempotencyKey: "one-tap" }), it);
    expect(callsOf(it)).toBe(2);
  });

  test("is refused if it is too long, and the problem names it", async () => {
    const wrong = { headers: { "idempotency-key": "x".repeat(256) } };
    expect(await replyTo(post(CALLS, wrong))).toMatchObject({
      status: 400,
      body: { errors: [{ field: "idempotencyKey" }] },
    });
  });
});

test("a query asks for a page of the history, with its numbers as text", async () => {
  const event = request("GET /clients/{clientId}/calls", "", {
    pathParameters: { clientId: ALICE },
    queryStringParameters: { limit: "5" },
  });
  expect(await replyTo(event)).toMatchObject({ status: 200, body: { calls: [] } });
  const tooMany = { ...event, queryStringParameters: { limit: "101" } };
  expect(await replyTo(tooMany)).toMatchObject({ status: 400, body: { errors: [{ field: "limit" }] } });
});

describe("a bad request is refused by a problem that names the field", () => {
  test.each<[string, unknown, string]>([
    ["malformed JSON", "{", "body"],
    ["JSON other than an object", "[1]", "body"],
    ["null", "null", "action"],
    ["an unknown action", { action: "hangUp" }, "action"],
    ["no action", { callerId: ALICE }, "action"],
    ["an action that is a number", { action: 7 }, "action"],
    ["an action with the name of a member that every object has", { action: "constructor" }, "action"],
    ["a missing field", { action: "initiateCall", callerId: ALICE }, "calleeId"],
    ["a field of the wrong type", { ...CALLS, calleeId: 7 }, "calleeId"],
    ["a field of the wrong form", { ...CALLS, calleeId: "bob" }, "calleeId"],
    ["an over-long value", { ...CALLS, deviceId: "x".repeat(129) }, "deviceId"],
    [
      "an over-long device token",
      { action: "register", notifyType: "GCM", deviceToken: "x".repeat(2_049) },
      "deviceToken",
    ],
    ["a value outside the allowed ones", { ...CALLS, media: "smell" }, "media"],
    ["calling oneself", { ...CALLS, calleeId: ALICE }, "calleeId"],
  ])("%s", async (_what, input, field) => {
    const { status, headers, body } = await replyTo(post(input));
    expect(status).toBe(400);
    expect(headers["content-type"]).toBe("application/problem+json");
    const code = field === "action" ? "unknown_action" : "invalid_request";
    expect(body).toEqual({
      type: `urn:ringmaster:problem:${code}`,
      title: expect.any(String) as string,
      status: 400,
      code,
      detail: expect.any(String) as string,
      message: body["detail"],
      serverNowMs: START_MS,
      errors: [{ field, message: expect.stringContaining("xpected") as string }],
    });
  });

  test("a body over the limit is too large, and one byte less is not", async () => {
    const padded = (bytes: number) =>
      `${JSON.stringify(CALLS)}${" ".repeat(bytes - JSON.stringify(CALLS).length)}`;
    expect(await replyTo(post(padded(MAX_BODY_BYTES)))).toMatchObject({ status: 200 });
    expect(await replyTo(post(padded(MAX_BODY_BYTES + 1)))).toMatchObject({
      status: 413,
      body: { code: "body_too_large" },
    });
    const wide = JSON.stringify({ ...CALLS, note: "ü".repeat(MAX_BODY_BYTES / 2) });
    expect(await replyTo(post(wide))).toMatchObject({ status: 413 });
  });
});

describe("a command that cannot be carried out is refused", () => {
  const people = () => {
    const it = world();
    it.clients.items.delete(CAROL);
    return it;
  };
  test.each([
    ["an unknown client", { ...CALLS, calleeId: CAROL }, 404, "no_such_client"],
    ["another person's client", { ...CALLS, callerId: BOB, calleeId: ALICE }, 403, "not_your_client"],
    ["an unknown call", { action: "getCall", callId: CALL }, 404, "no_such_call"],
  ])("%s", async (_what, input, status, code) => {
    expect(await replyTo(post(input), people())).toMatchObject({ status, body: { status, code } });
  });

  test("too many calls: the reply says when the next may begin", async () => {
    const it = world();
    const calls = { sinceMs: START_MS - 20_000, count: it.limits.calls };
    it.persons.items.set(alice().sub, { calls });
    const { status, headers, body } = await replyTo(post(CALLS), it);
    expect([status, body["code"], headers["retry-after"]]).toEqual([429, "too_many_calls", "40"]);
    expect(it.calls.items.size).toBe(0);
  });

  test("a busy callee: the reply names the recorded attempt", async () => {
    const it = world(calling({ caller: carol() }));
    const { status, body } = await replyTo(post(CALLS), it);
    expect([status, body["code"]]).toEqual([409, "callee_busy"]);
    expect(it.calls.items.get(body["callId"] as typeof CALL)?.endReason).toBe("busy");
  });

  test("a call that is over: the reply contains the end reason", async () => {
    const event = post({ action: "answerCall", callId: CALL }, { claims: accessToken(bob()) });
    expect(await replyTo(event, world(completed()))).toMatchObject({
      status: 410,
      body: { code: "call_over", callId: CALL, endReason: "completed" },
    });
  });

  test("an answer without a device id or a known sign-in: the reply names the field", async () => {
    const answers = (more: object, claims: object = {}) =>
      replyTo(
        post({ action: "answerCall", callId: CALL, ...more }, { claims: accessToken(bob(), claims) }),
        world(ringing()),
      );
    expect(await answers({})).toMatchObject({
      status: 400,
      body: { code: "invalid_request", errors: [{ field: "deviceId" }] },
    });
    expect((await answers({ deviceId: BOBS_PHONE })).status).toBe(200);
    expect((await answers({}, { origin_jti: "sign-in" })).status).toBe(200);
  });

  test("a refusal that may be retried contains Retry-After", async () => {
    const it = world();
    it.stages.items.clear();
    it.keeper.read = () => Promise.reject(new Error("ProvisionedThroughputExceededException"));
    const { status, headers, body } = await replyTo(post(CALLS), it);
    expect([status, headers["retry-after"], body["code"]]).toEqual([503, "1", "no_stage"]);
    expect(JSON.stringify(body)).not.toContain("Throughput");
  });
});

describe("authentication", () => {
  test.each([
    ["an ID token", { ...accessToken(alice()), token_use: "id" }],
    ["a token without a use", { sub: alice().sub }],
    ["a token without a subject", { token_use: "access" }],
  ])("%s is no access token", async (_what, claims) => {
    expect(await replyTo(post(CALLS, { claims }))).toMatchObject({
      status: 401,
      body: { code: "access_token_required" },
    });
  });

  test("a request without an authorizer is refused", async () => {
    const event = { ...post(CALLS), requestContext: { requestId: "request" } };
    expect(await replyTo(event)).toMatchObject({ status: 401 });
  });

  test("comes before validation: a stranger learns nothing about the request", async () => {
    expect(await replyTo(post("{", { claims: {} }))).toMatchObject({ status: 401 });
  });

  test.each([
    ["[operators]", 200],
    ["[operators admins]", 200],
    ["[admins operators]", 200],
    ["[admins, operators]", 200],
    [["operators"], 200],
    ["operators", 200],
    ["[operators2]", 403],
    ["[no-operators admins]", 403],
    ["[]", 403],
    [undefined, 403],
    [{ operators: true }, 403],
  ])("groups %o: reading another person's call gives %i", async (groups, status) => {
    const claims = accessToken(carol(), { "cognito:groups": groups });
    const event = post({ action: "getCall", callId: CALL }, { claims });
    expect(await replyTo(event, world(completed()))).toMatchObject({ status });
  });
});

test("an internal failure is thrown on, because it is no problem of the request", async () => {
  const it = world();
  it.clients.read = () => Promise.reject(new Error("table clients is away"));
  await expect(restEntrypoint(it, post(CALLS))).rejects.toThrow("table clients is away");
});
