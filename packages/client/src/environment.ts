/** What a platform brings along: what is not given is taken from `globalThis`, and what is not there either is asked for by name. */
import type { Device } from "./time/server-clock.ts";
import type { SocketClass } from "./wire/live-updates.ts";
import type { FetchLike } from "./wire/rest-api.ts";

/** `localStorage`, React Native's AsyncStorage, or three functions of one's own. */
export interface KeyValueStorage {
  getItem(key: string): string | null | Promise<string | null>;
  setItem(key: string, value: string): unknown;
  removeItem(key: string): unknown;
}

export interface Environment {
  readonly fetch: FetchLike;
  readonly WebSocket: SocketClass;
  /** Has to last as long as the app is installed: it keeps which phone this is. */
  readonly storage: KeyValueStorage;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly device: Device;
}

interface Globals {
  readonly fetch?: FetchLike;
  readonly WebSocket?: SocketClass;
  readonly localStorage?: KeyValueStorage;
  readonly crypto?: { getRandomValues?(bytes: Uint8Array): unknown };
  readonly performance?: { now(): number };
  setTimeout(task: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}
/** What each platform has of these differs, so nothing is taken for granted. */
const globals = globalThis as unknown as Globals;

export function environmentOf(given: Partial<Environment>): Environment {
  return {
    // A browser's fetch wants to be called as the window's.
    fetch: given.fetch ?? ((url, init) => needed(globals.fetch, "fetch")(url, init)),
    WebSocket: needed(given.WebSocket ?? globals.WebSocket, "WebSocket"),
    storage: needed(given.storage ?? globals.localStorage, "storage"),
    randomBytes: given.randomBytes ?? randomBytes,
    device: given.device ?? device,
  };
}

export function needed<T>(value: T | undefined, name: string): T {
  if (value !== undefined) return value;
  throw new Error(`This platform has no ${name} of its own: pass it to createPhone as the option "${name}".`);
}

/** Names of phones and of requests have to be different, not secret: so a platform without a source of secrets does as well. */
function randomBytes(count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  if (globals.crypto?.getRandomValues) globals.crypto.getRandomValues(bytes);
  else for (let at = 0; at < count; at += 1) bytes[at] = Math.floor(Math.random() * 256);
  return bytes;
}

const device: Device = {
  counted: () => globals.performance?.now() ?? Date.now(),
  now: () => Date.now(),
  after(ms, callback) {
    // Timers hold 31 bits: a longer one would fire at once.
    const timer = globals.setTimeout(callback, Math.min(ms, 2 ** 31 - 1));
    return () => globals.clearTimeout(timer);
  },
};

export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
