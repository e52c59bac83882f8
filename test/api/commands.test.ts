import { describe, expect, test } from "vitest";
import { type Action, commands } from "../../api/commands.ts";
import { newClientId } from "../../calls/ids.ts";
import { MAX_DEVICE_TOKEN_LENGTH, MAX_LEGS } from "../../calls/limits.ts";
import { Secret } from "../../calls/secret.ts";
import { ALICE, BOB, CALL, CAROL, START_MS } from "../builders.ts";

function parse(action: Action, input: unknown) {
  const command = commands.find((one) => one.action === action);
  return command?.input.safeParse(input);
}
const fieldsRefused = (action: Action, input: unknown) =>
  parse(action, input)?.error?.issues.map(({ path }) => path.join("."));

const many = (count: number) =>
  Array.from({ length: count }, (_, n) => newClientId(new Uint8Array(16).fill(n)));

/** A valid input of each command. */
const good: { readonly [A in Action]: Readonly<Record<string, unknown>> } = {
  register: { notifyType: "GCM", deviceToken: "token", clientId: BOB, deviceId: "phone" },
  unregister: { clientId: BOB, deviceId: "phone", deviceToken: "token" },
  listClients: {},
  getClient: { clientId: BOB },
  blockClient: { clientId: BOB, blockedId: ALICE },
  unblockClient: { clientId: BOB, blockedId: ALICE },
  setDoNotDisturb: { clientId: BOB, untilMs: START_MS },
  initiateCall: {
    callerId: ALICE,
    calleeId: BOB,
    media: "video",
    deviceId: "phone",
    idempotencyKey: "tap-1",
  },
  answerCall: { callId: CALL, clientId: BOB, deviceId: "phone" },
  declineCall: { callId: CALL, clientId: BOB, deviceId: "phone" },
  ackRinging: { callId: CALL, clientId: BOB, deviceId: "phone" },
  rejoinCall: { callId: CALL, clientId: BOB, deviceId: "phone" },
  addToCall: { callId: CALL, clientId: BOB, calleeIds: [ALICE, CAROL] },
  endCall: { clientId: BOB, callId: CALL },
  getCall: { callId: CALL },
  listCalls: { clientId: BOB, limit: 20, nextToken: "page" },
  deleteClientIds: { clientIds: [ALICE, BOB], idempotencyKey: "monday" },
  getOperation: { operationId: "operation" },
};
const bad: Readonly<Record<string, readonly unknown[]>> = {
  notifyType: ["ADM", "gcm", 1, null],
  deviceToken: ["", "with space", "line\nbreak", "x".repeat(MAX_DEVICE_TOKEN_LENGTH + 1), 7, ["t"]],
  deviceId: ["", "two words", "x".repeat(129), "ü", {}],
  clientId: ["", "bob", `{${BOB}}`, `${BOB}0`, 5, null],
  callerId: ["alice", 5],
  calleeId: ["bob", 5],
  clientIds: [[], "all", null, Array.from({ length: 5_001 }, () => BOB)],
  operationId: ["", "two words", "a:b", "x".repeat(81), 5],
  callId: ["", "call", `${CALL}\n`, `${CALL}-repair-1`, 5],
  media: ["text", true],
  blockedId: ["bob", 5],
  untilMs: ["soon", 1.5, true],
  calleeIds: [[], [BOB, BOB], many(MAX_LEGS), "bob"],
  idempotencyKey: ["", "two words", "x".repeat(256), 5],
  limit: [0, 101, 1.5, "many"],
  nextToken: ["x".repeat(513), 5],
};
const needed: { readonly [A in Action]: readonly string[] } = {
  register: ["notifyType", "deviceToken"],
  unregister: ["clientId"],
  listClients: [],
  getClient: ["clientId"],
  blockClient: ["clientId", "blockedId"],
  unblockClient: ["clientId", "blockedId"],
  setDoNotDisturb: ["clientId", "untilMs"],
  initiateCall: ["callerId", "calleeId"],
  answerCall: ["callId"],
  declineCall: ["callId"],
  ackRinging: ["callId"],
  rejoinCall: ["callId"],
  addToCall: ["callId", "calleeIds"],
  endCall: ["clientId"],
  getCall: ["callId"],
  listCalls: ["clientId"],
  deleteClientIds: ["clientIds"],
  getOperation: ["operationId"],
};
const actions = Object.keys(good) as Action[];

describe.each(actions)("%s", (action) => {
  const without = (field: string) => {
    const { [field]: _gone, ...rest } = good[action];
    return rest;
  };

  test("accepts an input with every field", () => {
    expect(parse(action, good[action])?.success).toBe(true);
  });

  test("names each wrong field, and no other", () => {
    for (const field of Object.keys(good[action])) {
      for (const value of bad[field] ?? []) {
        expect(fieldsRefused(action, { ...good[action], [field]: value })).toEqual([field]);
      }
    }
  });

  test("names each missing field that it needs, and accepts an input without the others", () => {
    for (const field of Object.keys(good[action])) {
      const expected = needed[action].includes(field) ? [field] : undefined;
      expect(fieldsRefused(action, without(field))).toEqual(expected);
    }
  });
});

test("every field of every command has wrong values in this test", () => {
  const fields = new Set(Object.values(good).flatMap((input) => Object.keys(input)));
  expect([...fields].toSorted()).toEqual(Object.keys(bad).toSorted());
});

test("unregister needs a device or a device token", () => {
  expect(fieldsRefused("unregister", { clientId: BOB })).toEqual(["deviceId"]);
});

test("a call goes to one client or to at most eleven, and not to both", () => {
  expect(parse("initiateCall", { callerId: ALICE, calleeIds: many(MAX_LEGS - 1) })?.success).toBe(true);
  const both = { callerId: ALICE, calleeId: BOB, calleeIds: [CAROL] };
  expect(fieldsRefused("initiateCall", both)).toEqual(["calleeId"]);
  expect(fieldsRefused("initiateCall", { callerId: ALICE, calleeIds: [BOB, "carol"] })).toEqual([
    "calleeIds.1",
  ]);
});

test("null ends do-not-disturb, and a page's limit may be text, as in a query", () => {
  expect(parse("setDoNotDisturb", { clientId: BOB, untilMs: null })?.success).toBe(true);
  expect(parse("listCalls", { clientId: BOB, limit: "7" })?.data).toMatchObject({ limit: 7 });
  expect(parse("listCalls", { clientId: BOB })?.data).toMatchObject({ limit: 20 });
});

test("several wrong fields are all named", () => {
  expect(fieldsRefused("register", {})).toEqual(["notifyType", "deviceToken"]);
});

test("a device token becomes a secret when it is parsed", () => {
  expect(parse("register", good.register)?.data).toMatchObject({ deviceToken: new Secret("token") });
  expect(JSON.stringify(parse("register", good.register)?.data)).not.toContain('token"}');
});

test("a call is an audio call by default", () => {
  expect(parse("initiateCall", { callerId: ALICE, calleeId: BOB })?.data).toMatchObject({ media: "audio" });
});

test("each command has one action and one route of its own", () => {
  const routes = commands.map(({ route }) => `${route.method} ${route.path}`);
  expect(new Set(commands.map(({ action }) => action)).size).toBe(commands.length);
  expect(new Set([...routes, "POST /"]).size).toBe(commands.length + 1);
  expect(commands.map(({ action }) => action).toSorted()).toEqual(actions.toSorted());
});

test("each path parameter of a route is a field of its input", () => {
  for (const { route, input } of commands) {
    const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(Object.keys(input.shape)).toEqual(expect.arrayContaining(names));
  }
});
