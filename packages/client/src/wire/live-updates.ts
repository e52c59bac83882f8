/**
 * Subscriptions over AppSync's real-time protocol, on one connection.
 *
 * L1 A subscription flows from its `start_ack` on, and `flowing` is called then, at first and after each interruption: what happened
 *    before was not told, so a follower reads once.
 * L2 A connection that says nothing for as long as the server promised to speak is dead, whatever the socket believes.
 * L3 A lost connection is dialled again, after a pause that grows to half a minute and is never the same for all phones.
 * L4 Each dial asks for an access token; after a refusal for a fresh one.
 */
import { listeners } from "../listeners.ts";
import type { Clock } from "../time/clock.ts";
import type { Variables } from "./graphql.ts";
import { onlyField } from "./graphql.ts";
import { maybe, number, object, text, tryRead } from "./read.ts";
import { protocolsFor, realTimeUrl, signedIn } from "./real-time-address.ts";
import type { AccessToken } from "./rest-api.ts";

/** The part of a WebSocket that is used. */
export interface Socket {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(): void;
}
export type SocketClass = new (url: string, protocols: string[]) => Socket;

export interface LiveWorld {
  readonly graphqlUrl: string;
  readonly accessToken: AccessToken;
  readonly WebSocket: SocketClass;
  readonly clock: Pick<Clock, "after">;
  /** From 0 to 1. */
  readonly chance: () => number;
}

export interface Subscription {
  readonly query: string;
  readonly variables: Variables;
  /** The one field of what was told. */
  heard(value: unknown): void;
  flowing(): void;
}

export type Connection = "off" | "connecting" | "connected" | "interrupted";

export interface LiveUpdates {
  connection(): Connection;
  onConnection(listener: () => void): () => void;
  /** The returned function ends the subscription. */
  follow(subscription: Subscription): () => void;
  /** The network is back, or the app is: dials at once if it is not connected. */
  retry(): void;
  /** The same after a sleep, in which a socket may have died unnoticed: dials in any case. */
  redial(): void;
  close(): void;
}

const ACK_WITHIN_MS = 15_000;
/** AppSync's, where it says nothing else. */
const KEEP_ALIVE_MS = 300_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

const message = object({
  type: text,
  id: maybe(text),
  payload: maybe((value: unknown) => value),
});
const acknowledgement = object({ connectionTimeoutMs: maybe(number) });

/** One dial, until it is given up. */
interface Dialled {
  socket?: Socket;
  /** Once the server has acknowledged the connection. */
  start?(key: string, subscription: Subscription): void;
  /** How long the server may be silent, once it has said so (L2). */
  keepAliveMs?: number;
  callOff(): void;
}

export function liveUpdates(world: LiveWorld): LiveUpdates {
  const watchers = listeners();
  const wanted = new Map<string, Subscription>();
  let connection: Connection = "off";
  let dialled: Dialled | undefined;
  let callOffPause: (() => void) | undefined;
  let attempts = 0;
  let refused = false;
  let ids = 0;

  function show(next: Connection): void {
    if (connection === next) return;
    connection = next;
    watchers.tell();
  }

  async function dial(): Promise<void> {
    callOffPause?.();
    callOffPause = undefined;
    const mine: Dialled = { callOff: world.clock.after(ACK_WITHIN_MS, () => lose(mine)) };
    dialled = mine;
    if (connection === "off") show("connecting");
    try {
      const token = await world.accessToken({ refresh: refused });
      if (dialled !== mine) return;
      refused = false;
      const headers = signedIn(world.graphqlUrl, token);
      const socket = new world.WebSocket(realTimeUrl(world.graphqlUrl), protocolsFor(headers));
      mine.socket = socket;
      socket.onopen = () => socket.send(JSON.stringify({ type: "connection_init" }));
      socket.onmessage = ({ data }: { readonly data: unknown }) => {
        if (dialled !== mine) return;
        hear(mine, socket, data, headers);
        stayAlive(mine);
      };
      socket.onclose = socket.onerror = () => lose(mine);
    } catch {
      lose(mine);
    }
  }

  function hear(mine: Dialled, socket: Socket, data: unknown, headers: object): void {
    const told = tryRead(message, parsed(data));
    if (!told) return;
    const { type, id = "", payload } = told;
    switch (type) {
      case "connection_ack": {
        mine.keepAliveMs = tryRead(acknowledgement, payload)?.connectionTimeoutMs ?? KEEP_ALIVE_MS;
        show("connected");
        mine.start = (key, subscription) => start(socket, key, subscription, headers);
        for (const [key, subscription] of wanted) mine.start(key, subscription);
        return;
      }
      case "start_ack":
        attempts = 0;
        return wanted.get(id)?.flowing();
      case "data":
        return wanted.get(id)?.heard(onlyField(payload));
      case "connection_error":
        refused = true;
        return lose(mine);
      case "error":
        // It was stopped meanwhile.
        if (id !== "" && !wanted.has(id)) return;
        refused = true;
        return lose(mine);
      default:
        // `ka`, and what is newer than this package: a sign of life.
        return;
    }
  }

  /** Every message begins the wait anew (L2). */
  function stayAlive(mine: Dialled): void {
    if (dialled !== mine || mine.keepAliveMs === undefined) return;
    mine.callOff();
    mine.callOff = world.clock.after(mine.keepAliveMs, () => lose(mine));
  }

  function hangUp(): void {
    const hungUp = dialled;
    dialled = undefined;
    hungUp?.callOff();
    const socket = hungUp?.socket;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    // Node's `ws` tells of a socket that is closed before it has opened as an error, which ends the process if nothing listens.
    socket.onerror = () => undefined;
    socket.close();
  }

  function lose(lost: Dialled): void {
    if (dialled !== lost) return;
    hangUp();
    show("interrupted");
    const longestMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempts);
    attempts += 1;
    callOffPause = world.clock.after(longestMs * (0.5 + world.chance() / 2), () => void dial());
  }

  return {
    connection: () => connection,
    onConnection: (listener) => watchers.subscribe(listener),
    follow(subscription) {
      ids += 1;
      const key = `s${ids}`;
      wanted.set(key, subscription);
      if (connection === "off") void dial();
      else dialled?.start?.(key, subscription);
      return () => {
        wanted.delete(key);
        if (dialled?.start) dialled.socket?.send(JSON.stringify({ type: "stop", id: key }));
      };
    },
    retry() {
      if (!callOffPause) return;
      attempts = 0;
      void dial();
    },
    redial() {
      if (connection === "off") return;
      hangUp();
      attempts = 0;
      void dial();
    },
    close() {
      callOffPause?.();
      callOffPause = undefined;
      hangUp();
      show("off");
    },
  };
}

function start(socket: Socket, id: string, { query, variables }: Subscription, authorization: object): void {
  const data = JSON.stringify({ query, variables });
  socket.send(JSON.stringify({ id, type: "start", payload: { data, extensions: { authorization } } }));
}

function parsed(data: unknown): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    return undefined;
  }
}
