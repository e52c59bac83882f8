/** A phone: who it is, the calls it has, and what reaches it. */
import type { Call } from "./call.ts";
import { callDeeds } from "./call-deeds.ts";
import { type CallsShown, callsShown } from "./calls-shown.ts";
import type { Me } from "./engine/call-facts.ts";
import { createEngine, type Engine } from "./engine/engine.ts";
import { type Environment, environmentOf, hex } from "./environment.ts";
import { followCalls, followClient, type LostDevice, pollWhileDeaf } from "./follow.ts";
import { type Kept, readKept } from "./kept.ts";
import { listeners } from "./listeners.ts";
import { type CurrentMedia, currentMedia } from "./current-media.ts";
import type { MediaAdapter } from "./media.ts";
import { PhoneError, valueOf } from "./phone-error.ts";
import { type PushResult, pushResult } from "./push-result.ts";
import { type PushToken, type RegisterOptions, registerTokens } from "./registration.ts";
import { endingClock } from "./time/ending-clock.ts";
import { serverClock } from "./time/server-clock.ts";
import type { MediaKind } from "./wire/contract.ts";
import { type Graphql, graphqlApi, type Variables } from "./wire/graphql.ts";
import { type Connection, liveUpdates } from "./wire/live-updates.ts";
import { phoneProblem, type Problem } from "./wire/problem.ts";
import { parsePush } from "./wire/pushes.ts";
import type { Asked, Reply } from "./wire/replies.ts";
import { type AccessToken, persist, REPEAT_DELAYS_MS, restApi } from "./wire/rest-api.ts";

export interface PhoneOptions extends Partial<Environment> {
  /** Outputs `ApiUrl` and `GraphqlUrl` of the stack. */
  readonly apiUrl: string;
  readonly graphqlUrl: string;
  /**
   * A fresh access token of the signed-in user; the phone asks for it before each request. With `refresh` the server has refused the last one,
   * so it is to be renewed whatever its expiry says. Rejects without a signed-in user.
   */
  readonly accessToken: AccessToken;
  readonly media: MediaAdapter;
}

/** Which phone this is, and what is known of its connection. */
export interface PhoneSnapshot {
  /** Undefined until it is registered. */
  readonly me: Me | undefined;
  /** Of live updates. Pushes and requests do without. */
  readonly connection: Connection;
  /** The call that goes on, or was the last. */
  readonly call: Call | undefined;
  /** A second call, which rings once the first is over. */
  readonly waiting: Call | undefined;
}

export interface Phone {
  snapshot(this: void): PhoneSnapshot;
  subscribe(this: void, listener: () => void): () => void;
  /** Each call that this phone has not begun by `call`, once: one that comes in, one that it takes over, or was in before the app ended. */
  onCall(listener: (call: Call) => void): () => void;
  onDeviceLost(listener: (lost: LostDevice) => void): () => void;

  /**
   * Registers this phone's push tokens, the ordinary and the VoIP one, at each start and whenever one changes; without any it is a
   * page, which rings while it is open. Rejects with a PhoneError.
   */
  register(tokens?: readonly PushToken[], options?: RegisterOptions): Promise<Me>;
  /** As after `register`, without the network: goes on as the phone that it was. False if it was never registered. */
  start(): Promise<boolean>;
  /**
   * Calls one client, or several. A call that cannot begin is one that is over: `not_registered` and `phone_in_call` are a `problem`
   * as a refusal of the server's is. Throws a TypeError without anybody to call.
   */
  call(whom: string | readonly string[], options?: CallOptions): Call;
  /** The data of a push, as it arrived. A push that is late, repeated, or of another client does no harm. */
  handlePush(data: unknown): Promise<PushResult>;
  /** Takes over the call that another phone of the same person is in: `onCall` tells of it. */
  takeOver(callId: string): Promise<void>;
  /** The app is shown again, or the network is back: reads what it has missed. */
  resume(): void;
  /** Settles when no request about a call is under way: a process that was woken by a push may end. */
  settled(): Promise<void>;
  /** The page goes away, the call stays: the next start comes back to it. */
  leavePage(): void;
  /** This phone rings no more for the user who was signed in. Ends as `close` does. */
  signOut(): Promise<void>;
  /**
   * Ends live updates, hangs up a call that this phone is in, and leaves no timer behind; what rings here may ring on elsewhere.
   * Settles when the requests under way are done: each has one last try. `register` and `start` begin anew.
   */
  close(): Promise<void>;

  /** Any other command of the REST API, repeated while there is no reply. Rejects with a PhoneError. */
  send<A extends Settable>(action: A, input: Readonly<Record<string, unknown>>): Promise<Reply<A>>;
  /** A query or mutation of the GraphQL API with one field: that field. Rejects with a PhoneError. */
  ask(query: string, variables?: Variables): Promise<unknown>;
  /** The server's time, as far as it is known. */
  now(): number;
}

/** Commands without a part in the life of a call. */
export type Settable = Extract<
  Asked,
  "getClient" | "getCall" | "listCalls" | "blockClient" | "unblockClient" | "setDoNotDisturb"
>;

export interface CallOptions {
  readonly media?: MediaKind;
  /** What the app calls the other side. */
  readonly name?: string;
}

/** What a phone has once it knows who it is. */
interface Line {
  readonly me: Me;
  readonly engine: Engine;
  close(): void;
}

export function createPhone(options: PhoneOptions): Phone {
  const { apiUrl, graphqlUrl, accessToken } = options;
  const environment = environmentOf(options);
  const { fetch, WebSocket, device, randomBytes } = environment;
  const watchers = listeners();
  const callListeners = listeners<[Call]>();
  const lostListeners = listeners<[LostDevice]>();
  let line: Line | undefined;
  let snapshot: PhoneSnapshot = { me: undefined, connection: "off", call: undefined, waiting: undefined };

  const clock = serverClock(device, (byMs) => void line?.engine.happen({ is: "clock-set", byMs }));
  let timers = endingClock(clock);
  const http = { accessToken, fetch, clock };
  const timeHeard = (serverNowMs: number): void => clock.heard(serverNowMs);
  const commands = restApi({ ...http, url: apiUrl, timeHeard });
  const graphql: Graphql = graphqlApi({ ...http, url: graphqlUrl });
  const chance = (): number => (randomBytes(1)[0] ?? 0) / 256;
  const live = liveUpdates({ graphqlUrl, accessToken, WebSocket, clock, chance });
  const media: CurrentMedia = currentMedia(options.media, () => changed());
  const takeOver = async (callId: string): Promise<void> =>
    opened().engine.happen({ is: "return", callId, takeOver: true });
  const holder = { media, commands, clock: () => timers, line: opened, takeOver };
  const calls: CallsShown = callsShown((call) => callDeeds({ ...holder, calls }, call));
  const kept: Promise<Kept> = readKept(environment);
  live.onConnection(() => changed());

  function changed(): void {
    const { me, engine } = line ?? {};
    const seen = engine
      ? { screen: engine.screen(), waiting: engine.waiting() }
      : { screen: { kind: "idle" } as const, waiting: undefined };
    const dialled = seen.screen.kind === "dialling";
    const added = calls.update({ ...seen, media: media.state(), nowMs: clock.now() });
    const next = { me, connection: live.connection(), call: calls.current(), waiting: calls.waiting() };
    const names = Object.keys(next) as (keyof PhoneSnapshot)[];
    if (names.some((name) => next[name] !== snapshot[name])) {
      snapshot = next;
      watchers.tell();
    }
    // `call` returns the one that it dials.
    for (const call of added) if (!dialled || call !== next.call) callListeners.tell(call);
  }

  function open(me: Me, memory: Kept): Line {
    if (line?.me.clientId === me.clientId) return line;
    if (line) void leave();
    const engine = createEngine({
      me,
      clock: timers,
      commands,
      room: media,
      isDeaf: () => live.connection() !== "connected",
      memory: {
        read: () => memory.read("callId"),
        write: (callId) => memory.write("callId", callId),
      },
      newKey: () => hex(randomBytes(16)),
      ended: (callId, ending) => calls.ended(callId, ending),
    });
    const ends = [
      engine.subscribe(() => changed()),
      followCalls(live, engine, me.clientId, timeHeard),
      followClient(live, me.clientId, (lost) => lostListeners.tell(lost)),
      pollWhileDeaf(live, engine, timers),
    ];
    line = {
      me,
      engine,
      close() {
        for (const end of ends) end();
        media.leave();
      },
    };
    changed();
    engine.start();
    return line;
  }

  function opened(): Line {
    if (line) return line;
    throw new PhoneError(notRegistered());
  }

  async function knownLine(): Promise<Line | undefined> {
    const memory = await kept;
    const clientId = memory.read("clientId");
    return line ?? (clientId ? open({ clientId, deviceId: memory.deviceId }, memory) : undefined);
  }

  /** The app is done with this line: a call that it is in is hung up, and no timer is left. Settles when no request is under way. */
  async function leave(): Promise<void> {
    const left = line;
    left?.engine.close();
    line = undefined;
    calls.close(clock.now());
    left?.close();
    live.close();
    timers.end();
    timers = endingClock(clock);
    changed();
    await left?.engine.idle();
  }

  return {
    snapshot: () => snapshot,
    subscribe: (listener) => watchers.subscribe(listener),
    onCall: (listener) => callListeners.subscribe(listener),
    onDeviceLost: (listener) => lostListeners.subscribe(listener),
    async register(tokens = [], more = {}) {
      const memory = await kept;
      const clientId = await registerTokens({ clock: timers, commands, kept: memory }, tokens, more);
      const me = { clientId, deviceId: memory.deviceId };
      open(me, memory);
      return me;
    },
    start: async () => (await knownLine()) !== undefined,
    call(whom, { media: kind = "audio", name } = {}) {
      const [clientId, ...others] = typeof whom === "string" ? [whom] : whom;
      if (!clientId) throw new TypeError("phone.call needs the id of a client to call.");
      const other = { clientId, name };
      if (!line) return calls.failed({ other, media: kind, problem: notRegistered() }, clock.now());
      const { engine } = line;
      const before = engine.screen();
      engine.dial(other, kind, others);
      const dialled = engine.screen() === before ? undefined : calls.current();
      return dialled ?? calls.failed({ other, media: kind, problem: inCall() }, clock.now());
    },
    async handlePush(data) {
      const push = parsePush(data);
      if (!push) return { is: "ignored", why: "not-ours" };
      const { engine } = (await knownLine()) ?? {};
      if (!engine) return { is: "ignored", why: "not-registered" };
      return pushResult(push, engine.pushed(push), calls.of(push.call_id));
    },
    takeOver,
    resume() {
      live.redial();
      line?.engine.subscribed();
    },
    settled: async () => line?.engine.idle(),
    leavePage: () => line?.engine.leavePage(),
    async signOut() {
      const memory = await kept;
      const clientId = memory.read("clientId");
      const left = leave();
      for (const name of ["clientId", "callId"] as const) memory.write(name, undefined);
      if (clientId) await commands.send("unregister", { clientId, deviceId: memory.deviceId });
      await left;
    },
    close: leave,
    send: async (action, input) =>
      valueOf(await persist(timers, REPEAT_DELAYS_MS.length, () => commands.send(action, input))),
    async ask(query, variables = {}) {
      const send = () => graphql.ask(query, variables, (value) => value);
      const isRead = query.trimStart().startsWith("query") || query.trimStart().startsWith("{");
      return valueOf(isRead ? await persist(timers, REPEAT_DELAYS_MS.length, send) : await send());
    },
    now: () => clock.now(),
  };
}

const notRegistered = (): Problem =>
  phoneProblem(
    "not_registered",
    "await phone.register(), or phone.start() on a phone that was registered before.",
  );
const inCall = (): Problem =>
  phoneProblem("phone_in_call", "Hang up first: a phone is in one call at a time.");
