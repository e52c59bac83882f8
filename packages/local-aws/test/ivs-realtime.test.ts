import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Clock, virtualClock } from "../src/clock.ts";
import { type LocalAws, openLocalAws, PERSON, type Permission, type Shape } from "../src/local-aws.ts";
import { createIvsRealtime, type IvsRealtime } from "../src/ivs-realtime/ivs-realtime.ts";
import { CONNECTION_TIMEOUT_MS, SESSION_LINGERS_MS } from "../src/ivs-realtime/media-plane.ts";

const keyPair = generateKeyPairSync("ec", { namedCurve: "secp384r1" });
const pem = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }).toString();

let clock: Clock;
let localAws: LocalAws;
let ivs: IvsRealtime;
let events: Shape[];
let asked: Permission[];

function open(options = {}): void {
  events = [];
  asked = [];
  const authorizer = { check: (_: string, permission: Permission) => void asked.push(permission) };
  localAws = openLocalAws({ clock, authorizer, region: "us-east-1", account: "000000000000", quotas: true });
  ivs = createIvsRealtime(localAws, options);
  localAws.register(ivs.service);
  const run = (input: Shape): Shape => (events.push(input), {});
  localAws.register({ name: "events", operations: { PutServiceEvent: { permissions: () => [], run } } });
}

beforeEach(() => {
  clock = virtualClock();
  open();
});
afterEach(() => clock.dispose());

// Replies are wire shapes; a test knows which members it asks for.
type Reply = Record<string, never>;
const call = (operation: string, input: Shape = {}): Promise<Reply> =>
  localAws.call({ service: "ivs", operation, input, caller: PERSON }) as Promise<Reply>;

interface StageShape {
  arn: string;
  activeSessionId?: string;
  endpoints: { events: string; whip: string };
}

const newStage = async (input: Shape = {}): Promise<StageShape> =>
  (await call("CreateStage", input))["stage"]!;
const getStage = async (arn: string): Promise<StageShape> => (await call("GetStage", { arn }))["stage"]!;

async function importKey(): Promise<string> {
  const reply = await call("ImportPublicKey", { publicKeyMaterial: pem(keyPair.publicKey) });
  return reply["publicKey"]!["arn"]!;
}

function claimsFor(stage: StageShape, jti: string): Shape {
  const iat = Math.floor(clock.now() / 1000);
  return {
    exp: iat + 600,
    iat,
    jti,
    resource: stage.arn,
    topic: stage.arn.split("/")[1],
    events_url: stage.endpoints.events,
    whip_url: stage.endpoints.whip,
    capabilities: { allow_publish: true, allow_subscribe: true },
    attributes: { orderId: "order-1" },
    version: "1.0",
  };
}

function signToken(claims: Shape, kid: string, header: Shape = {}): string {
  const encode = (part: Shape) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const signed = `${encode({ alg: "ES384", typ: "JWT", kid, ...header })}.${encode(claims)}`;
  const key = { key: keyPair.privateKey, dsaEncoding: "ieee-p1363" } as const;
  return `${signed}.${sign("sha384", Buffer.from(signed), key).toString("base64url")}`;
}

test("a self-signed token lets its participant join, under its jti", async () => {
  const kid = await importKey();
  const stage = await newStage();
  const alice = await ivs.join(signToken(claimsFor(stage, "order-1-caller-1"), kid));
  expect(alice).toMatchObject({ participantId: "order-1-caller-1", attributes: { orderId: "order-1" } });
  expect(ivs.participantsOf(stage.arn)).toEqual([alice]);
});

test.each([
  ["another algorithm", "TOKEN_MALFORMED", {}, { alg: "ES256" }],
  ["an unknown key", "TOKEN_NOT_ALLOWED", {}, { kid: "arn:aws:ivs:us-east-1:000000000000:public-key/x" }],
  ["no version", "TOKEN_MALFORMED", { version: undefined }, {}],
  ["no capabilities", "TOKEN_MALFORMED", { capabilities: undefined }, {}],
  ["a jti of 65 characters", "TOKEN_MALFORMED", { jti: "x".repeat(65) }, {}],
  ["a life above 14 days", "TOKEN_MALFORMED", { exp: 1_767_258_000 + 14 * 86_400 + 1 }, {}],
  ["attributes above 1 KB", "TOKEN_MALFORMED", { attributes: { a: "x".repeat(1_024) } }, {}],
  ["the topic of another stage", "TOKEN_NOT_ALLOWED", { topic: "AbCdef1G2hij" }, {}],
  ["a stale WHIP endpoint", "TOKEN_NOT_ALLOWED", { whip_url: "https://old.whip.live-video.net" }, {}],
  ["an expiry in the past", "TOKEN_EXPIRED", { exp: 1_767_258_000 - 1, iat: 1_767_258_000 - 60 }, {}],
])("a token with %s is refused with %s", async (_, code, claims, header) => {
  const kid = await importKey();
  const stage = await newStage();
  expect(clock.now()).toBe(1_767_258_000_000);
  const token = signToken({ ...claimsFor(stage, "leg-1"), ...claims }, kid, header);
  await expect(ivs.join(token)).rejects.toMatchObject({ code });
});

test("a changed claim breaks the signature, and a deleted key ends its tokens", async () => {
  const kid = await importKey();
  const stage = await newStage();
  const [head, , signature] = signToken(claimsFor(stage, "leg-1"), kid).split(".");
  const body = Buffer.from(JSON.stringify(claimsFor(stage, "leg-2"))).toString("base64url");
  await expect(ivs.join(`${head}.${body}.${signature}`)).rejects.toMatchObject({ code: "TOKEN_NOT_ALLOWED" });
  await call("DeletePublicKey", { arn: kid });
  const token = signToken(claimsFor(stage, "leg-1"), kid);
  await expect(ivs.join(token)).rejects.toMatchObject({ code: "TOKEN_NOT_ALLOWED" });
});

test("expiry does not end a connection, it only stops joining again", async () => {
  const kid = await importKey();
  const stage = await newStage();
  const token = signToken(claimsFor(stage, "leg-1"), kid);
  const alice = await ivs.join(token);
  await clock.advance(601_000);
  expect(alice.connected).toBe(true);
  await expect(ivs.join(token)).rejects.toMatchObject({ code: "TOKEN_EXPIRED" });
});

test("a second join with the same token drops the older connection", async () => {
  const kid = await importKey();
  const stage = await newStage();
  const token = signToken(claimsFor(stage, "leg-1"), kid);
  const first = await ivs.join(token);
  ivs.publish(first);
  const second = await ivs.join(token);
  expect(first).toMatchObject({ connected: false, publishing: false, leftReason: "token-reused" });
  expect(ivs.participantsOf(stage.arn)).toEqual([second]);
  ivs.leave(first);
  expect(second.connected).toBe(true);
});

test("DisconnectParticipant ends the connection and kills the token, not the next token", async () => {
  const kid = await importKey();
  const stage = await newStage();
  const alice = await ivs.join(signToken(claimsFor(stage, "leg-1"), kid));
  await call("DisconnectParticipant", { stageArn: stage.arn, participantId: "leg-1", reason: "kicked" });
  expect(alice).toMatchObject({ connected: false, leftReason: "participant-disconnected" });
  const again = ivs.join(signToken(claimsFor(stage, "leg-1"), kid));
  await expect(again).rejects.toMatchObject({ code: "PARTICIPANT_DISCONNECTED" });
  await expect(ivs.join(signToken(claimsFor(stage, "leg-2"), kid))).resolves.toMatchObject({
    connected: true,
  });
});

test("DisconnectParticipant does not know who has never joined, and that token lives on, whoever made it", async () => {
  const kid = await importKey();
  const stage = await newStage();
  const { participantToken } = await call("CreateParticipantToken", { stageArn: stage.arn });
  const { participantId: assigned, token } = participantToken as unknown as Record<string, string>;
  for (const participantId of ["leg-1", assigned])
    await expect(call("DisconnectParticipant", { stageArn: stage.arn, participantId })).rejects.toMatchObject(
      {
        name: "ResourceNotFoundException",
      },
    );
  const [signed, made] = [signToken(claimsFor(stage, "leg-1"), kid), String(token)];
  for (const each of [signed, made]) await expect(ivs.join(each)).resolves.toMatchObject({ connected: true });
});

test("DisconnectParticipant revokes one who has joined and left before", async () => {
  const kid = await importKey();
  const stage = await newStage();
  const token = signToken(claimsFor(stage, "leg-1"), kid);
  ivs.leave(await ivs.join(token));
  await call("DisconnectParticipant", { stageArn: stage.arn, participantId: "leg-1" });
  await expect(ivs.join(token)).rejects.toMatchObject({ code: "PARTICIPANT_DISCONNECTED" });
});

test("who only listens hears those who publish, without an event; who is gone hears nobody", async () => {
  const kid = await importKey();
  const stage = await newStage();
  const join = (jti: string, claims: Shape = {}) =>
    ivs.join(signToken({ ...claimsFor(stage, jti), ...claims }, kid));
  const alice = await join("alice");
  ivs.publish(alice);
  await clock.settle();
  events.length = 0;
  const lurker = await join("lurker");
  const deaf = await join("deaf", { capabilities: { allow_publish: true } });
  expect([lurker, deaf, alice].map((one) => ivs.heardBy(one))).toEqual([[alice], [], []]);
  await call("DisconnectParticipant", { stageArn: stage.arn, participantId: "lurker" });
  expect(ivs.heardBy(lurker)).toEqual([]);
  await clock.settle();
  expect(events).toEqual([]);
});

test("publishing and leaving are announced on the default bus", async () => {
  const kid = await importKey();
  const stage = await newStage();
  const alice = await ivs.join(signToken({ ...claimsFor(stage, "leg-1"), user_id: "alice" }, kid));
  ivs.publish(alice);
  await clock.advance(1_500);
  ivs.leave(alice);
  await clock.settle();
  const common = { session_id: alice.sessionId, user_id: "alice", participant_id: "leg-1", replica: false };
  const envelope = { source: "aws.ivs", "detail-type": "IVS Stage Update", resources: [stage.arn] };
  expect(events).toEqual([
    {
      ...envelope,
      detail: {
        ...common,
        event_name: "Participant Published",
        event_time: "2026-01-01T09:00:00Z",
        event_time_precise: "2026-01-01T09:00:00.000000Z",
      },
    },
    {
      ...envelope,
      detail: {
        ...common,
        event_name: "Participant Unpublished",
        event_time: "2026-01-01T09:00:01Z",
        event_time_precise: "2026-01-01T09:00:01.500000Z",
      },
    },
  ]);
});

test("a client that vanishes is unpublished only when its connection times out", async () => {
  const kid = await importKey();
  const stage = await newStage();
  const alice = await ivs.join(signToken(claimsFor(stage, "leg-1"), kid));
  ivs.publish(alice);
  ivs.vanish(alice);
  const vanishedAtMs = clock.now();
  await clock.settle();
  expect(events).toHaveLength(1);
  expect(ivs.participantsOf(stage.arn)).toEqual([alice]);
  await clock.until(() => events.length === 2);
  expect(clock.now() - vanishedAtMs).toBe(CONNECTION_TIMEOUT_MS);
  expect(alice).toMatchObject({ connected: false, leftReason: "connection-lost" });
});

test("a session lasts as long as anybody is connected, and some minutes longer", async () => {
  const kid = await importKey();
  const stage = await newStage();
  const alice = await ivs.join(signToken(claimsFor(stage, "leg-1"), kid));
  const lurker = await ivs.join(signToken(claimsFor(stage, "lurker"), kid));
  ivs.publish(alice);
  ivs.leave(alice);
  await clock.advance(10 * SESSION_LINGERS_MS);
  expect(lurker.connected).toBe(true);
  expect((await getStage(stage.arn)).activeSessionId).toBe(alice.sessionId);
  ivs.leave(lurker);
  const emptyAtMs = clock.now();
  await clock.until(async () => (await getStage(stage.arn)).activeSessionId === undefined);
  expect(clock.now() - emptyAtMs).toBe(SESSION_LINGERS_MS);
  const bob = await ivs.join(signToken(claimsFor(stage, "leg-2"), kid));
  expect(bob.sessionId).not.toBe(alice.sessionId);
  const listed = await call("ListStageSessions", { stageArn: stage.arn });
  expect(listed["stageSessions"]).toMatchObject([
    { sessionId: bob.sessionId },
    { sessionId: alice.sessionId },
  ]);
});

test("joining again before the session has ended keeps it going", async () => {
  const kid = await importKey();
  const stage = await newStage();
  const alice = await ivs.join(signToken(claimsFor(stage, "leg-1"), kid));
  ivs.leave(alice);
  const again = await ivs.join(signToken(claimsFor(stage, "leg-2"), kid));
  await clock.advance(2 * SESSION_LINGERS_MS);
  expect(again.sessionId).toBe(alice.sessionId);
  expect((await getStage(stage.arn)).activeSessionId).toBe(alice.sessionId);
});

test("ListParticipants filters and pages, and tells who ever published", async () => {
  const kid = await importKey();
  const stage = await newStage();
  const joined = [];
  for (const jti of ["a", "b", "c"]) joined.push(await ivs.join(signToken(claimsFor(stage, jti), kid)));
  const [a, b] = joined;
  ivs.publish(a!);
  ivs.leave(a!);
  const input = { stageArn: stage.arn, sessionId: b!.sessionId };
  const ids = async (filter: Shape) => {
    const { participants, nextToken } = await call("ListParticipants", { ...input, ...filter });
    return {
      ids: (participants as unknown as { participantId: string }[]).map((p) => p.participantId),
      nextToken,
    };
  };
  expect((await ids({ filterByState: "CONNECTED" })).ids).toEqual(["b", "c"]);
  expect((await ids({ filterByPublished: true })).ids).toEqual(["a"]);
  const first = await ids({ maxResults: 2 });
  expect(first.ids).toEqual(["a", "b"]);
  expect((await ids({ maxResults: 2, nextToken: first.nextToken })).ids).toEqual(["c"]);
  await clock.advance(1_000);
  const both = call("ListParticipants", { ...input, filterByPublished: true, filterByState: "CONNECTED" });
  await expect(both).rejects.toMatchObject({ code: "ValidationException" });
  const history = await call("ListParticipantEvents", { ...input, participantId: "a" });
  expect(history["events"]).toMatchObject([
    { name: "JOINED" },
    { name: "PUBLISH_STARTED" },
    { name: "PUBLISH_STOPPED" },
    { name: "LEFT" },
  ]);
});

test("an API token is opaque, carries its attributes and expires after its duration", async () => {
  const stage = await newStage();
  const input = { stageArn: stage.arn, duration: 1, userId: "bob", attributes: { orderId: "order-1" } };
  const issued = (await call("CreateParticipantToken", { ...input, capabilities: ["SUBSCRIBE"] }))[
    "participantToken"
  ]! as { token: string; participantId: string; expirationTime: string };
  expect(issued).toMatchObject({ duration: 1, expirationTime: "2026-01-01T09:01:00.000Z" });
  const bob = await ivs.join(issued.token);
  expect(bob).toMatchObject({ participantId: issued.participantId, attributes: { orderId: "order-1" } });
  expect(() => ivs.publish(bob)).toThrow("INSUFFICIENT_CAPABILITIES");
  await clock.advance(60_000);
  await expect(ivs.join(issued.token)).rejects.toMatchObject({ code: "TOKEN_EXPIRED" });
});

test("deleting a stage disconnects everybody and kills its tokens", async () => {
  const kid = await importKey();
  const stage = await newStage();
  const token = signToken(claimsFor(stage, "leg-1"), kid);
  const alice = await ivs.join(token);
  await call("DeleteStage", { arn: stage.arn });
  expect(alice.leftReason).toBe("stage-deleted");
  await expect(ivs.join(token)).rejects.toMatchObject({ code: "STAGE_DELETED" });
  await expect(call("GetStage", { arn: stage.arn })).rejects.toMatchObject({ status: 404 });
});

test("the sixth CreateStage of a second is throttled", async () => {
  for (let n = 0; n < 5; n += 1) await newStage();
  await expect(newStage()).rejects.toMatchObject({ code: "ThrottlingException", status: 429 });
  await clock.advance(200);
  await newStage();
});

test("stages, keys and publishers end at their quotas", async () => {
  open({ stages: 1, publishers: 1 });
  const kid = await importKey();
  const stage = await newStage();
  await expect(newStage()).rejects.toMatchObject({ code: "ServiceQuotaExceededException", status: 402 });
  await importKey();
  await importKey();
  await clock.advance(1_000);
  await expect(importKey()).rejects.toMatchObject({ code: "ServiceQuotaExceededException" });
  const first = await ivs.join(signToken(claimsFor(stage, "a"), kid));
  ivs.publish(first);
  const second = await ivs.join(signToken(claimsFor(stage, "b"), kid));
  expect(() => ivs.publish(second)).toThrow("QUOTA_EXCEEDED");
  ivs.unpublish(first);
  ivs.publish(second);
  expect(second.publishing).toBe(true);
});

test("ListStages pages on after a stage of the last page was deleted", async () => {
  const stages = [];
  for (const name of ["a", "b", "c"]) stages.push(await newStage({ name, tags: { pool: "orders" } }));
  const first = await call("ListStages", { maxResults: 2 });
  expect(first["stages"]).toMatchObject([{ name: "a", tags: { pool: "orders" } }, { name: "b" }]);
  await call("DeleteStage", { arn: stages[1]!.arn });
  const second = await call("ListStages", { maxResults: 2, nextToken: first["nextToken"] });
  expect(second["stages"]).toMatchObject([{ name: "c" }]);
  expect(second).not.toHaveProperty("nextToken");
});

test("a request with a wrong or unknown member is refused by its name", async () => {
  const refused = (input: Shape, field: string) =>
    expect(call("CreateStage", input)).rejects.toMatchObject({
      code: "ValidationException",
      message: expect.stringContaining(`'${field}'`),
    });
  await refused({ name: "no spaces" }, "name");
  await refused(
    { participantTokenConfigurations: [{ duration: 0 }] },
    "participantTokenConfigurations.0.duration",
  );
  await refused({ autoParticipantRecordingConfiguration: {} }, "autoParticipantRecordingConfiguration");
});

test("only a P-384 public key in SPKI form is imported", async () => {
  const p256 = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const refused = (publicKeyMaterial: string) =>
    expect(call("ImportPublicKey", { publicKeyMaterial })).rejects.toMatchObject({
      code: "ValidationException",
    });
  await refused(pem(p256.publicKey));
  await refused(keyPair.privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  const reply = await call("ImportPublicKey", { publicKeyMaterial: pem(keyPair.publicKey) });
  const der = keyPair.publicKey.export({ type: "spki", format: "der" });
  const digest = createHash("md5").update(der).digest("hex");
  expect((reply["publicKey"]!["fingerprint"] as string).replaceAll(":", "")).toBe(digest);
});

test("a role needs the right to tag only when it tags, and the stage's ARN for what it does to one", async () => {
  const stage = await newStage();
  const caller = { kind: "role", arn: "arn:aws:iam::000000000000:role/keep-stages" } as const;
  const asRole = (operation: string, input: Shape) =>
    localAws.call({ service: "ivs", operation, input, caller });
  await asRole("CreateStage", {});
  await asRole("CreateStage", { tags: { pool: "orders" } });
  await asRole("DeleteStage", { arn: stage.arn });
  const any = "arn:aws:ivs:us-east-1:000000000000:stage/*";
  expect(asked).toEqual([
    { action: "ivs:CreateStage", resource: any },
    { action: "ivs:CreateStage", resource: any },
    { action: "ivs:TagResource", resource: any },
    { action: "ivs:DeleteStage", resource: stage.arn },
  ]);
});

test("CloudFormation creates a stage and a key", async () => {
  const request = { logicalId: "Key", physicalName: () => "", assetPath: () => "" };
  const key = await ivs.resources["AWS::IVS::PublicKey"]!.create({
    ...request,
    properties: { Name: "signing", PublicKeyMaterial: pem(keyPair.publicKey) },
  });
  expect(await call("GetPublicKey", { arn: key.ref })).toMatchObject({ publicKey: { name: "signing" } });
  const stage = await ivs.resources["AWS::IVS::Stage"]!.create({
    ...request,
    properties: { Tags: [{ Key: "pool", Value: "orders" }] },
  });
  expect(await getStage(stage.ref)).toMatchObject({ tags: { pool: "orders" } });
});
