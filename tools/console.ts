/**
 * The operators' console of a stack, on this machine, with this person's own credentials:
 *   npm run console -- [--profile NAME] [--region NAME] [--stack Ringmaster] [--port 4700] [--endpoint-url URL] [--write]
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { connectionSettings, type ConnectionOptions, requireEndpoint } from "./connection.ts";
import { type ConsoleClock, polling } from "./console/changes.ts";
import { openReading, type Reading } from "./console/reading.ts";
import {
  API,
  type ConsoleReply,
  type ConsoleRequest,
  type ConsoleServer,
  consoleServer,
  type ConsoleStream,
  problemReply,
  refusalOf,
} from "./console/server.ts";
import { siteConfig, siteFile } from "./console/site.ts";
import { isLocal } from "./console/stack.ts";
import { problemOf, ViewProblem } from "./console/view-problem.ts";
import { troubleOf } from "./trouble.ts";

const USAGE = `npm run console -- [--profile NAME] [--region NAME] [--stack Ringmaster] [--port 4700] [--endpoint-url URL] [--write]`;
const BUILT = join(import.meta.dirname, "..", "build", "web");
const LOOPBACK = "127.0.0.1";
/** A look into a queue counts as a receive of its letters. */
const LETTERS_FOR_MS = 30_000;
/** Looking for a person reads two tables whole. */
const PEOPLE_FOR_MS = 60_000;

interface Options extends ConnectionOptions {
  readonly port: number;
  readonly stackName: string;
  /** Dead letters may be sent again and deleted. */
  readonly canWrite: boolean;
}

export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: "string", default: "4700" },
      stack: { type: "string", default: "Ringmaster" },
      profile: { type: "string" },
      region: { type: "string" },
      "endpoint-url": { type: "string" },
      write: { type: "boolean", default: false },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port: expected a port number, got "${values.port}"`);
  const { stack: stackName, profile, region, "endpoint-url": endpoint, write: canWrite } = values;
  requireEndpoint("--endpoint-url", endpoint);
  return { port, stackName, profile, region, endpoint, canWrite };
}

const realClock: ConsoleClock = {
  now: () => Date.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};

export interface Served {
  readonly url: string;
  readonly reading: Reading;
  readonly close: () => Promise<void>;
}

/** Finds the stack before it opens the port, so that it reports a wrong name or wrong credentials at once. */
export async function serveConsole(options: Options): Promise<Served> {
  const { stackName } = options;
  const reading = await openReading({
    stackName,
    settings: connectionSettings(options),
    now: () => realClock.now(),
    lettersForMs: LETTERS_FOR_MS,
    peopleForMs: PEOPLE_FOR_MS,
  });
  // Pages of a deployed stack sign in to Cognito itself, however AWS is reached from here.
  const endpoint = isLocal(reading.stack) ? options.endpoint : undefined;
  const { canWrite } = options;
  const api = consoleServer({
    endpoint,
    canWrite,
    changes: polling(realClock),
    openReading: async () => reading,
  });
  const server = createServer((message, reply) => void answer(message, reply, { api, reading, endpoint }));
  await new Promise<void>((done, failed) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const isBusy = error.code === "EADDRINUSE";
      failed(
        isBusy ? new Error(`port ${options.port} is in use: choose another with --port <number>`) : error,
      );
    });
    server.listen(options.port, LOOPBACK, done);
  });
  return {
    url: `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`,
    reading,
    close() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      return closed;
    },
  };
}

interface Parts {
  readonly api: ConsoleServer;
  readonly reading: Reading;
  readonly endpoint: string | undefined;
}

async function answer(message: IncomingMessage, reply: ServerResponse, parts: Parts): Promise<void> {
  const [path = "/", query = ""] = (message.url ?? "/").split("?", 2);
  const request = { method: message.method ?? "GET", path, query, headers: message.headers };
  const answered = await bodyOf(message)
    .then((body) => replyTo({ ...request, body }, parts))
    .catch((error: unknown) => problemReply(problemOf(error)));
  reply.writeHead(answered.status, answered.headers);
  if (!("stream" in answered)) return void reply.end(answered.body);
  reply.flushHeaders();
  reply.once(
    "close",
    answered.stream((text) => void reply.write(text)),
  );
}

/** What is sent here is the name of a letter. */
const LARGEST_BODY_BYTES = 4_096;

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of message) {
    const piece = Buffer.from(part as Uint8Array);
    bytes += piece.length;
    if (bytes > LARGEST_BODY_BYTES) throw new ViewProblem(413, "The request is too large", `${bytes} bytes`);
    parts.push(piece);
  }
  return Buffer.concat(parts);
}

async function replyTo(
  request: ConsoleRequest,
  { api, reading, endpoint }: Parts,
): Promise<ConsoleReply | ConsoleStream> {
  if (request.path.startsWith(API)) return (await api(request)) ?? nothingThere(request);
  const refusal = refusalOf({ ...request, headers: { host: request.headers["host"] } });
  if (refusal) return problemReply(refusal);
  if (request.path === "/") return { status: 302, headers: { location: "/console" }, body: "" };
  if (request.path !== "/config.json")
    return siteFile(BUILT, ["console"], request.path) ?? nothingThere(request);
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  return { status: 200, headers, body: JSON.stringify(siteConfig(reading.stack, endpoint)) };
}

const nothingThere = ({ path }: ConsoleRequest): ConsoleReply =>
  problemReply({ status: 404, title: "There is nothing here", detail: path });

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const { url, reading, close } = await serveConsole(options);
  const { name, region, account } = reading.stack;
  process.stdout.write(`Stack ${name} in ${region} (account ${account}): ${url}/console\nCtrl-C stops.\n`);
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => void close().then(() => process.exit(0)));
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    process.stderr.write(`${troubleOf(error)}\n${USAGE}\n`);
    process.exit(1);
  });
}
