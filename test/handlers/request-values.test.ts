/** Values as the apps' libraries write them: ids in upper case, null for a missing value, bodies without input. */
import { describe, expect, test } from "vitest";
import type { Call } from "../../calls/call.ts";
import { commands } from "../../api/commands.ts";
import { restEntrypoint } from "../../handlers/rest-entrypoint.ts";
import { openApi } from "../../api/openapi.ts";
import {
  ALICE,
  alice,
  BOB,
  bob,
  BOBS_PHONE,
  CALL,
  calling,
  completed,
  ringing,
  START_MS,
} from "../builders.ts";
import { begun, world } from "./world.ts";

type Sent = { readonly as?: { sub: string; username: string }; readonly headers?: Record<string, string> };

async function send(it: ReturnType<typeof world>, routeKey: string, body: unknown, sent: Sent = {}) {
  const { as = alice(), headers = {} } = sent;
  const [method, path = "/"] = routeKey.split(" ");
  // A part of the path that differs from every route is a parameter.
  const known = commands.find(
    ({ route }) =>
      route.method === method &&
      route.path.split("/").length === path.split("/").length &&
      route.path.split("/").every((part, at) => part.startsWith("{") || part === path.split("/")[at]),
  );
  const names = (known?.route.path ?? path).split("/");
  const pathParameters = Object.fromEntries(
    names.flatMap((name, at) =>
      name.startsWith("{") ? [[name.slice(1, -1), path.split("/")[at] ?? ""]] : [],
    ),
  );
  const claims = { sub: as.sub, username: as.username, token_use: "access", origin_jti: "a sign-in" };
  const reply = await restEntrypoint(it, {
    routeKey: known ? `${method} ${known.route.path}` : routeKey,
    body: typeof body === "string" ? body : JSON.stringify(body),
    isBase64Encoded: false,
    pathParameters,
    queryStringParameters: {},
    headers,
    requestContext: { requestId: "request", authorizer: { jwt: { claims } } },
  });
  return { status: reply.statusCode, body: JSON.parse(reply.body) as Record<string, unknown> };
}
const upper = (id: string): string => id.toUpperCase();

describe("an id in upper case", () => {
  // An id with letters, because the builders' ids have digits only.
  const LETTERS = "abcdefab-cdef-4abc-8def-abcdefabcdef";
  const withLetters = (call: Call): Call =>
    JSON.parse(JSON.stringify(call).replaceAll(CALL, LETTERS)) as Call;

  test("names the same call in the path", async () => {
    const { status, body } = await send(world(withLetters(completed())), `GET /calls/${upper(LETTERS)}`, "");
    expect([status, body["callId"]]).toEqual([200, LETTERS]);
  });

  test("names the same call in the body and in the envelope", async () => {
    const it = world(withLetters(ringing()));
    const answer = {
      action: "answerCall",
      callId: upper(LETTERS),
      clientId: upper(BOB),
      deviceId: BOBS_PHONE,
    };
    expect(await send(it, "POST /", answer, { as: bob() })).toMatchObject({ status: 200 });
    const end = { action: "endCall", callId: upper(LETTERS), clientId: upper(BOB) };
    expect(await send(it, "POST /", end, { as: bob() })).toMatchObject({ body: { callId: LETTERS } });
  });

  test("and the same id in lower case name one callee, not two", async () => {
    const twice = { callerId: ALICE, calleeIds: [LETTERS, upper(LETTERS)] };
    expect(await send(world(), "POST /calls", twice)).toMatchObject({
      status: 400,
      body: { errors: [{ field: "calleeIds", message: "expected different clients" }] },
    });
  });
});

describe("null for an optional member", () => {
  test("means the same as no member", async () => {
    const call = { callerId: ALICE, calleeId: BOB, calleeIds: null, deviceId: null, media: null };
    expect(await send(world(), "POST /calls", call)).toMatchObject({ status: 200, body: { media: "audio" } });
    const token = { notifyType: "GCM", deviceToken: "token", clientId: null, deviceId: null };
    expect(await send(world(), "POST /clients", token)).toMatchObject({ status: 200 });
    const part = { clientId: null, deviceId: null };
    for (const what of ["ringing", "answer", "decline"])
      expect(await send(world(ringing()), `POST /calls/${CALL}/${what}`, part, { as: bob() })).toMatchObject({
        status: 200,
      });
  });

  test("is refused as missing if the command needs the member", async () => {
    expect(await send(world(), "POST /calls", { callerId: null, calleeId: BOB })).toMatchObject({
      status: 400,
      body: { errors: [{ field: "callerId" }] },
    });
  });

  test("keeps its own meaning in do-not-disturb, which it ends", async () => {
    const it = world();
    const path = `POST /clients/${ALICE}/do-not-disturb`;
    await send(it, path, { untilMs: START_MS + 60_000 });
    expect((await send(it, path, { untilMs: null })).body).not.toHaveProperty("doNotDisturbUntilMs");
    expect(await send(it, path, {})).toMatchObject({ status: 400, body: { errors: [{ field: "untilMs" }] } });
  });

  test("an empty list of callees beside a callee is ignored too", async () => {
    const call = { callerId: ALICE, calleeId: BOB, calleeIds: [] };
    expect(await send(world(), "POST /calls", call)).toMatchObject({ status: 200 });
    expect(await send(world(), "POST /calls", { callerId: ALICE, calleeIds: [] })).toMatchObject({
      status: 400,
    });
  });
});

describe("a body", () => {
  test.each(["", "null", "[]", " ", "\uFEFF", "\uFEFFnull", "{}"])(
    "of %j is an empty input",
    async (body) => {
      expect(await send(world(ringing()), `POST /calls/${CALL}/decline`, body, { as: bob() })).toMatchObject({
        status: 200,
      });
    },
  );

  test("may begin with a byte-order mark", async () => {
    const body = `\uFEFF${JSON.stringify({ callerId: ALICE, calleeId: BOB })}`;
    expect(await send(world(), "POST /calls", body)).toMatchObject({ status: 200 });
  });

  test.each(["[1]", "7", "text", '"text"', "true"])("of %s is refused", async (body) => {
    expect(await send(world(), "POST /calls", body)).toMatchObject({
      status: 400,
      body: { errors: [{ field: "body" }] },
    });
  });

  test("may contain the names of members that every object has", async () => {
    const body = '{"__proto__":{"callerId":"x"},"constructor":1,"toString":null,"action":"initiateCall"';
    const call = `${body},"callerId":"${ALICE}","calleeId":"${BOB}"}`;
    const keyed = { headers: { "idempotency-key": "__proto__" } };
    const it = world();
    expect(await send(it, "POST /", call, keyed)).toMatchObject({ status: 200 });
    expect(await send(it, "POST /", call, keyed)).toMatchObject({ body: { callId: begun(it).callId } });
  });
});

describe("the server's clock", () => {
  test("is in every reply and every problem", async () => {
    const it = world(calling());
    expect(await send(it, `GET /calls/${CALL}`, "")).toMatchObject({ body: { serverNowMs: START_MS } });
    it.edge.setNow(START_MS + 5_000);
    expect(await send(it, `GET /calls/${CALL}`, "")).toMatchObject({
      body: { serverNowMs: START_MS + 5_000 },
    });
    const refused = await send(it, "GET /calls/nonsense", "");
    expect(refused.body).toMatchObject({ status: 400, serverNowMs: START_MS + 5_000 });
    expect(refused.body["message"]).toBe(refused.body["detail"]);
  });

  test("is in the OpenAPI document, with an int64 format for every time", () => {
    const found: [string, Record<string, unknown>][] = [];
    const walk = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      for (const [name, of] of Object.entries(value)) {
        if (/(At|Until|Now|until)Ms$/.test(name)) found.push([name, of as Record<string, unknown>]);
        if (name !== "example") walk(of);
      }
    };
    walk(openApi());
    expect(new Set(found.map(([name]) => name))).toContain("serverNowMs");
    const formats = found.map(([name, of]) => {
      const [integer = of] = (of["anyOf"] as Record<string, unknown>[] | undefined) ?? [];
      return [name, integer["type"], integer["format"]];
    });
    expect(formats).toEqual(found.map(([name]) => [name, "integer", "int64"]));
  });
});
