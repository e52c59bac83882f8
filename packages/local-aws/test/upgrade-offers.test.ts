/** Clients that offer HTTP/2 with a plain request, as `curl --http2` and Java's default client do: they are answered as if they had not. */
import { request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Clock, virtualClock } from "../src/clock.ts";
import { runtimeWithoutStack } from "../print-operations.ts";
import type { Runtime } from "../src/runtime.ts";
import { listen, type Pages, type Servers } from "../src/servers.ts";

const OFFER = { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "AAEAAEAAAAIAAAAA" };

let [clock, runtime, servers]: [Clock?, Runtime?, Servers?] = [];
beforeAll(async () => {
  clock = virtualClock();
  runtime = await runtimeWithoutStack(clock);
  const pages: Pages = ({ method, body }) => ({
    status: 200,
    headers: {},
    body: `${method} ${body?.toString() ?? ""}`,
  });
  servers = await listen(runtime, { port: 0, awsPort: 0, pages });
});
afterAll(async () => {
  await servers?.close();
  runtime?.stop();
  clock?.dispose();
});

function send(
  port: number | undefined,
  method: string,
  headers: object,
  body = "",
): Promise<[number?, string?]> {
  return new Promise((resolve, reject) => {
    const options = { port, host: "127.0.0.1", method, agent: false, headers: { ...OFFER, ...headers } };
    const sent = request(options, (reply) => {
      let text = "";
      reply.setEncoding("utf8").on("data", (part: string) => (text += part));
      reply.once("end", () => resolve([reply.statusCode, text]));
    });
    sent.once("error", reject).end(body);
  });
}

test.each([
  ["GET", ""],
  ["POST", '{"action":"getCall"}'],
])("a %s on the app's port that offers HTTP/2 gets its reply by HTTP/1.1", async (method, body) => {
  expect(await send(servers?.port, method, {}, body)).toEqual([200, `${method} ${body}`]);
});

test("an AWS call that offers HTTP/2 gets its reply by HTTP/1.1", async () => {
  const headers = {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": "AWSEvents.ListEventBuses",
  };
  const [status, text] = await send(servers?.awsPort, "POST", headers, "{}");
  expect([status, text]).not.toContain(404);
  expect(text).toMatch(/^\{/);
});
