/** The signalling of the local IVS, over real sockets in virtual time: pages join with a participant token. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Clock, virtualClock } from "../src/clock.ts";
import { PERSON, type Shape } from "../src/local-aws.ts";
import { CONNECTION_TIMEOUT_MS } from "../src/ivs-realtime/media-plane.ts";
import { SIGNALLING_PATH } from "../src/ivs-realtime/signalling-socket.ts";
import {
  JOIN_WITHIN_MS,
  MAX_MESSAGE_BYTES,
  MESSAGES_BURST,
} from "../src/ivs-realtime/signalling-messages.ts";
import { runtimeWithoutStack } from "../print-operations.ts";
import type { Runtime } from "../src/runtime.ts";
import { listen, type Servers } from "../src/servers.ts";

let clock: Clock;
let runtime: Runtime;
let servers: Servers;

beforeEach(async () => {
  clock = virtualClock();
  runtime = await runtimeWithoutStack(clock);
  servers = await listen(runtime, { port: 0, awsPort: 0 });
});
afterEach(async () => {
  await servers.close();
  runtime.stop();
  clock.dispose();
});

const ivs = (operation: string, input: Shape): Promise<Shape> =>
  runtime.localAws.call({ service: "ivs", operation, input, caller: PERSON });

async function newStage(): Promise<string> {
  const { stage } = await ivs("CreateStage", {});
  return (stage as { arn: string }).arn;
}

interface Issued {
  readonly token: string;
  readonly participantId: string;
}

async function issue(
  stageArn: string,
  userId: string,
  capabilities = ["PUBLISH", "SUBSCRIBE"],
): Promise<Issued> {
  const attributes = { orderId: "order-1" };
  const input = { stageArn, userId, capabilities, attributes, duration: 1 };
  return (await ivs("CreateParticipantToken", input))["participantToken"] as unknown as Issued;
}

type Message = Record<string, unknown> & { readonly participant?: Record<string, unknown> };

interface Page {
  say(message: object): void;
  /** The next thing that it hears. */
  hears(): Promise<Message>;
  /** What it hears until something of this type comes, the last one included. */
  hearsUntil(type: string): Promise<Message[]>;
  /** The code of the closing, once it is closed. */
  readonly closed: Promise<number>;
  vanish(): Promise<void>;
}

async function dial(): Promise<Page> {
  const socket = new WebSocket(`ws://127.0.0.1:${servers.port}${SIGNALLING_PATH}`);
  const heard: Message[] = [];
  const waiting: ((message: Message) => void)[] = [];
  socket.on("message", (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Message;
    const next = waiting.shift();
    if (next) next(message);
    else heard.push(message);
  });
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  const hears = async (): Promise<Message> =>
    heard.shift() ?? new Promise((resolve) => void waiting.push(resolve));
  async function hearsUntil(type: string): Promise<Message[]> {
    const message = await hears();
    return message["type"] === type ? [message] : [message, ...(await hearsUntil(type))];
  }
  await new Promise((resolve) => socket.once("open", resolve));
  return {
    say: (message) => socket.send(JSON.stringify(message)),
    hears,
    hearsUntil,
    closed,
    async vanish() {
      socket.terminate();
      // The service notices in a turn of the event loop that is not ours.
      while (!everybody().some(({ vanished }) => vanished)) await new Promise(setImmediate);
    },
  };
}

const stages = new Set<string>();
const everybody = () => [...stages].flatMap((arn) => runtime.ivs.participantsOf(arn));

interface Joined extends Page {
  readonly connection: string;
  readonly others: Message[];
}

async function joins({ token }: Issued): Promise<Joined> {
  const page = await dial();
  page.say({ type: "join", token });
  const { type, participant, others } = await page.hears();
  expect(type).toBe("joined");
  return { ...page, connection: String(participant?.["connection"]), others: others as Message[] };
}

/** Alice and Bob on one stage; Alice has heard of Bob. */
async function aliceAndBob(capabilitiesOfBob?: string[]) {
  const stageArn = await newStage();
  stages.add(stageArn);
  const tokens = {
    alice: await issue(stageArn, "alice"),
    bob: await issue(stageArn, "bob", capabilitiesOfBob),
  };
  const alice = await joins(tokens.alice);
  const bob = await joins(tokens.bob);
  await alice.hearsUntil("participant_joined");
  return { stageArn, tokens, alice, bob };
}

const LOUD = { audioMuted: false, videoStopped: false };
const SDP = (direction: string) => `v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=${direction}\r\n`;
const signal = ({ connection: to }: Joined, type: string, direction: string) => ({
  type: "signal",
  to,
  description: { type, sdp: SDP(direction) },
});

test("a page is told who is there, and hears who publishes, is muted, and leaves", async () => {
  const { alice, bob, stageArn } = await aliceAndBob();
  expect(bob.others).toMatchObject([
    {
      connection: alice.connection,
      userId: "alice",
      attributes: { orderId: "order-1" },
      isPublishing: false,
    },
  ]);
  alice.say({ type: "publish", ...LOUD });
  expect(await alice.hears()).toEqual({ type: "published" });
  alice.say({ type: "mute", audioMuted: true, videoStopped: false });
  alice.say({ type: "unpublish" });
  alice.say({ type: "leave" });
  const told = await bob.hearsUntil("participant_left");
  expect(
    told.map(({ type, participant }) => [type, participant?.["isPublishing"], participant?.["audioMuted"]]),
  ).toEqual([
    ["participant_published", true, false],
    ["participant_muted", true, true],
    ["participant_unpublished", false, true],
    ["participant_left", false, true],
  ]);
  expect(await alice.hears()).toEqual({ type: "left", reason: "user-initiated" });
  expect(await alice.closed).toBe(1000);
  expect(runtime.ivs.participantsOf(stageArn)).toMatchObject([{ userId: "bob" }]);
});

test("a client that joins without a page is seen as well", async () => {
  const { alice, stageArn } = await aliceAndBob();
  const curl = await runtime.ivs.join((await issue(stageArn, "curl")).token);
  runtime.ivs.publish(curl);
  const told = await alice.hearsUntil("participant_published");
  expect(told.map(({ type }) => type)).toEqual(["participant_joined", "participant_published"]);
});

test.each([
  ["that is none", "TOKEN_MALFORMED", async () => ({ token: "x" })],
  [
    "that has expired",
    "TOKEN_EXPIRED",
    async (stageArn: string) => {
      const issued = await issue(stageArn, "alice");
      await clock.advance(60_000);
      return issued;
    },
  ],
  [
    "whose participant has been disconnected",
    "PARTICIPANT_DISCONNECTED",
    async (stageArn: string) => {
      const issued = await issue(stageArn, "alice");
      await runtime.ivs.join(issued.token);
      await ivs("DisconnectParticipant", { stageArn, participantId: issued.participantId });
      return issued;
    },
  ],
  [
    "of a stage that is deleted",
    "STAGE_DELETED",
    async (stageArn: string) => {
      const issued = await issue(stageArn, "alice");
      await ivs("DeleteStage", { arn: stageArn });
      return issued;
    },
  ],
])("a token %s is refused with %s", async (_, code, make) => {
  const { token } = await make(await newStage());
  const page = await dial();
  page.say({ type: "join", token });
  expect(await page.hears()).toMatchObject({ type: "refused", request: "join", code });
  expect(await page.closed).toBe(1008);
});

test("signals and subscriptions reach the one they are for, on the same stage only", async () => {
  const { alice, bob } = await aliceAndBob();
  const { alice: elsewhere } = await aliceAndBob();
  elsewhere.say({ type: "signal", to: bob.connection, negotiate: true });
  elsewhere.say({ type: "subscribe", to: bob.connection, streams: ["audio"] });
  // Answered after both: by then they would have arrived.
  elsewhere.say({ type: "publish", ...LOUD });
  await elsewhere.hearsUntil("published");
  alice.say({ type: "subscribe", to: bob.connection, streams: ["video"] });
  expect(await bob.hears()).toEqual({ type: "subscription", from: alice.connection, streams: ["video"] });
  const candidate = { candidate: "candidate:1 1 udp 1 192.0.2.1 9 typ host", sdpMid: "0", sdpMLineIndex: 0 };
  alice.say({ type: "signal", to: bob.connection, candidate });
  expect(await bob.hears()).toEqual({ type: "signal", from: alice.connection, candidate });
});

test("media is announced only by who publishes, and only to who may subscribe", async () => {
  const { alice, bob } = await aliceAndBob(["PUBLISH"]);
  const refused = { type: "refused", code: "INSUFFICIENT_CAPABILITIES" };
  alice.say(signal(bob, "offer", "recvonly"));
  expect(await bob.hears()).toMatchObject({ type: "signal", description: { type: "offer" } });
  bob.say(signal(alice, "answer", "sendonly"));
  expect(await bob.hears()).toMatchObject({ ...refused, request: "signal" });
  bob.say({ type: "publish", ...LOUD });
  expect(await bob.hears()).toEqual({ type: "published" });
  bob.say(signal(alice, "answer", "sendonly"));
  expect(await alice.hearsUntil("signal")).toHaveLength(2);
  alice.say({ type: "publish", ...LOUD });
  await alice.hearsUntil("published");
  alice.say(signal(bob, "offer", "sendrecv"));
  expect(await alice.hears()).toMatchObject({ ...refused, request: "signal" });
  bob.say({ type: "subscribe", to: alice.connection, streams: ["video"] });
  expect((await bob.hearsUntil("refused")).at(-1)).toMatchObject({ ...refused, request: "subscribe" });
});

test("a token without PUBLISH publishes nothing", async () => {
  const { bob, stageArn } = await aliceAndBob(["SUBSCRIBE"]);
  bob.say({ type: "publish", ...LOUD });
  const refused = { type: "refused", request: "publish", code: "INSUFFICIENT_CAPABILITIES" };
  expect(await bob.hears()).toMatchObject(refused);
  expect(runtime.ivs.participantsOf(stageArn).some(({ publishing }) => publishing)).toBe(false);
});

test("a token that is used again ends the page that used it before", async () => {
  const { alice, bob, tokens } = await aliceAndBob();
  const again = await joins(tokens.alice);
  expect(await alice.hears()).toEqual({ type: "left", reason: "token-reused" });
  expect(await alice.closed).toBe(1000);
  const [left, joined] = await bob.hearsUntil("participant_joined");
  expect([left?.participant?.["connection"], joined?.participant?.["connection"]]).toEqual([
    alice.connection,
    again.connection,
  ]);
});

test("a page hears that it was disconnected, or that its stage was deleted", async () => {
  const { alice, bob, tokens, stageArn } = await aliceAndBob();
  await ivs("DisconnectParticipant", { stageArn, participantId: tokens.alice.participantId });
  expect(await alice.hears()).toEqual({ type: "left", reason: "participant-disconnected" });
  await ivs("DeleteStage", { arn: stageArn });
  expect((await bob.hearsUntil("left")).at(-1)).toEqual({ type: "left", reason: "stage-deleted" });
});

test("a page that vanishes is gone for the others when its connection times out", async () => {
  const { alice, bob } = await aliceAndBob();
  const vanishedAtMs = clock.now();
  await alice.vanish();
  await clock.advance(CONNECTION_TIMEOUT_MS);
  expect(await bob.hears()).toMatchObject({ type: "participant_left", participant: { userId: "alice" } });
  expect(clock.now() - vanishedAtMs).toBe(CONNECTION_TIMEOUT_MS);
});

test("a connection that does not join in time is closed", async () => {
  const page = await dial();
  await clock.advance(JOIN_WITHIN_MS - 1);
  page.say({ type: "publish", ...LOUD });
  expect(await page.hears()).toMatchObject({ request: "publish", message: "join comes first" });
  await clock.advance(1);
  expect(await page.hears()).toMatchObject({ type: "refused", request: "join", code: "TIMEOUT" });
  expect(await page.closed).toBe(1008);
});

test("a message that is none is refused by its field, a large one and too many end the connection", async () => {
  const { alice, bob } = await aliceAndBob();
  alice.say({ type: "publish", audioMuted: "no", videoStopped: false });
  expect(String((await alice.hears())["message"])).toContain("audioMuted");
  bob.say({ type: "join", token: "x".repeat(MAX_MESSAGE_BYTES) });
  expect(await bob.closed).toBe(1009);
  for (let n = 0; n < MESSAGES_BURST; n += 1) alice.say({ type: "unpublish" });
  expect((await alice.hearsUntil("refused")).at(-1)).toMatchObject({ request: "message" });
  expect(await alice.closed).toBe(1008);
});
