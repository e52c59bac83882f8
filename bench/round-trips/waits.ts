/** Plays each command and each end of a call once, and measures how long the person concerned waits. */
import type { RuntimeEvent } from "../../packages/local-aws/src/local-aws.ts";
import { inVirtualTime, timed } from "../in-virtual-time.ts";
import { type Phone, phone, type Reply } from "../../local/phones.ts";
import type { Runtime } from "../../packages/local-aws/src/runtime.ts";

/** Waits in virtual milliseconds, by name. */
export type Waits = Readonly<Record<string, number>>;

type Told = RuntimeEvent & { readonly atMs: number };

/** Everything that a call leaves behind has settled after this time. */
const QUIET_MS = 100_000;
const PATIENCE_MS = 60_000;

export async function phonesOf(runtime: Runtime) {
  return {
    alice: await phone(runtime, "alice"),
    bob: await phone(runtime, "bob"),
    carol: await phone(runtime, "carol"),
  };
}
export type Phones = Awaited<ReturnType<typeof phonesOf>>;

export async function measureWaits(runtime: Runtime, phones: Phones): Promise<Waits> {
  const stopwatch = openStopwatch(runtime);
  const play = { runtime, ...phones, ...stopwatch };
  for (const part of [commands, answered, declined, cancelled, missed, busy]) {
    await part(play);
    await runtime.localAws.clock.advance(QUIET_MS);
  }
  stopwatch.stop();
  return stopwatch.waits;
}

interface Play extends Phones, Stopwatch {
  readonly runtime: Runtime;
}

/** The names of what follows the reply, and how each is detected. */
type Later = Readonly<Record<string, (told: Told) => boolean>>;

interface Stopwatch {
  readonly waits: Record<string, number>;
  /** Measures the time until the reply, and until its effects. */
  readonly time: (name: string, act: () => Promise<Reply>, later?: Later) => Promise<Reply>;
  /** Measures the time until an effect, from a moment that comes by itself. */
  readonly since: (atMs: number, later: Later) => Promise<void>;
  stop(): void;
}

const pushed =
  (type: string) =>
  (told: Told): boolean =>
    told.kind === "push" && told.data["type"] === type;
const published =
  (name: string) =>
  (told: Told): boolean =>
    told.kind === "event" && told.detailType === name;

function openStopwatch({ localAws }: Runtime): Stopwatch {
  const waits: Record<string, number> = {};
  const { clock } = localAws;
  let awaited: { readonly name: string; readonly isIt: (told: Told) => boolean; readonly fromMs: number }[] =
    [];
  const stop = localAws.observe((told) => {
    for (const { name, fromMs } of awaited.filter(({ isIt }) => isIt(told)))
      waits[name] ??= told.atMs - fromMs;
    awaited = awaited.filter(({ name }) => !(name in waits));
  });
  const expect = (later: Later, fromMs: number): void => {
    awaited = Object.entries(later).map(([name, isIt]) => ({ name, isIt, fromMs }));
  };
  return {
    waits,
    stop,
    async time(name, act, later = {}) {
      expect(later, clock.now());
      const [reply, tookMs] = await timed(clock, act);
      waits[name] = tookMs;
      if (reply.status >= 400 && reply.body["code"] !== "callee_busy")
        throw new Error(`${name}: ${JSON.stringify(reply.body)}`);
      await clock.until(() => awaited.length === 0, PATIENCE_MS);
      return reply;
    },
    async since(atMs, later) {
      expect(later, atMs);
      await clock.until(() => awaited.length === 0, 2 * PATIENCE_MS);
    },
  };
}

async function commands({ alice, bob, carol, time, runtime }: Play): Promise<void> {
  const token = { notifyType: "GCM", deviceToken: "carols-tablet", deviceId: "carols-tablet" };
  await time("register", () => carol.send({ action: "register", ...token, clientId: carol.clientId }));
  await time("register again", () => carol.send({ action: "register", ...token, clientId: carol.clientId }));
  await time("getClient", () => carol.send({ action: "getClient", clientId: carol.clientId }));
  await time("setDoNotDisturb", () =>
    carol.send({
      action: "setDoNotDisturb",
      clientId: carol.clientId,
      untilMs: runtime.localAws.clock.now() + 1_000,
    }),
  );
  const blocking = { clientId: carol.clientId, blockedId: alice.clientId };
  await time("blockClient", () => carol.send({ action: "blockClient", ...blocking }));
  await time("unblockClient", () => carol.send({ action: "unblockClient", ...blocking }));
  await time("listCalls", () => bob.send({ action: "listCalls", clientId: bob.clientId }));
  await time("unregister", () =>
    carol.send({ action: "unregister", clientId: carol.clientId, deviceId: "carols-tablet" }),
  );
}

const called =
  ({ alice, bob }: Play): (() => Promise<Reply>) =>
  () =>
    alice.send({ action: "initiateCall", callerId: alice.clientId, calleeId: bob.clientId });
const hangUp =
  (phone: Phone, callId: unknown): (() => Promise<Reply>) =>
  () =>
    phone.send({ action: "endCall", clientId: phone.clientId, callId });

async function begun(play: Play): Promise<unknown> {
  const { clock } = play.runtime.localAws;
  const { body } = await inVirtualTime(clock, called(play)());
  await clock.advance(10_000);
  return body["callId"];
}

async function answered(play: Play): Promise<void> {
  const { alice, bob, time, runtime } = play;
  const { clock } = runtime.localAws;
  const { body } = await time("initiateCall", called(play), {
    "request → push accepted": pushed("incoming_call"),
  });
  const { callId } = body;
  const caller = await runtime.ivs.join(String(body["token"]));
  runtime.ivs.publish(caller);
  await clock.advance(1_000);
  await time("ackRinging", () => bob.send({ action: "ackRinging", callId }));
  await time("answerCall", () => bob.send({ action: "answerCall", callId }), {
    "answer → CallAnswered": published("CallAnswered"),
  });
  await clock.advance(5_000);
  await time("getCall", () => alice.send({ action: "getCall", callId }));
  const rejoined = await time("rejoinCall", () => bob.send({ action: "rejoinCall", callId }));
  const callee = await runtime.ivs.join(String(rejoined.body["token"]));
  runtime.ivs.publish(callee);
  await clock.advance(5_000);
  await time("endCall", hangUp(alice, callId), { "hang-up → CallEnded": published("CallEnded") });
  for (const one of [caller, callee]) runtime.ivs.leave(one);
}

async function declined(play: Play): Promise<void> {
  const callId = await begun(play);
  await play.time("declineCall", () => play.bob.send({ action: "declineCall", callId }), {
    "decline → CallEnded": published("CallEnded"),
  });
}

async function cancelled(play: Play): Promise<void> {
  const callId = await begun(play);
  await play.time("endCall that cancels", hangUp(play.alice, callId), {
    "cancel → phone told by push": pushed("call_cancelled"),
    "cancel → CallEnded": published("CallEnded"),
  });
}

async function missed(play: Play): Promise<void> {
  const { body } = await inVirtualTime(play.runtime.localAws.clock, called(play)());
  await play.since(Number(body["ringUntilMs"]), {
    "end of ringing → phone told by push": pushed("missed_call"),
    "end of ringing → CallEnded": published("CallEnded"),
  });
}

async function busy(play: Play): Promise<void> {
  const { carol, bob } = play;
  await begun(play);
  await play.time("initiateCall to a busy callee", () =>
    carol.send({ action: "initiateCall", callerId: carol.clientId, calleeId: bob.clientId }),
  );
}
