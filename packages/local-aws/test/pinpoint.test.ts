import { afterEach, beforeEach, expect, test } from "vitest";
import { type Clock, virtualClock } from "../src/clock.ts";
import { type LocalAws, type RuntimeEvent, openLocalAws, PERSON, type Shape } from "../src/local-aws.ts";
import { createPinpoint, type Pinpoint, type PinpointOptions } from "../src/pinpoint/pinpoint.ts";

let clock: Clock;
let localAws: LocalAws;
let pinpoint: Pinpoint;
let appId: string;

const request = { logicalId: "App", physicalName: () => "", assetPath: () => "" };
const create = (type: `AWS::Pinpoint::${string}`, properties: Shape) =>
  pinpoint.resources[type]!.create({ ...request, properties });

async function open(options?: PinpointOptions): Promise<void> {
  const authorizer = { check: () => undefined };
  localAws = openLocalAws({ clock, authorizer, region: "us-east-1", account: "000000000000", quotas: true });
  pinpoint = createPinpoint(localAws, options);
  localAws.register(pinpoint.service);
  appId = (await create("AWS::Pinpoint::App", { Name: "orders" })).ref;
}

beforeEach(async () => {
  clock = virtualClock();
  await open();
});
afterEach(() => clock.dispose());

interface Result {
  DeliveryStatus: string;
  StatusCode: number;
  StatusMessage: string;
  UpdatedToken?: string;
}

async function send(MessageRequest: Shape, ApplicationId = appId): Promise<Record<string, Result>> {
  const input = { ApplicationId, MessageRequest };
  const reply = await localAws.call({
    service: "mobiletargeting",
    operation: "SendMessages",
    input,
    caller: PERSON,
  });
  return (reply["MessageResponse"] as { Result: Record<string, Result> }).Result;
}

const fcm = (data: Shape): Shape => ({
  RawContent: JSON.stringify({
    fcmV1Message: { message: { data, android: { priority: "high", ttl: "45s", collapse_key: "order-1" } } },
  }),
});
const toAndroid = (token: string, GCMMessage: Shape = fcm({ type: "incoming_call" })): Shape => ({
  Addresses: { [token]: { ChannelType: "GCM" } },
  MessageConfiguration: { GCMMessage },
});
const apns = (payload: Shape, fields: Shape = {}): Shape => ({
  RawContent: JSON.stringify(payload),
  ...fields,
});
const toApple = (token: string, ChannelType: string, APNSMessage: Shape): Shape => ({
  Addresses: { [token]: { ChannelType } },
  MessageConfiguration: { APNSMessage },
});

test("an FCM v1 message arrives as a flat map with its priority and time to live", async () => {
  const results = await send(toAndroid("alice-pixel", fcm({ type: "incoming_call", v: "1" })));
  expect(results["alice-pixel"]).toMatchObject({ DeliveryStatus: "SUCCESSFUL", StatusCode: 200 });
  expect(pinpoint.inbox.read("alice-pixel")).toEqual([
    {
      atMs: clock.now(),
      channel: "GCM",
      priority: "high",
      ttlSeconds: 45,
      collapseId: "order-1",
      voip: false,
      data: { type: "incoming_call", v: "1" },
    },
  ]);
});

test("a VoIP push arrives on the VoIP topic with its own keys", async () => {
  const message = apns(
    { aps: { "content-available": 1 }, type: "incoming_call", attempt: 2 },
    { APNSPushType: "voip", Priority: "10", TimeToLive: 30 },
  );
  await send(toApple("bob-iphone", "APNS_VOIP", message));
  expect(pinpoint.inbox.last("bob-iphone")).toMatchObject({
    channel: "APNS_VOIP",
    voip: true,
    pushType: "voip",
    priority: "10",
    ttlSeconds: 30,
    data: { type: "incoming_call", attempt: "2" },
  });
});

test("Data and the text fields work without RawContent on both networks", async () => {
  await send(
    toAndroid("a", { Data: { type: "missed_call" }, Title: "Missed", Priority: "normal", TimeToLive: 60 }),
  );
  await send(toApple("b", "APNS", { Data: { type: "missed_call" }, Body: "Missed", CollapseId: "order-1" }));
  const data = { type: "missed_call" };
  expect(pinpoint.inbox.last("a")).toMatchObject({ data, alert: { title: "Missed" }, ttlSeconds: 60 });
  expect(pinpoint.inbox.last("b")).toMatchObject({ data, alert: { body: "Missed" }, pushType: "alert" });
});

test.each([
  ["on the VoIP topic without its push type", "APNS_VOIP", { aps: { "content-available": 1 } }, {}],
  [
    "of type voip on the app's own topic",
    "APNS",
    { aps: { "content-available": 1 } },
    { APNSPushType: "voip" },
  ],
  ["in the background with priority 10", "APNS", { aps: { "content-available": 1 } }, {}],
  ["without content-available", "APNS", { aps: { alert: "Missed call" } }, {}],
  ["above 4 KB", "APNS", { aps: { "content-available": 0, alert: "x" }, filler: "x".repeat(4_096) }, {}],
])("an Apple push %s is refused for its address", async (_, channel, payload, fields) => {
  const results = await send(toApple("bob", channel, apns(payload, fields)));
  expect(results["bob"]?.DeliveryStatus).toBe("PERMANENT_FAILURE");
  expect(pinpoint.inbox.read("bob")).toEqual([]);
});

test.each([
  ["a value that is no string", fcm({ v: 1 })],
  ["a reserved key", fcm({ from: "alice" })],
  ["more than 4 KB of data", fcm({ filler: "x".repeat(4_096) })],
  ["RawContent that is not JSON", { RawContent: "{" }],
])("an FCM message with %s is refused for its address", async (_, message) => {
  const results = await send(toAndroid("alice", message));
  expect(results["alice"]).toMatchObject({ DeliveryStatus: "PERMANENT_FAILURE", StatusCode: 400 });
});

test("each address has its own result inside one reply", async () => {
  pinpoint.setOutcome("moved", { status: "SUCCESSFUL", updatedToken: "new-token" });
  const Addresses = Object.fromEntries(
    ["gone-1", "throttled-1", "moved", "fine"].map((token) => [token, { ChannelType: "GCM" }]),
  );
  const results = await send({ ...toAndroid(""), Addresses });
  expect(results).toMatchObject({
    "gone-1": { DeliveryStatus: "PERMANENT_FAILURE", StatusCode: 410 },
    "throttled-1": { DeliveryStatus: "THROTTLED", StatusCode: 429 },
    moved: { DeliveryStatus: "SUCCESSFUL", UpdatedToken: "new-token" },
    fine: { DeliveryStatus: "SUCCESSFUL" },
  });
  expect(pinpoint.inbox.read("gone-1")).toEqual([]);
  expect(pinpoint.inbox.read("moved")).toHaveLength(1);
  expect(localAws.units["mobiletargeting:push"]).toBe(4);
});

test("a list of outcomes is used up in order, then the token succeeds", async () => {
  pinpoint.setOutcome("alice", ["THROTTLED", "TEMPORARY_FAILURE"]);
  const statuses = [];
  for (let n = 0; n < 3; n += 1) statuses.push((await send(toAndroid("alice")))["alice"]?.DeliveryStatus);
  expect(statuses).toEqual(["THROTTLED", "TEMPORARY_FAILURE", "SUCCESSFUL"]);
});

test("a subscriber hears every push until it stops listening", async () => {
  const heard: string[] = [];
  const stop = pinpoint.inbox.subscribe("alice", ({ data }) => heard.push(data["type"] ?? ""));
  await send(toAndroid("alice"));
  await send(toAndroid("bob"));
  stop();
  await send(toAndroid("alice"));
  expect(heard).toEqual(["incoming_call"]);
});

test("only the first characters of a device token are told", async () => {
  const told: RuntimeEvent[] = [];
  localAws.observe((event) => told.push(event));
  await send(toAndroid("secret-device-token"));
  const push = told.find(({ kind }) => kind === "push");
  expect(push).toMatchObject({ channel: "GCM", address: "secret…", outcome: "SUCCESSFUL" });
  expect(JSON.stringify(told)).not.toContain("secret-device-token");
});

test("a request that is wrong as a whole is refused as a whole", async () => {
  const addresses = (count: number): Shape =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`token-${n}`, { ChannelType: "GCM" }]));
  const badRequest = { code: "BadRequestException", status: 400 };
  await send({ ...toAndroid(""), Addresses: addresses(100) });
  await expect(send({ ...toAndroid(""), Addresses: addresses(101) })).rejects.toMatchObject(badRequest);
  const ended = send({ ...toAndroid("alice"), Endpoints: {} });
  await expect(ended).rejects.toMatchObject({ ...badRequest, message: expect.stringContaining("Endpoints") });
  const wrong = send({ ...toAndroid(""), Addresses: { "secret-token": { ChannelType: "PIGEON" } } });
  await expect(wrong).rejects.toMatchObject({ message: expect.not.stringContaining("secret-token") });
  await expect(send(toAndroid("alice"), "no-such-app")).rejects.toMatchObject({
    code: "NotFoundException",
    status: 404,
  });
});

test("once a template configures channels, only the enabled ones send", async () => {
  await create("AWS::Pinpoint::GCMChannel", {
    ApplicationId: appId,
    Enabled: true,
    DefaultAuthenticationMethod: "TOKEN",
  });
  await create("AWS::Pinpoint::APNSVoipChannel", { ApplicationId: appId, Enabled: false });
  expect((await send(toAndroid("alice")))["alice"]?.DeliveryStatus).toBe("SUCCESSFUL");
  const voip = apns({ aps: { "content-available": 1 } }, { APNSPushType: "voip" });
  expect((await send(toApple("bob", "APNS_VOIP", voip)))["bob"]).toMatchObject({
    DeliveryStatus: "PERMANENT_FAILURE",
    StatusMessage: expect.stringContaining("not enabled"),
  });
  const input = { ApplicationId: appId };
  const channel = await localAws.call({
    service: "mobiletargeting",
    operation: "GetGcmChannel",
    input,
    caller: PERSON,
  });
  expect(channel).toMatchObject({ GCMChannelResponse: { Enabled: true, Platform: "GCM" } });
});

test("a GCM channel left on legacy keys sends only what asks for a token", async () => {
  await create("AWS::Pinpoint::GCMChannel", { ApplicationId: appId, Enabled: true });
  expect((await send(toAndroid("alice")))["alice"]?.DeliveryStatus).toBe("PERMANENT_FAILURE");
  const withToken = { ...fcm({ type: "incoming_call" }), PreferredAuthenticationMethod: "TOKEN" };
  expect((await send(toAndroid("alice", withToken)))["alice"]?.DeliveryStatus).toBe("SUCCESSFUL");
});

test("without anyChannel an app that has no channel sends nothing", async () => {
  await open({ anyChannel: false });
  expect((await send(toAndroid("alice")))["alice"]?.DeliveryStatus).toBe("PERMANENT_FAILURE");
});
