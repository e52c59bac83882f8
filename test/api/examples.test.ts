/**
 * The examples of the OpenAPI document are replies of the runtime: a call is played, command by command, and the recorded
 * requests and replies have the printed shape. `RECORD_EXAMPLES=1 npm test -- api/examples` records them again.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { type Action, commands, statusOf } from "../../api/commands.ts";
import type { Example } from "../../api/examples.ts";
import { type Phone, request, startWorld, type World } from "../world.ts";

const FILE = new URL("../../api/examples.json", import.meta.url);
type Json = Readonly<Record<string, unknown>>;

let world: World;
const played: Partial<Record<Action, Example>> = {};

openForAll(startWorld, async (opened) => {
  world = opened;
  await play();
});

/** Sends a command through its route. The first reply of each command is its example. */
async function does(phone: Phone, action: Action, input: Json = {}): Promise<Json> {
  const command = commands.find((one) => one.action === action);
  if (!command) throw new Error(`no command ${action}`);
  const { method, path } = command.route;
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => String(name));
  const body = Object.fromEntries(Object.entries(input).filter(([name]) => !inPath.includes(name)));
  const filled = path.replace(/\{(\w+)\}/g, (_part, name: string) => String(input[name]));
  const { accessToken } = phone;
  const reply = await request(world.runtime, accessToken, JSON.stringify(body), { method, path: filled });
  expect([action, reply.status]).toEqual([action, statusOf(command)]);
  played[action] ??= { ...(method === "POST" && { body }), reply: reply.body };
  return reply.body;
}

async function play(): Promise<void> {
  const [alice, bob] = [await world.phone("alice"), await world.phone("bob")];
  const [alices, bobs] = [{ deviceId: "alices-phone" }, { deviceId: "bobs-phone" }];
  await does(alice, "register", { notifyType: "GCM", deviceToken: "fcm-token-of-alice", ...alices });
  await does(bob, "register", { notifyType: "GCM", deviceToken: "fcm-token-of-bob", ...bobs });
  const [callerId, calleeId] = [alice.clientId, bob.clientId];
  const begun = await does(alice, "initiateCall", { callerId, calleeId, media: "video", ...alices });
  const callId = String(begun["callId"]);
  await world.runtime.ivs.join(String(begun["token"]));
  await world.clock.until(() => bob.messages().length > 0);
  await does(bob, "ackRinging", { callId, ...bobs });
  await does(bob, "getClient", { clientId: calleeId });
  await world.clock.advance(2_000);
  const answered = await does(bob, "answerCall", { callId, ...bobs });
  await world.runtime.ivs.join(String(answered["token"]));
  await does(bob, "getCall", { callId });
  await does(alice, "rejoinCall", { callId, ...alices });
  const dave = await world.phone("dave");
  await does(alice, "addToCall", { callId, clientId: callerId, calleeIds: [dave.clientId] });
  await does(dave, "declineCall", { callId });
  await does(alice, "endCall", { clientId: callerId, callId, ...alices });
  await does(bob, "endCall", { clientId: calleeId, callId, ...bobs });
  await world.ended(callId);
  await does(bob, "listCalls", { clientId: calleeId });
  await does(bob, "listClients");
  await does(bob, "blockClient", { clientId: calleeId, blockedId: callerId });
  await does(bob, "unblockClient", { clientId: calleeId, blockedId: callerId });
  await does(bob, "setDoNotDisturb", { clientId: calleeId, untilMs: world.clock.now() + 3_600_000 });
  await does(bob, "unregister", { clientId: calleeId, ...bobs });
  const { operationId } = await does(bob, "deleteClientIds", { clientIds: [calleeId] });
  await world.clock.advance(60_000);
  await does(bob, "getOperation", { operationId });
}

/** Shortens a token, which would open a stage: its beginning is enough. */
const shortened = (_key: string, value: unknown): unknown =>
  typeof value === "string" && value.startsWith("eyJ") ? `${value.slice(0, 20)}…` : value;

/** The members of a value and their types. A list has the shape of its first item. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length > 0 ? [shapeOf(value[0])] : [];
  if (typeof value !== "object" || value === null) return typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, member]) => [key, shapeOf(member)]),
  );
}

test("every command has an example, with the shape of the runtime's reply", () => {
  if (process.env["RECORD_EXAMPLES"]) writeFileSync(FILE, `${JSON.stringify(played, shortened, 2)}\n`);
  const recorded = JSON.parse(readFileSync(FILE, "utf8")) as Json;
  expect(Object.keys(played).toSorted()).toEqual(commands.map(({ action }) => action).toSorted());
  expect(shapeOf(recorded)).toEqual(shapeOf(played));
});

test("every example fits the schema of the reply", () => {
  for (const { action, reply } of commands) {
    const { serverNowMs, ...given } = (played[action]?.reply ?? {}) as Json;
    expect(reply.parse(given)).toEqual(given);
    expect(serverNowMs).toBeGreaterThan(Date.UTC(2026, 0));
  }
});
