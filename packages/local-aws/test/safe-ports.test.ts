/** What the ports of the local runtime refuse, so that it can be left running beside a browser. */
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { realClock } from "../src/clock.ts";
import { runtimeWithoutStack } from "../print-operations.ts";
import { openLoopbackServer } from "../src/push-networks/loopback-server.ts";
import { listen, type Servers } from "../src/servers.ts";

let servers: Servers;
let stop: () => void;
let read: string[];

beforeEach(async () => {
  const runtime = await runtimeWithoutStack(realClock());
  read = [];
  servers = await listen(runtime, {
    port: 0,
    awsPort: 0,
    hosts: ["laptop.test"],
    origins: ["http://localhost:5173"],
    pages({ path, body }) {
      read.push(`${path} ${body?.length ?? 0}`);
      return { status: 200, headers: {}, body: "a page" };
    },
  });
  stop = () => runtime.stop();
});
afterEach(async () => {
  await servers.close();
  stop();
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function ask(
  port: number,
  { method = "GET", path = "/", headers = {}, body = "" }: Asked = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: "127.0.0.1", port, method, path, headers }, (reply) => {
      let text = "";
      reply.setEncoding("utf8").on("data", (part: string) => (text += part));
      reply.on("end", () => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body: text }));
    });
    request.on("error", reject).end(body);
  });
}

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const listSecrets = (headers: Record<string, string> = {}): Asked => ({
  method: "POST",
  headers: { "x-amz-target": "secretsmanager.ListSecrets", ...headers },
  body: "{}",
});

test.each(["127.0.0.1", "localhost:1", "LOCALHOST", "[::1]:4000", "laptop.test:80"])(
  "the app's port answers requests for %s",
  async (host) => {
    expect(await ask(servers.port, { headers: { host } })).toMatchObject({ status: 200, body: "a page" });
  },
);

test.each([
  "evil.example",
  "evil.example:4000",
  "127.0.0.1.evil.example",
  "localhost.evil.example",
  "10.0.0.1",
])("no port answers requests for the host %j, which is how another site's page comes here", async (host) => {
  for (const port of [servers.port, servers.awsPort]) {
    const { status, body } = await ask(port, listSecrets({ host }));
    expect(status).toBe(403);
    expect(body).toContain("Host: expected 127.0.0.1, localhost, [::1], laptop.test, got");
  }
  const socket = new WebSocket(`ws://127.0.0.1:${servers.port}/graphql/realtime`, { headers: { host } });
  const refused = await new Promise<string>((resolve) =>
    socket.on("error", ({ message }) => resolve(message)),
  );
  expect(refused).toContain("403");
  expect(read).toEqual([]);
});

test("the push networks' ports do not either", async () => {
  const network = await openLoopbackServer(realClock(), () => ({ status: 200 }));
  const port = Number(new URL(network.origin).port);
  expect((await ask(port)).status).toBe(200);
  expect((await ask(port, { headers: { host: "evil.example" } })).status).toBe(403);
  network.close();
});

test("the AWS port answers clients without an origin, the pages here, and those that were named", async () => {
  const { status, headers } = await ask(servers.awsPort, listSecrets());
  expect(status).toBe(200);
  expect(headers).not.toHaveProperty("access-control-allow-origin");
  for (const origin of [
    `http://127.0.0.1:${servers.port}`,
    `http://localhost:${servers.port}`,
    "http://localhost:5173",
  ]) {
    const reply = await ask(servers.awsPort, listSecrets({ origin }));
    expect(reply).toMatchObject({ status: 200, headers: { "access-control-allow-origin": origin } });
    const preflight = { origin, "access-control-request-headers": "x-amz-target" };
    expect(await ask(servers.awsPort, { method: "OPTIONS", headers: preflight })).toMatchObject({
      status: 204,
      headers: { "access-control-allow-origin": origin, "access-control-allow-headers": "x-amz-target" },
    });
  }
});

test.each(["https://evil.example", "http://localhost:1", "null"])(
  "the AWS port answers no page of %s",
  async (origin) => {
    for (const method of ["POST", "OPTIONS"]) {
      const asked = method === "POST" ? listSecrets({ origin }) : { method, headers: { origin } };
      const { status, headers, body } = await ask(servers.awsPort, asked);
      expect(status).toBe(403);
      expect(headers).not.toHaveProperty("access-control-allow-origin");
      expect(body).not.toContain("SecretList");
    }
  },
);

test("a body is refused at its limit, while it arrives or before, and the rest is not read", async () => {
  const announced = await begun(servers.port, "content-length: 300000000", 0);
  expect(announced).toContain("413 Payload Too Large");
  expect(announced).toContain('{"message":"Request Entity Too Large"}');
  const eleven = 11 * 1024 * 1024;
  const streamed = await begun(servers.port, "transfer-encoding: chunked", eleven);
  expect(streamed).toContain('{"message":"Request Entity Too Large"}');
  expect(read).toEqual([]);
  const aws = await begun(servers.awsPort, "content-length: 300000000", 0);
  expect(aws).toContain("RequestEntityTooLargeException");
});

/** Sends the beginning of a request, which never ends, and resolves with what comes back. */
function begun(port: number, header: string, bytes: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    socket.on("data", (part) => {
      text += part.toString();
      if (text.includes("}")) resolve(text);
    });
    socket.on("error", () => resolve(text));
    socket.write(`POST / HTTP/1.1\r\nhost: localhost\r\n${header}\r\n\r\n`);
    if (bytes > 0) socket.write(`${bytes.toString(16)}\r\n${"x".repeat(bytes)}`);
  });
}

test("a path that is no URL, and a body that is no object, are the client's fault", async () => {
  const { awsPort } = servers;
  expect((await ask(awsPort, { path: "/%" })).status).toBe(404);
  const target = {
    "x-amz-target": "DynamoDB_20120810.ListTables",
    "content-type": "application/x-amz-json-1.0",
  };
  for (const body of ["null", "[]", '"x"', "1"]) {
    const { status, body: told } = await ask(awsPort, { method: "POST", headers: target, body });
    expect([status, told]).toEqual([400, expect.stringContaining("Start of structure")]);
  }
});

test("a body just below the limit arrives whole", async () => {
  const body = "x".repeat(10 * 1024 * 1024);
  expect((await ask(servers.port, { method: "POST", path: "/whole", body })).status).toBe(200);
  expect(read).toEqual([`/whole ${body.length}`]);
});
