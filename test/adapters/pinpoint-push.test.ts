/** Pushes as they arrive on phones through Pinpoint, and what becomes of each address. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { NotifyType } from "../../calls/commands.ts";
import { type Push, type PushAddress, pushFor, type PushType } from "../../calls/pushes.ts";
import { Secret } from "../../calls/secret.ts";
import { pinpointPush } from "../../handlers/adapters/pinpoint-push.ts";
import type { PushSender } from "../../handlers/send-push.ts";
import { createPinpoint, type Pinpoint } from "../../local/pinpoint/pinpoint.ts";
import { ALICE, BOB, callFrom, callId } from "./builders.ts";
import { type LocalAws, openLocalAws, REGION } from "./served-door.ts";

const RING_SECONDS = 45;

let aws: LocalAws;
let pinpoint: Pinpoint;
let sender: PushSender;

beforeEach(async () => {
  aws = await openLocalAws();
  pinpoint = createPinpoint(aws.door);
  aws.door.register(pinpoint.service);
  const app = await pinpoint.resources["AWS::Pinpoint::App"]?.create({
    logicalId: "App",
    properties: { Name: "calls" },
    physicalName: () => "calls",
    assetPath: () => "",
  });
  sender = pinpointPush({ region: REGION, appId: app?.ref ?? "" });
});
afterEach(() => aws.close());

const push = (type: PushType): Push => {
  const nowMs = aws.clock.now();
  return pushFor(type, callFrom(ALICE, BOB, { nowMs }), "Alice", nowMs);
};
const address = (notifyType: NotifyType, token = "bobs-token"): PushAddress => ({
  deviceId: `phone-of-${token}`,
  notifyType,
  token: new Secret(token),
  seenAtMs: aws.clock.now(),
});
const arrived = (token = "bobs-token") => pinpoint.inbox.last(token);
const send = async (type: PushType, notifyType: NotifyType) => {
  const [result] = await sender.send(push(type), [address(notifyType)]);
  return { outcome: result?.outcome, message: arrived() };
};

describe("an incoming call", () => {
  test("wakes Android at once, for as long as it rings, with a flat map of strings", async () => {
    const { outcome, message } = await send("incoming_call", "GCM");
    expect(outcome).toBe("accepted");
    expect(message).toEqual({
      atMs: aws.clock.now(),
      channel: "GCM",
      priority: "high",
      ttlSeconds: RING_SECONDS,
      voip: false,
      data: push("incoming_call").data,
    });
  });

  test.each(["APNS_VOIP", "APNS_VOIP_SANDBOX"] as const)("wakes an iPhone over %s", async (notifyType) => {
    const { outcome, message } = await send("incoming_call", notifyType);
    expect(outcome).toBe("accepted");
    expect(message).toEqual({
      atMs: aws.clock.now(),
      channel: notifyType,
      priority: "10",
      ttlSeconds: RING_SECONDS,
      pushType: "voip",
      voip: true,
      data: push("incoming_call").data,
    });
  });

  test("is shown by the system on an iPhone that has an ordinary token only", async () => {
    const { outcome, message } = await send("incoming_call", "APNS");
    expect(outcome).toBe("accepted");
    expect(message).toMatchObject({
      channel: "APNS",
      priority: "10",
      pushType: "alert",
      voip: false,
      alert: { title: "Alice is calling" },
      data: push("incoming_call").data,
    });
  });
});

describe("what follows a call", () => {
  test("a missed call is shown on an iPhone, for a day, and replaces what was shown of the call", async () => {
    expect((await send("missed_call", "APNS_SANDBOX")).message).toMatchObject({
      channel: "APNS_SANDBOX",
      priority: "10",
      ttlSeconds: 24 * 3600,
      pushType: "alert",
      collapseId: callId(1),
      alert: { title: "Missed call from Alice" },
    });
  });

  test.each(["call_cancelled", "answered_elsewhere", "declined_elsewhere"] as const)(
    "%s reaches an iPhone in the background, unseen",
    async (type) => {
      const { outcome, message } = await send(type, "APNS");
      expect(outcome).toBe("accepted");
      expect(message).toMatchObject({ priority: "5", pushType: "background", collapseId: callId(1) });
      expect(message).not.toHaveProperty("alert");
      expect(message?.data).toEqual(push(type).data);
    },
  );

  test.each(["missed_call", "call_cancelled"] as const)(
    "%s is an FCM data message of the call",
    async (type) => {
      expect((await send(type, "GCM")).message).toEqual({
        atMs: aws.clock.now(),
        channel: "GCM",
        priority: "high",
        ttlSeconds: push(type).ttlSeconds,
        collapseId: callId(1),
        voip: false,
        data: push(type).data,
      });
    },
  );
});

test("phones of every kind are reached with one request a kind, and each gets its own result", async () => {
  const types = ["GCM", "APNS_VOIP", "APNS", "GCM", "APNS_VOIP_SANDBOX"] as const;
  const addresses = types.map((notifyType, n) => address(notifyType, `${n === 3 ? "gone-" : ""}token-${n}`));
  const results = await sender.send(push("incoming_call"), addresses);
  expect(aws.asked).toEqual(["SendMessages", "SendMessages", "SendMessages"]);
  expect(new Map(results.map(({ address: { token }, outcome }) => [token.reveal(), outcome]))).toEqual(
    new Map([
      ["token-0", "accepted"],
      ["gone-token-3", "gone"],
      ["token-1", "accepted"],
      ["token-4", "accepted"],
      ["token-2", "accepted"],
    ]),
  );
  expect(["token-0", "token-1", "token-2", "token-4"].map((token) => arrived(token)?.channel)).toEqual([
    "GCM",
    "APNS_VOIP",
    "APNS",
    "APNS_VOIP_SANDBOX",
  ]);
});

test("nothing is sent to nobody", async () => {
  expect(await sender.send(push("incoming_call"), [])).toEqual([]);
  expect(aws.asked).toEqual([]);
});

test.each([
  ["SUCCESSFUL", "accepted"],
  ["DUPLICATE", "accepted"],
  ["PERMANENT_FAILURE", "gone"],
  ["OPT_OUT", "gone"],
  ["THROTTLED", "throttled"],
  ["TEMPORARY_FAILURE", "failed"],
  ["UNKNOWN_FAILURE", "failed"],
] as const)("an address that is %s counts as %s", async (status, outcome) => {
  pinpoint.setOutcome("bobs-token", status);
  expect((await send("incoming_call", "GCM")).outcome).toBe(outcome);
});

test("a newer token of the app is handed on, and its own token is not taken for one", async () => {
  pinpoint.setOutcome("bobs-token", { status: "SUCCESSFUL", updatedToken: "bobs-new-token" });
  const [updated] = await sender.send(push("incoming_call"), [address("GCM")]);
  expect(updated?.replacement?.reveal()).toBe("bobs-new-token");
  pinpoint.setOutcome("bobs-token", { status: "SUCCESSFUL", updatedToken: "bobs-token" });
  const [same] = await sender.send(push("incoming_call"), [address("GCM")]);
  expect(same).not.toHaveProperty("replacement");
});

test("a request that Pinpoint refuses as a whole is an error", async () => {
  const nowhere = pinpointPush({ region: REGION, appId: "0".repeat(32) });
  await expect(nowhere.send(push("incoming_call"), [address("GCM")])).rejects.toMatchObject({
    name: "NotFoundException",
  });
});
