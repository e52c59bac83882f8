import { describe, expect, test } from "vitest";
import { type Action, commands } from "../../calls/commands.ts";
import { MAX_DEVICE_TOKEN_LENGTH } from "../../calls/limits.ts";
import { Secret } from "../../calls/secret.ts";
import { ALICE, BOB, CALL } from "../builders.ts";

function parse(action: Action, input: unknown) {
  const command = commands.find((one) => one.action === action);
  return command?.input.safeParse(input);
}
const fieldsRefused = (action: Action, input: unknown) =>
  parse(action, input)?.error?.issues.map(({ path }) => path.join("."));

/** An input that each command takes. */
const good: { readonly [A in Action]: Readonly<Record<string, unknown>> } = {
  register: { notifyType: "GCM", deviceToken: "token", clientId: BOB, deviceId: "phone" },
  unregister: { clientId: BOB, deviceId: "phone", deviceToken: "token" },
  initiateCall: { callerId: ALICE, calleeId: BOB, media: "video", deviceId: "phone" },
  answerCall: { callId: CALL, clientId: BOB, deviceId: "phone" },
  declineCall: { callId: CALL, clientId: BOB, deviceId: "phone" },
  ackRinging: { callId: CALL, clientId: BOB, deviceId: "phone" },
  endCall: { clientId: BOB, callId: CALL },
  getCall: { callId: CALL },
  deleteClientIds: { clientIds: [ALICE, BOB], idempotencyKey: "monday" },
  getOperation: { operationId: "operation" },
};
const bad: Readonly<Record<string, readonly unknown[]>> = {
  notifyType: ["ADM", "gcm", 1, null],
  deviceToken: ["", "with space", "line\nbreak", "x".repeat(MAX_DEVICE_TOKEN_LENGTH + 1), 7, ["t"]],
  deviceId: ["", "two words", "x".repeat(129), "ü", {}],
  clientId: ["", "bob", BOB.toUpperCase().replace("00000000", "ABCDEF00"), `${BOB}0`, 5, null],
  callerId: ["alice", 5],
  calleeId: ["bob", 5],
  clientIds: [[], "all", null, Array.from({ length: 5_001 }, () => BOB)],
  idempotencyKey: ["", "two words", "x".repeat(256), 5],
  operationId: ["", "two words", "a:b", "x".repeat(81), 5],
  callId: ["", "call", `${CALL}\n`, `${CALL}-repair-1`, 5],
  media: ["text", true],
};
const needed: { readonly [A in Action]: readonly string[] } = {
  register: ["notifyType", "deviceToken"],
  unregister: ["clientId"],
  initiateCall: ["callerId", "calleeId"],
  answerCall: ["callId"],
  declineCall: ["callId"],
  ackRinging: ["callId"],
  endCall: ["clientId"],
  getCall: ["callId"],
  deleteClientIds: ["clientIds"],
  getOperation: ["operationId"],
};
const actions = Object.keys(good) as Action[];

describe.each(actions)("%s", (action) => {
  const without = (field: string) => {
    const { [field]: _gone, ...rest } = good[action];
    return rest;
  };

  test("takes an input with everything in it", () => {
    expect(parse(action, good[action])?.success).toBe(true);
  });

  test("names each field that is wrong, and no other", () => {
    for (const field of Object.keys(good[action])) {
      for (const value of bad[field] ?? []) {
        expect(fieldsRefused(action, { ...good[action], [field]: value })).toEqual([field]);
      }
    }
  });

  test("names each field that is missing, and does without the others", () => {
    for (const field of Object.keys(good[action])) {
      const expected = needed[action].includes(field) ? [field] : undefined;
      expect(fieldsRefused(action, without(field))).toEqual(expected);
    }
  });
});

test("every way in which a field can be wrong is tried", () => {
  const fields = new Set(Object.values(good).flatMap((input) => Object.keys(input)));
  expect([...fields].toSorted()).toEqual(Object.keys(bad).toSorted());
});

test("unregister needs a device or a device token", () => {
  expect(fieldsRefused("unregister", { clientId: BOB })).toEqual(["deviceId"]);
});

test("several wrong fields are all named", () => {
  expect(fieldsRefused("register", {})).toEqual(["notifyType", "deviceToken"]);
});

test("a device token is a secret as soon as it is read", () => {
  expect(parse("register", good.register)?.data).toMatchObject({ deviceToken: new Secret("token") });
  expect(JSON.stringify(parse("register", good.register)?.data)).not.toContain('token"}');
});

test("a call is an audio call unless it says otherwise", () => {
  expect(parse("initiateCall", { callerId: ALICE, calleeId: BOB })?.data).toMatchObject({ media: "audio" });
});

test("each command has one action and one route of its own", () => {
  const routes = commands.map(({ route }) => `${route.method} ${route.path}`);
  expect(new Set(commands.map(({ action }) => action)).size).toBe(commands.length);
  expect(new Set([...routes, "POST /"]).size).toBe(commands.length + 1);
  expect(commands.map(({ action }) => action).toSorted()).toEqual(actions.toSorted());
});

test("what stands in a route's path is a field of its input", () => {
  for (const { route, input } of commands) {
    const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(Object.keys(input.shape)).toEqual(expect.arrayContaining(names));
  }
});
