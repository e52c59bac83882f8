import { generateKeyPairSync } from "node:crypto";
import {
  CreateParticipantTokenCommand,
  CreateStageCommand,
  DeletePublicKeyCommand,
  DeleteStageCommand,
  DisconnectParticipantCommand,
  GetParticipantCommand,
  GetPublicKeyCommand,
  GetStageCommand,
  GetStageSessionCommand,
  ImportPublicKeyCommand,
  IVSRealTimeClient,
  ListParticipantEventsCommand,
  ListParticipantsCommand,
  ListPublicKeysCommand,
  ListStageSessionsCommand,
  ListStagesCommand,
  ListTagsForResourceCommand,
  paginateListPublicKeys,
  paginateListStages,
  ResourceNotFoundException,
  ServiceQuotaExceededException,
  type Stage,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateStageCommand,
  ValidationException,
} from "@aws-sdk/client-ivs-realtime";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createIvsRealtime, type IvsRealtime } from "../../src/ivs-realtime/ivs-realtime.ts";
import { openStockAws, type StockAws } from "./stock-aws.ts";

let aws: StockAws<IvsRealtime>;
let ivs: IVSRealTimeClient;

async function open(options = {}): Promise<void> {
  aws = await openStockAws((localAws) => createIvsRealtime(localAws, { stages: 3 }), options);
  const run = () => ({});
  aws.localAws.register({ name: "events", operations: { PutServiceEvent: { permissions: () => [], run } } });
  ivs = new IVSRealTimeClient(aws.settings);
}
async function close(): Promise<void> {
  ivs.destroy();
  await aws.close();
}
beforeEach(() => open());
afterEach(close);

async function newStage(name = "order-1"): Promise<Stage & { arn: string }> {
  const { stage } = await ivs.send(new CreateStageCommand({ name, tags: { app: "orders" } }));
  return { ...stage, arn: stage?.arn ?? "" };
}

/** Alice on the stage, publishing, by a token that IVS has issued. */
async function joined() {
  const { arn: stageArn } = await newStage();
  const { participantToken } = await ivs.send(
    new CreateParticipantTokenCommand({ stageArn, userId: "alice", attributes: { orderId: "1" } }),
  );
  const alice = await aws.part.join(participantToken?.token ?? "");
  aws.part.publish(alice);
  return { stageArn, sessionId: alice.sessionId, participantId: alice.participantId, participantToken };
}

test("a stage is made, shown, renamed, and gone once deleted", async () => {
  const stage = await newStage();
  expect(stage).toMatchObject({
    arn: expect.stringMatching(/^arn:aws:ivs:us-east-1:000000000000:stage\/\w{12}$/),
    name: "order-1",
    tags: { app: "orders" },
    endpoints: { events: "wss://global.events.live-video.net" },
  });
  await ivs.send(new UpdateStageCommand({ arn: stage.arn, name: "order-2" }));
  const shown = await ivs.send(new GetStageCommand({ arn: stage.arn }));
  expect(shown.stage).toMatchObject({ name: "order-2" });
  await ivs.send(new DeleteStageCommand({ arn: stage.arn }));
  const gone = ivs.send(new GetStageCommand({ arn: stage.arn }));
  await expect(gone).rejects.toThrow(ResourceNotFoundException);
  await expect(gone).rejects.toMatchObject({
    exceptionMessage: `Resource: ${stage.arn} not found`,
    $metadata: { httpStatusCode: 404 },
  });
});

test("stages are listed page by page", async () => {
  for (const name of ["a", "b", "c"]) await newStage(name);
  const all = await ivs.send(new ListStagesCommand({}));
  expect(all.stages?.map(({ name }) => name)).toEqual(["a", "b", "c"]);
  const pages: number[] = [];
  for await (const { stages } of paginateListStages({ client: ivs, pageSize: 2 }, {}))
    pages.push(stages?.length ?? 0);
  expect(pages).toEqual([2, 1]);
});

test("a token says whose it is and when it expires", async () => {
  const { participantToken, participantId } = await joined();
  expect(participantToken).toMatchObject({
    participantId,
    userId: "alice",
    attributes: { orderId: "1" },
    duration: 720,
    capabilities: ["PUBLISH", "SUBSCRIBE"],
    expirationTime: new Date(aws.clock.now() + 720 * 60_000),
  });
});

test("a session shows who took part and what happened, with times as dates", async () => {
  const { stageArn, sessionId, participantId } = await joined();
  const now = new Date(aws.clock.now());
  const { stage } = await ivs.send(new GetStageCommand({ arn: stageArn }));
  expect(stage?.activeSessionId).toBe(sessionId);
  const sessions = await ivs.send(new ListStageSessionsCommand({ stageArn }));
  expect(sessions.stageSessions).toEqual([{ sessionId, startTime: now }]);

  const listed = await ivs.send(
    new ListParticipantsCommand({ stageArn, sessionId, filterByPublished: true, maxResults: 1 }),
  );
  expect(listed.participants).toMatchObject([
    { participantId, userId: "alice", state: "CONNECTED", firstJoinTime: now, published: true },
  ]);
  const { participant } = await ivs.send(new GetParticipantCommand({ stageArn, sessionId, participantId }));
  expect(participant).toMatchObject({ attributes: { orderId: "1" }, state: "CONNECTED" });
  const events = { stageArn, sessionId, participantId, maxResults: 1 };
  const first = await ivs.send(new ListParticipantEventsCommand(events));
  expect(first.events).toEqual([{ name: "JOINED", participantId, eventTime: now }]);
  const next = await ivs.send(new ListParticipantEventsCommand({ ...events, nextToken: first.nextToken }));
  expect(next.events).toMatchObject([{ name: "PUBLISH_STARTED" }]);
  expect(next.nextToken).toBeUndefined();
});

test("a participant who is disconnected is off the stage, and the session ends", async () => {
  const { stageArn, sessionId, participantId } = await joined();
  await ivs.send(new DisconnectParticipantCommand({ stageArn, participantId, reason: "hung up" }));
  const listed = await ivs.send(new ListParticipantsCommand({ stageArn, sessionId }));
  expect(listed.participants).toMatchObject([{ state: "DISCONNECTED" }]);
  await aws.clock.advance(10 * 60_000);
  const { stageSession } = await ivs.send(new GetStageSessionCommand({ stageArn, sessionId }));
  expect(stageSession?.endTime).toBeInstanceOf(Date);
});

test("public keys are imported, shown, listed page by page and deleted", async () => {
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "secp384r1" });
  const publicKeyMaterial = publicKey.export({ type: "spki", format: "pem" }).toString();
  const imported = await ivs.send(new ImportPublicKeyCommand({ publicKeyMaterial, name: "one" }));
  const arn = imported.publicKey?.arn ?? "";
  expect(imported.publicKey?.fingerprint).toMatch(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
  const shown = await ivs.send(new GetPublicKeyCommand({ arn }));
  expect(shown.publicKey).toEqual(imported.publicKey);
  await ivs.send(new ImportPublicKeyCommand({ publicKeyMaterial, name: "two" }));
  const pages: (string | undefined)[][] = [];
  for await (const page of paginateListPublicKeys({ client: ivs, pageSize: 1 }, {}))
    pages.push((page.publicKeys ?? []).map(({ name }) => name));
  expect(pages).toEqual([["one"], ["two"]]);
  await ivs.send(new DeletePublicKeyCommand({ arn }));
  const rest = await ivs.send(new ListPublicKeysCommand({}));
  expect(rest.publicKeys).toHaveLength(1);
  const wrong = new ImportPublicKeyCommand({ publicKeyMaterial: "no key" });
  await expect(ivs.send(wrong)).rejects.toThrow(ValidationException);
});

test("tags are added, listed and taken away", async () => {
  const { arn: resourceArn } = await newStage();
  await ivs.send(new TagResourceCommand({ resourceArn, tags: { a: "1", b: "2" } }));
  await ivs.send(new UntagResourceCommand({ resourceArn, tagKeys: ["a", "app"] }));
  const { tags } = await ivs.send(new ListTagsForResourceCommand({ resourceArn }));
  expect(tags).toEqual({ b: "2" });
});

test("a stage above the quota is refused with the client's own class", async () => {
  for (const name of ["a", "b", "c"]) await newStage(name);
  const refused = newStage("d");
  await expect(refused).rejects.toThrow(ServiceQuotaExceededException);
  await expect(refused).rejects.toMatchObject({ $metadata: { httpStatusCode: 402 } });
});

test("more than 5 GetStage a second are throttled, which the client knows as throttling", async () => {
  await close();
  await open({ quotas: true });
  const { arn } = await newStage();
  const replies = await Promise.allSettled(
    [1, 2, 3, 4, 5, 6].map(() => ivs.send(new GetStageCommand({ arn }))),
  );
  const refused = replies.filter(({ status }) => status === "rejected") as PromiseRejectedResult[];
  expect(refused).toHaveLength(1);
  expect(refused[0]?.reason).toMatchObject({
    name: "ThrottlingException",
    $metadata: { httpStatusCode: 429 },
  });
});

test("a stock client has used every operation of IVS", () => expect(aws.untried()).toEqual([]));
