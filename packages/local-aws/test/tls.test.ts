/** The app over TLS: the same routes and upgrades, under a certificate that is made once. */
import { X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { realClock, virtualClock } from "../src/clock.ts";
import { runtimeWithoutStack } from "../print-operations.ts";
import { listen, type ListenOptions, type Servers } from "../src/servers.ts";
import { certificateIn } from "../src/tls-certificate.ts";

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 0, 1);

let root: string;
let directory: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "orders-tls-"));
  directory = join(root, ".data", "tls");
});
afterEach(() => rmSync(root, { recursive: true }));

test("the certificate is made once, for this machine only, and its key is for its owner's eyes", async () => {
  const made = await certificateIn(directory, NOW_MS);
  const { subjectAltName, ca, validToDate } = new X509Certificate(made.cert);
  expect([subjectAltName, ca]).toEqual(["DNS:localhost, IP Address:127.0.0.1", false]);
  expect(validToDate.getTime()).toBe(NOW_MS + 800 * DAY_MS);
  expect(statSync(join(directory, "localhost.key")).mode & 0o077).toBe(0);
  expect(await certificateIn(directory, NOW_MS + 700 * DAY_MS)).toEqual(made);
});

test("a certificate that ends within a month is replaced at a start", async () => {
  const made = await certificateIn(directory, NOW_MS);
  const next = await certificateIn(directory, NOW_MS + 771 * DAY_MS);
  expect(next.cert).not.toBe(made.cert);
});

test("two runtimes that start together use one certificate", async () => {
  const [one, other] = await Promise.all([
    certificateIn(directory, NOW_MS),
    certificateIn(directory, NOW_MS),
  ]);
  expect(one).toEqual(other);
  expect(existsSync(one.path)).toBe(true);
});

test("pages and WebSocket connections come through both ports, and a process that trusts the certificate needs no more", async () => {
  // TLS itself looks at real time.
  const certificate = await certificateIn(directory, realClock().now());
  const clock = virtualClock();
  const trusted = getCACertificates("default");
  const options: ListenOptions = {
    port: 0,
    awsPort: 0,
    tls: { port: 0, certificate },
    pages: () => ({ status: 200, headers: {}, body: "hello" }),
  };
  const runtime = await runtimeWithoutStack(clock);
  const servers = await listen(runtime, options);
  try {
    await expect(getPage(servers)).rejects.toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    setDefaultCACertificates([...trusted, certificate.cert]);
    expect(await getPage(servers)).toBe("hello");
    // Whoever serves real time has heard the request to upgrade, and refuses a path that is not its own.
    expect(await dial(`wss://localhost:${servers.tlsPort}/elsewhere`)).toContain("404");
    expect(await dial(`ws://127.0.0.1:${servers.port}/elsewhere`)).toContain("404");
  } finally {
    setDefaultCACertificates(trusted);
    await servers.close();
    runtime.stop();
    clock.dispose();
  }
});

test("a busy TLS port is an error that names its flag", async () => {
  const clock = virtualClock();
  const certificate = await certificateIn(directory, clock.now());
  const runtime = await runtimeWithoutStack(clock);
  const servers = await listen(runtime, { port: 0, awsPort: 0 });
  const busy = listen(runtime, { port: 0, awsPort: 0, tls: { port: servers.port, certificate } });
  await expect(busy).rejects.toThrow(`port ${servers.port} is in use: choose another with --tls-port`);
  await servers.close();
  runtime.stop();
  clock.dispose();
});

function getPage({ tlsPort }: Servers): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ host: "localhost", port: tlsPort, family: 4, agent: false }, (reply) => {
      let text = "";
      reply.setEncoding("utf8").on("data", (part: string) => (text += part));
      reply.once("end", () => resolve(text));
    })
      .once("error", reject)
      .end();
  });
}

/** What becomes of a WebSocket connection that is not accepted. */
function dial(address: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, { family: 4 });
    socket.once("open", () => reject(new Error(`${address} was accepted`)));
    socket.once("error", ({ message }) => resolve(message));
  });
}
