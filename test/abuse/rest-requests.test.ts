/**
 * Requests made from the OpenAPI document, with odd values in their places: each gets a reply that the document lists, never a 5xx,
 * and a request that is refused has written nothing.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commands, statusOf } from "../../api/commands.ts";
import { openForAll } from "../opened.ts";
import { begins } from "../scenarios/cast.ts";
import { type Phone, startWorld, type World } from "../world.ts";
import type { Sources } from "./by-schema.ts";
import { trying } from "./fuzzing.ts";
import { oddJson } from "./odd-json.ts";
import { operations, type Operation, requestsFor, resolve, type Sent } from "./rest-requests.ts";
import { type Answer, commandOf, sent } from "./spellings.ts";
import { contentsOf } from "./tables.ts";
import { writesSince } from "./writes.ts";

let world: World;
let people: Readonly<Record<"alice" | "bob", Phone>>;
let ids: Readonly<Record<string, readonly string[]>>;

openForAll(
  () => startWorld({ quotas: false }),
  async (opened) => {
    world = opened;
    const [alice, bob, carol] = [
      await world.phone("alice"),
      await world.phone("bob"),
      await world.phone("carol"),
    ];
    people = { alice, bob };
    const callId = await begins(alice, bob);
    const clients = [alice.clientId, alice.clientId.toUpperCase(), bob.clientId, carol.clientId, UNKNOWN];
    ids = {
      clientId: clients,
      callerId: [alice.clientId, bob.clientId],
      calleeId: clients,
      calleeIds: clients,
      clientIds: [bob.clientId, UNKNOWN],
      blockedId: clients,
      callId: [callId, callId.toUpperCase(), UNKNOWN],
      deviceToken: ["token-of-alice", "bob-phone"],
      deviceId: ["phone", "tablet"],
      operationId: ["none", "night-2026-01-01"],
      nextToken: NEXT_TOKENS,
      "Idempotency-Key": ["tap", "other"],
    };
  },
);

const UNKNOWN = "00000000-0000-4000-8000-000000000000";
/** Pages that no reply has named. */
const NEXT_TOKENS = [
  "e30",
  "bnVsbA",
  ...[
    { createdAtMs: 1e300, callId: UNKNOWN },
    { createdAtMs: -1, callId: UNKNOWN },
    { createdAtMs: 1.5, callId: UNKNOWN },
    { createdAtMs: Number.MAX_SAFE_INTEGER, callId: UNKNOWN },
    { createdAtMs: 1_767_258_007_000, callId: "x" },
    { createdAtMs: 1_767_258_007_000, callId: UNKNOWN, __proto__: 1 },
  ].map((place) => Buffer.from(JSON.stringify(place)).toString("base64url")),
];

/** Commands that lack what makes them whole. */
const VALID = [
  `{"action":"register","notifyType":"GCM","deviceToken":"some-token"`,
  `{"action":"endCall","clientId":"${UNKNOWN}"`,
] as const;

const sources: Sources = { resolve, known: (name) => ids[name] ?? [] };

/** What is wrong with the reply. */
function faultsOf(operation: Operation, { status, body }: Answer): string[] {
  const command = commandOf(
    commands.find(({ action }) => action === operation.operationId)?.action ?? "getCall",
  );
  if (status >= 500) return [`status ${status}`];
  if (!operation.responses.has(status) && status !== 404) return [`status ${status} is not in the document`];
  if (status === statusOf(command)) {
    return command.reply.safeParse(body).success ? [] : ["a reply that the document does not describe"];
  }
  return typeof body["message"] === "string" ? [] : ["a refusal without a message"];
}

/** Counted before any lookup, and a call that found its callee busy. */
const RECORDED = new Set(["deleteClientIds", "initiateCall"]);

async function tried(operation: Operation, { accessToken }: Phone, request: Sent): Promise<string[]> {
  // The gateway takes so many requests a second.
  await world.clock.advance(5);
  const from = world.happened.length;
  const answer = await sent(world, accessToken, request);
  const refused = answer.status >= 400 && !RECORDED.has(operation.operationId);
  return [...faultsOf(operation, answer), ...(refused ? writesSince(world, from) : [])];
}

describe.each(operations)("$operationId", (operation) => {
  test("answers whatever it is sent as the document says", async () => {
    const requests = requestsFor(operation, sources);
    const property = fc.asyncProperty(fc.constantFrom("alice", "bob"), requests, async (who, request) => {
      expect(await tried(operation, people[who], request)).toEqual([]);
    });
    await fc.assert(property, trying(15));
  });
});

describe("the envelope", () => {
  const json = "application/json";
  const types = fc.constantFrom(
    json,
    "text/plain",
    "application/octet-stream",
    "multipart/form-data; boundary=x",
    "",
  );
  const half = fc.constantFrom(...VALID).chain((text) => fc.nat(text.length).map((at) => text.slice(0, at)));
  const bodies = fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    half.map((text) => Buffer.from(text)),
    oddJson.map((text) => Buffer.from(text)),
    oddJson.map((text) => Buffer.from(`{"action":${text}}`)),
    fc.constantFrom("utf16le", "latin1").map((encoding) => Buffer.from(`${VALID[0]}ü`, encoding)),
    fc.constant(Buffer.alloc(300_000, "[")),
    fc.constant(Buffer.alloc(11 * 1024 * 1024, " ")),
  );

  test("refuses whatever is no command, and leaves the tables as they were", async () => {
    const before = await contentsOf(world);
    const property = fc.asyncProperty(bodies, types, async (body, type) => {
      const headers = { "content-type": type };
      const request = { method: "POST", path: "/", query: "", headers, body };
      const { status, body: reply } = await sent(world, people.alice.accessToken, request);
      expect([400, 413]).toContain(status);
      expect(reply["message"]).toBeTypeOf("string");
    });
    await fc.assert(property, trying(100));
    expect(await contentsOf(world)).toEqual(before);
  });
});
