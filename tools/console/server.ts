/**
 * Answers the console's pages under `/console/api/`: once, or as a stream that goes on. It reads; where it may write, it sends
 * dead letters again and deletes them, and nothing else. It is for the browsers of this machine alone.
 *
 * G1 It refuses a request whose Host is no name of this machine: another site's name may point here.
 * G2 No other origin may read a reply: there is no CORS, and it refuses requests that the browser marks as cross-site.
 * G3 A request that writes is JSON: a form of another site cannot send that, and a script of one needs CORS.
 */
import { createLive, type Live, type Message } from "./live.ts";
import type { Changes } from "./changes.ts";
import type { Reading } from "./reading.ts";
import { callsAsCsv, csvQuery } from "./day-csv.ts";
import { DEEDS, doToLetter, letterSchema } from "./letter-deeds.ts";
import type { ViewOptions } from "./stack.ts";
import { checked, given, viewOf } from "./view-of.ts";
import { problemOf, type ProblemOfView, ViewProblem } from "./view-problem.ts";

export interface ConsoleRequest {
  readonly method: string;
  /** As sent, without the query. */
  readonly path: string;
  readonly query: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: Buffer | string;
}

export interface ConsoleReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export interface ConsoleStream {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Starts writing; the returned function ends it. */
  stream(write: (text: string) => void): () => void;
}

export interface ConsoleOptions extends ViewOptions {
  /** Made when the first view is asked for; a failure is told and tried again with the next. */
  openReading(): Promise<Reading>;
  readonly changes: Changes;
}

/** Undefined for paths that are not the console's API. */
export type ConsoleServer = (request: ConsoleRequest) => Promise<ConsoleReply | ConsoleStream | undefined>;

export const API = "/console/api/";
const CSV = `${API}calls.csv`;
const OWN_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/;
const PRIVATE = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
};

export function consoleServer(options: ConsoleOptions): ConsoleServer {
  const live = createLive(options.changes);
  const reading = once(() => options.openReading());
  return async (request) => {
    if (!request.path.startsWith(API)) return undefined;
    const refusal = refusalOf(request, options);
    if (refusal) return problemReply(refusal);
    if (request.method === "POST") return deedReply(request, reading);
    if (request.path === CSV) return csvReply(request, reading);
    const asked = viewOf(request.path.slice(API.length), request.query, options);
    if (!asked) return problemReply({ status: 404, title: "There is no such view", detail: request.path });
    const read = async (): Promise<unknown> => asked.read(await reading());
    const wantsStream = String(request.headers["accept"]).includes("text/event-stream");
    return wantsStream ? streamOf(live, asked.key, read) : replyOf(read);
  };
}

/** Why the request is not answered at all. */
export function refusalOf(
  { method, headers }: ConsoleRequest,
  { canWrite = false }: Pick<ViewOptions, "canWrite"> = {},
): ProblemOfView | undefined {
  const host = String(headers["host"]);
  if (!OWN_HOST.test(host)) {
    const detail = `Host: expected 127.0.0.1, localhost or [::1], got ${host}`;
    return { status: 403, title: "The console is for this machine only", detail };
  }
  if (headers["sec-fetch-site"] === "cross-site")
    return {
      status: 403,
      title: "The console answers its own pages only",
      detail: "Sec-Fetch-Site: cross-site",
    };
  if (method === "GET") return undefined;
  if (!canWrite || method !== "POST") {
    const detail = `expected GET, got ${method}: npm run console -- --write lets it act on dead letters`;
    return { status: 405, title: "The console only reads", detail };
  }
  if (/^application\/json\b/.test(String(headers["content-type"]))) return undefined;
  const detail = `content-type: expected application/json, got ${String(headers["content-type"])}`;
  return { status: 415, title: "The request is not valid", detail };
}

/** `dead-letters/replay` and `dead-letters/delete`. */
async function deedReply(
  { path, body }: ConsoleRequest,
  reading: () => Promise<Reading>,
): Promise<ConsoleReply> {
  const deed = DEEDS.find((name) => path === `${API}dead-letters/${name}`);
  const which = letterSchema.safeParse(jsonOf(String(body ?? "")));
  if (!deed) return problemReply({ status: 404, title: "There is no such deed", detail: path });
  if (!which.success)
    return problemReply({ status: 400, title: "The request is not valid", detail: "expected {queue, id}" });
  return replyOf(async () => {
    await doToLetter(await reading(), deed, which.data);
    return { done: deed };
  });
}

async function csvReply({ query }: ConsoleRequest, reading: () => Promise<Reading>): Promise<ConsoleReply> {
  try {
    const body = await callsAsCsv(await reading(), checked(csvQuery, given(query)));
    const headers = {
      ...PRIVATE,
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": "attachment",
    };
    return { status: 200, headers, body };
  } catch (error) {
    return problemReply(problemOf(error));
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function replyOf(read: () => Promise<unknown>): Promise<ConsoleReply> {
  try {
    const body = JSON.stringify(await read());
    return { status: 200, headers: { ...PRIVATE, "content-type": "application/json" }, body };
  } catch (error) {
    return problemReply(problemOf(error));
  }
}

export function problemReply({ status, title, detail }: ProblemOfView): ConsoleReply {
  const headers = { ...PRIVATE, "content-type": "application/problem+json" };
  return { status, headers, body: JSON.stringify({ status, title, detail }) };
}

const TOO_MANY = problemOf(
  new ViewProblem(503, "Too many views are watched", "close a page of the console, then look again"),
);

const streamOf = (live: Live, key: string, read: () => Promise<unknown>): ConsoleStream => ({
  status: 200,
  headers: { ...PRIVATE, "content-type": "text/event-stream" },
  stream(write) {
    const send = ({ event, data }: Message): void =>
      write(`${event ? `event: ${event}\n` : ""}data: ${data}\n\n`);
    const end = live.watch(key, read, send);
    if (end) return end;
    const { title, detail } = TOO_MANY;
    send({ event: "problem", data: JSON.stringify({ title, detail }) });
    return () => undefined;
  },
});

/** What failed is tried again. */
function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
}
