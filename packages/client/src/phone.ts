/** A phone: who it is, the calls it has, and what reaches it. */
import type { Call, CallDeeds } from "./call.ts";
import { type CallsShown, callsShown } from "./calls-shown.ts";
import type { Me } from "./engine/call-facts.ts";
import { createEngine, type Engine } from "./engine/engine.ts";
import type { PushFate } from "./engine/phone-state.ts";
import { type Environment, environmentOf, hex } from "./environment.ts";
import { followCalls, followClient, type LostDevice, pollWhileDeaf } from "./follow.ts";
import { type Kept, readKept } from "./kept.ts";
import { listeners } from "./listeners.ts";
import { type MediaDoor, mediaDoor } from "./media-door.ts";
import type { MediaAdapter } from "./media.ts";
import { valueOf } from "./phone-error.ts";
import { serverClock } from "./time/server-clock.ts";
import type { MediaKind, NotifyType, PushType } from "./wire/contract.ts";
import { type Graphql, graphqlApi, type Variables } from "./wire/graphql.ts";
import { type Connection, liveUpdates } from "./wire/live-updates.ts";
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

export interface PushToken {
  readonly notifyType: NotifyType;
  readonly deviceToken: string;
}

export interface RegisterOptions {
  /** Of several clients of the person, this phone's. */
  readonly clientId?: string;
  /** A further line of the person's. */
  readonly anotherClient?: boolean;
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

/**
 * What became of a push. `incoming`: there is a call to report and to ring for. `stopped`: its call rings no more. `ignored`: end
 * what the system shows of it, if it shows anything.
 */
export type PushResult =
  | { readonly is: "incoming"; readonly call: Call }
  | { readonly is: "stopped"; readonly callId: string; readonly type: PushType }
  | {
      readonly is: "ignored";
      readonly why: Exclude<PushFate, "rings" | "stops"> | "not-ours" | "not-registered";
      readonly call?: Call | undefined;
    };

export interface Phone {
  snapshot(this: void): PhoneSnapshot;
  subscribe(this: void, listener: () => void): () => void;
  /** Each call that this phone has not begun by `call`: one that comes in, or one that it was in before the app ended. */
  onCall(listener: (call: Call) => void): () => void;
  onDeviceLost(listener: (lost: LostDevice) => void): () => void;

  /**
   * Registers this phone's push tokens, the ordinary and the VoIP one, at each start and whenever one changes; without any it is a
   * page, which rings while it is open. Rejects with a PhoneError.
   */
  register(tokens?: readonly PushToken[], options?: RegisterOptions): Promise<Me>;
  /** As after `register`, without the network: goes on as the phone that it was. False if it was never registered. */
  start(): Promise<boolean>;
  /** Calls one client, or several. Throws if the phone is not registered, or in a call. */
  call(whom: string | readonly string[], options?: CallOptions): Call;
  /** The data of a push, as it arrived. A push that is late, repeated, or of another client does no harm. */
  handlePush(data: unknown): Promise<PushResult>;
  /** Takes over the call that another phone of the same person is in. */
  takeOver(callId: string): Promise<void>;
  /** The app is shown again, or the network is back: reads what it has missed. */
  resume(): void;
  /** Settles when no request about a call is under way: a process that was woken by a push may end. */
  settled(): Promise<void>;
  /** The page goes away, the call stays: the next start comes back to it. */
  leavePage(): void;
  /** This phone rings no more for the user who was signed in. */
  signOut(): Promise<void>;
  /** Ends live updates and leaves a call without hanging up. */
  close(): void;

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
  const callListeners = new Set<(call: Call) => void>();
  const lostListeners = new Set<(lost: LostDevice) => void>();
  let line: Line | undefined;
  let snapshot: PhoneSnapshot = { me: undefined, connection: "off", call: undefined, waiting: undefined };

  const clock = serverClock(device, (byMs) => void line?.engine.happen({ is: "clock-set", byMs }));
  const http = { accessToken, fetch, clock };
  const timeHeard = (serverNowMs: number): void => clock.heard(serverNowMs);
  const commands = restApi({ ...http, url: apiUrl, timeHeard });
  const graphql: Graphql = graphqlApi({ ...http, url: graphqlUrl });
  const chance = (): number => (randomBytes(1)[0] ?? 0) / 256;
  const live = liveUpdates({ graphqlUrl, accessToken, WebSocket, clock, chance });
  const media: MediaDoor = mediaDoor(options.media, () => changed());
  const calls: CallsShown = callsShown((call) => deedsOf(call));
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
    for (const call of dialled ? added.filter((one) => one !== next.call) : added)
      for (const listener of callListeners) listener(call);
  }

  function open(me: Me, memory: Kept): Line {
    if (line?.me.clientId === me.clientId) return line;
    line?.close();
    const engine = createEngine({
      me,
      clock,
      commands,
      room: media,
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
      followClient(live, me.clientId, (lost) => {
        for (const listener of lostListeners) listener(lost);
      }),
      pollWhileDeaf(live, engine, clock),
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
    throw new Error("The phone is not registered: await phone.register() first.");
  }

  async function knownLine(): Promise<Line | undefined> {
    const memory = await kept;
    const clientId = memory.read("clientId");
    return line ?? (clientId ? open({ clientId, deviceId: memory.deviceId }, memory) : undefined);
  }

  async function registerOne(token: PushToken, deviceId: string, more: RegisterOptions): Promise<string> {
    const input = { ...token, deviceId };
    const send = (wanted: RegisterOptions) =>
      persist(clock, REPEAT_DELAYS_MS.length, () => commands.send("register", { ...input, ...wanted }));
    const outcome = await send(more);
    const isGone = !outcome.ok && ["no_such_client", "not_your_client"].includes(outcome.problem.code);
    // The client was cleaned up since, or belongs to the user who was signed in before.
    return valueOf(isGone && more.clientId ? await send({}) : outcome).id;
  }

  function deedsOf(call: () => Call): CallDeeds {
    const isWaiting = (): boolean => call() === calls.waiting();
    const isCurrent = (): boolean => call() === calls.current();
    const press = async (button: "answer" | "decline" | "hang-up"): Promise<void> => {
      if (isCurrent()) await opened().engine.press(button);
    };
    const decline = async (): Promise<void> => {
      if (isWaiting()) await opened().engine.happen({ is: "decline-waiting" });
      else await press("decline");
    };
    return {
      async answer() {
        if (!isWaiting()) return press("answer");
        calls.take(call());
        await opened().engine.happen({ is: "answer-waiting" });
      },
      decline,
      async hangUp() {
        const { state, snapshot: seen } = call();
        const isToAnswer = seen().direction === "incoming" && (state === "incoming" || state === "ringing");
        await (isToAnswer ? decline() : press("hang-up"));
      },
      async add(...calleeIds) {
        const { callId } = call();
        if (!callId) throw new Error("The call has no id yet.");
        const { clientId } = opened().me;
        const send = () => commands.send("addToCall", { callId, clientId, calleeIds });
        valueOf(await persist(clock, REPEAT_DELAYS_MS.length, send));
      },
      async rejoin() {
        const { callId } = call();
        if (callId && call().state === "ended") await takeOver(callId);
      },
      setMuted: (muted) => isCurrent() && media.setMuted(muted),
      setCamera: (on) => isCurrent() && media.setCamera(on),
    };
  }

  const takeOver = (callId: string): Promise<void> =>
    opened().engine.happen({ is: "return", callId, takeOver: true });

  return {
    snapshot: () => snapshot,
    subscribe: (listener) => watchers.subscribe(listener),
    onCall: (listener) => subscribed(callListeners, listener),
    onDeviceLost: (listener) => subscribed(lostListeners, listener),
    async register(tokens = [], more = {}) {
      const memory = await kept;
      const { deviceId } = memory;
      const all =
        tokens.length > 0 ? tokens : [{ notifyType: "WEB", deviceToken: memory.webToken() } as const];
      let clientId = more.clientId ?? (more.anotherClient ? undefined : memory.read("clientId"));
      let first = more.anotherClient ? { anotherClient: true } : {};
      for (const token of all) {
        clientId = await registerOne(token, deviceId, clientId ? { clientId } : first);
        first = {};
      }
      const me = { clientId: String(clientId), deviceId };
      memory.write("clientId", me.clientId);
      open(me, memory);
      return me;
    },
    start: async () => (await knownLine()) !== undefined,
    call(whom, { media: kind = "audio", name } = {}) {
      const [clientId, ...others] = typeof whom === "string" ? [whom] : whom;
      if (!clientId) throw new Error("A call needs a client to call.");
      const { engine } = opened();
      const before = engine.screen();
      engine.dial({ clientId, name }, kind, others);
      const dialled = calls.current();
      if (engine.screen() === before || !dialled) throw new Error("The phone is in a call.");
      return dialled;
    },
    async handlePush(data) {
      const push = parsePush(data);
      if (!push) return { is: "ignored", why: "not-ours" };
      const { engine } = (await knownLine()) ?? {};
      if (!engine) return { is: "ignored", why: "not-registered" };
      const fate = engine.pushed(push);
      const call = calls.of(push.call_id);
      if (fate === "stops") return { is: "stopped", callId: push.call_id, type: push.type };
      // Live updates may have been faster than the push, or it came twice: the call rings all the same, until it is answered.
      const rings =
        call?.snapshot().direction === "incoming" && (call.state === "incoming" || call.state === "ringing");
      const isThere = fate === "rings" || (fate === "known" && rings);
      if (isThere && call) return { is: "incoming", call };
      return { is: "ignored", why: fate === "rings" ? "known" : fate, call };
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
      line?.close();
      line = undefined;
      live.close();
      for (const name of ["clientId", "callId"] as const) memory.write(name, undefined);
      changed();
      if (clientId) await commands.send("unregister", { clientId, deviceId: memory.deviceId });
    },
    close() {
      line?.close();
      line = undefined;
      live.close();
      changed();
    },
    send: async (action, input) =>
      valueOf(await persist(clock, REPEAT_DELAYS_MS.length, () => commands.send(action, input))),
    async ask(query, variables = {}) {
      const send = () => graphql.ask(query, variables, (value) => value);
      const isRead = query.trimStart().startsWith("query") || query.trimStart().startsWith("{");
      return valueOf(isRead ? await persist(clock, REPEAT_DELAYS_MS.length, send) : await send());
    },
    now: () => clock.now(),
  };
}

function subscribed<T>(those: Set<T>, listener: T): () => void {
  those.add(listener);
  return () => void those.delete(listener);
}
