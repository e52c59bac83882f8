/** Phones of the client on a whole stack in virtual time, and what a network may do to them. */
import { openForAll } from "../../../test/opened.ts";
import { signInWith } from "../../../local/people.ts";
import type { Connection } from "../../local-aws/src/appsync/real-time/protocol.ts";
import type { Participant } from "../../local-aws/src/ivs-realtime/media-plane.ts";
import { startWorld, type World } from "../../../test/world.ts";
import {
  type Call,
  createPhone,
  type KeyValueStorage,
  type MediaAdapter,
  type Phone,
  type PushResult,
  type Socket,
  type SocketClass,
} from "../src/index.ts";
import type { FetchLike } from "../src/wire/rest-api.ts";
import { memoryStorage } from "./memory-storage.ts";

/** Of the file of tests that has begun it. */
export let world: World;

export const beginWorld = (): void => openForAll(startWorld, (opened) => void (world = opened));

export const wait = (ms: number): Promise<void> => world.clock.advance(ms);

const PASSWORD = "Calls-each-other-1";
export const API = "http://127.0.0.1:4000";

/** What becomes of one request: it goes through, never arrives, is done without the reply arriving, or waits for ever. */
export type Fate =
  | "through"
  | "lost"
  | "unanswered"
  | "hanging"
  | { readonly status: number; readonly body?: object };
export type Judge = (request: { readonly action: string; readonly body: Record<string, unknown> }) => Fate;

export interface Network {
  /** Judges each request from now on. */
  judge: Judge;
  /** No request, no socket. */
  offline: boolean;
  /** No socket. */
  deaf: boolean;
  /** Sent requests in order, whatever became of them. */
  readonly sent: { readonly action: string; readonly key: string | undefined; readonly fate: Fate }[];
  /** Ends every live connection, as a lost network does. */
  cut(): void;
  /** Their sockets stay open, and nothing arrives on them any more. */
  silence(): void;
  readonly dials: () => number;
}

export interface Handset {
  readonly phone: Phone;
  readonly network: Network;
  readonly storage: KeyValueStorage;
  readonly stage: PlayedStage;
  /** Calls that came to it by themselves. */
  readonly calls: Call[];
  /** All that the push networks hold for it, oldest first. */
  inbox(): Readonly<Record<string, string>>[];
  /** Hands the pushes over that have arrived since. */
  deliver(): Promise<PushResult[]>;
  /** Its app ends without a word, and starts again. */
  restart(): Promise<Handset>;
  readonly tokensAsked: { refresh: boolean }[];
}

export interface HandsetOptions {
  /** The same person on another phone. */
  readonly as?: Handset;
  readonly aheadMs?: number;
  readonly storage?: KeyValueStorage;
  readonly token?: string;
  /** In place of the stage that a test plays. */
  readonly media?: MediaAdapter;
}

const owners = new WeakMap<Handset, string>();
let made = 0;

/** A phone of somebody new that is registered and follows its calls. */
export async function handset(world: World, name: string, options: HandsetOptions = {}): Promise<Handset> {
  made += 1;
  const owner = (options.as && owners.get(options.as)) ?? `${name}-${made}`;
  if (!options.as) {
    const { UserPoolId: poolId } = world.runtime.outputs;
    await world.runtime.cognito.createConfirmedUser({
      username: owner,
      password: PASSWORD,
      email: `${owner}@example.com`,
      poolId,
    });
  }
  const opened = open(world, { owner, deviceToken: options.token ?? `${name}-token-${made}`, ...options });
  await opened.phone.register([{ notifyType: "GCM", deviceToken: opened.deviceToken }]);
  await world.clock.advance(1_000);
  return opened;
}

interface OpenOptions extends HandsetOptions {
  readonly owner: string;
  readonly deviceToken: string;
}

/** An app that has started, and has not registered. */
export function open(world: World, options: OpenOptions): Handset & { readonly deviceToken: string } {
  const { deviceToken, storage = memoryStorage() } = options;
  const owner = (options.as && owners.get(options.as)) ?? options.owner;
  const { runtime } = world;
  const network = networkOf(world);
  const stage = playedStage(world);
  const tokensAsked: { refresh: boolean }[] = [];
  let token: Promise<string> | undefined;
  const phone = createPhone({
    apiUrl: API,
    graphqlUrl: `${API}/graphql`,
    storage,
    media: options.media ?? stage.adapter,
    fetch: network.fetch,
    WebSocket: network.WebSocket,
    device: {
      counted: () => Date.now(),
      now: () => Date.now() + (options.aheadMs ?? 0),
      after(ms, callback) {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
    },
    async accessToken(wanted) {
      tokensAsked.push(wanted);
      if (wanted.refresh || !token) token = signInWith(runtime, owner as "alice", PASSWORD);
      return token;
    },
  });
  const calls: Call[] = [];
  phone.onCall((call) => void calls.push(call));
  let delivered = 0;
  const self: Handset & { readonly deviceToken: string } = {
    phone,
    deviceToken,
    network,
    storage,
    stage,
    calls,
    tokensAsked,
    inbox: () => runtime.pinpoint.inbox.read(deviceToken).map(({ data }) => data),
    async deliver() {
      const fresh = self.inbox().slice(delivered);
      delivered += fresh.length;
      const results: PushResult[] = [];
      for (const data of fresh) results.push(await phone.handlePush(data));
      return results;
    },
    async restart() {
      network.offline = true;
      network.cut();
      stage.vanish();
      const { phone: again, ...rest } = open(world, { ...options, storage });
      await again.start();
      return { ...rest, phone: again };
    },
  };
  owners.set(self, owner);
  return self;
}

function networkOf(world: World) {
  const sockets = new Set<Pick<Socket, "onmessage"> & { drop(): void }>();
  let dials = 0;
  const network: Network = {
    judge: () => "through",
    offline: false,
    deaf: false,
    sent: [],
    cut: () => {
      for (const socket of sockets) socket.drop();
    },
    silence: () => {
      for (const socket of sockets) socket.onmessage = null;
    },
    dials: () => dials,
  };
  const fetch: FetchLike = async (url, { headers, body }) => {
    const asked = JSON.parse(body) as Record<string, unknown>;
    const action = typeof asked["action"] === "string" ? asked["action"] : "graphql";
    const fate = network.offline ? "lost" : network.judge({ action, body: asked });
    network.sent.push({ action, key: headers["idempotency-key"], fate });
    if (fate === "lost") throw new Error("no network");
    if (fate === "hanging") return new Promise(() => undefined);
    if (typeof fate === "object") return reply(fate.status, fate.body ?? {});
    const { status, body: said } = await world.runtime.http({
      method: "POST",
      path: url.slice(API.length) || "/",
      query: "",
      headers,
      body: Buffer.from(body),
      sourceIp: "127.0.0.1",
    });
    if (fate === "unanswered") throw new Error("the connection broke");
    return reply(status, JSON.parse(String(said)) as object);
  };
  return Object.assign(network, { fetch, WebSocket: socketClass() });

  function socketClass(): SocketClass {
    return class {
      onopen: ((event: never) => void) | null = null;
      onmessage: ((event: never) => void) | null = null;
      onclose: ((event: never) => void) | null = null;
      onerror: ((event: never) => void) | null = null;
      private connection: Connection | undefined;

      constructor(_url: string, protocols: string[]) {
        dials += 1;
        sockets.add(this);
        queueMicrotask(() => {
          if (network.offline || network.deaf) return this.drop();
          const handshake = { query: "", protocols, sourceIp: "127.0.0.1" };
          this.connection = world.runtime.appsync.connect(handshake, {
            send: (message) => this.onmessage?.({ data: JSON.stringify(message) } as never),
            close: () => this.drop(),
          });
          this.onopen?.({} as never);
        });
      }
      send(text: string): void {
        void this.connection?.receive(text);
      }
      close(): void {
        sockets.delete(this);
        this.connection?.closed();
      }
      drop(): void {
        this.close();
        this.onclose?.({} as never);
      }
    };
  }
}

const reply = (status: number, body: object) => ({
  ok: status < 400,
  status,
  json: async (): Promise<unknown> => body,
});

/** The stage as a phone without a camera is on it. */
export interface PlayedStage {
  readonly adapter: MediaAdapter;
  /** On the stage now. */
  present(): boolean;
  joins(): number;
  /** The connection breaks, and the SDK says so. */
  lose(): void;
  /** The phone is gone without a word. */
  vanish(): void;
  /** Tokens open nothing while it holds. */
  refuses: boolean;
  readonly announced: boolean[];
}

function playedStage({ runtime: { ivs } }: World): PlayedStage {
  let participant: Participant | undefined;
  let tell: ((how: "broken") => void) | undefined;
  let joins = 0;
  const announced: boolean[] = [];
  const played: PlayedStage = {
    refuses: false,
    announced,
    present: () => participant?.connected === true && !participant.vanished,
    joins: () => joins,
    lose() {
      if (participant) ivs.vanish(participant);
      tell?.("broken");
    },
    vanish() {
      if (participant) ivs.vanish(participant);
    },
    adapter: {
      join(token, call) {
        joins += 1;
        let left = false;
        tell = (how) => call.tell({ is: "lost", how });
        const stop = ivs.watch(({ kind, participant: who }) => {
          if (left || kind !== "left") return;
          if (who === participant)
            call.tell({ is: "lost", how: who.leftReason === "token-reused" ? "moved" : "thrown-out" });
          else if (participant && who.stageArn === participant.stageArn) call.tell({ is: "alone" });
        });
        const join = async (): Promise<void> => {
          if (played.refuses) throw new Error("the stage refuses");
          const entered = await ivs.join(token);
          if (left) return ivs.leave(entered);
          participant = entered;
          ivs.publish(entered);
          call.tell({ is: "connected" });
        };
        join().catch(() => call.tell({ is: "lost", how: "broken" }));
        return {
          state: () => ({
            parties: [],
            own: { hasMicrophone: false, muted: false, cameraOn: false, trouble: { microphone: "missing" } },
          }),
          leave() {
            left = true;
            stop();
            if (participant?.connected) ivs.leave(participant);
            participant = undefined;
          },
          announce: ({ hasMicrophone }) => void announced.push(hasMicrophone),
        };
      },
    },
  };
  return played;
}

export async function two(): Promise<{ alice: Handset; bob: Handset }> {
  return { alice: await handset(world, "alice"), bob: await handset(world, "bob") };
}

export const clientOf = ({ phone }: Handset): string => phone.snapshot().me?.clientId ?? "";

/** The call that this phone shows, or shows the end of. */
export function shown({ phone }: Handset): Call {
  const { call } = phone.snapshot();
  if (!call) throw new Error("the phone shows no call");
  return call;
}

/** Time passes while the work is done. */
export async function meanwhile<T>(world: World, work: Promise<T>, forMs = 3_000): Promise<T> {
  const [value] = await Promise.all([work, world.clock.advance(forMs)]);
  return value;
}

/** Alice has called Bob, his phone rings, and both know it. */
export async function ringing(
  world: World,
  alice: Handset,
  bob: Handset,
): Promise<{ out: Call; incoming: Call }> {
  const out = alice.phone.call(clientOf(bob));
  await world.clock.advance(2_000);
  await bob.deliver();
  await world.clock.advance(2_000);
  return { out, incoming: shown(bob) };
}

export async function talking(
  world: World,
  alice: Handset,
  bob: Handset,
): Promise<{ out: Call; incoming: Call }> {
  const call = await ringing(world, alice, bob);
  await meanwhile(world, call.incoming.answer());
  return call;
}
