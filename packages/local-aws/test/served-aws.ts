/** A local AWS on a free loopback port, and the environment by which the unchanged AWS SDK finds it. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { vi } from "vitest";
import { type Clock, virtualClock } from "../src/clock.ts";
import { type LocalAws, openLocalAws, PERSON } from "../src/local-aws.ts";
import { answer } from "../src/wire/answer.ts";
import { readBody, wireRequestOf } from "../src/wire/http-message.ts";

export const REGION = "us-east-1";

export interface ServedAws {
  readonly url: string;
  close(): Promise<void>;
}

export const openTestAws = (clock: Clock): LocalAws =>
  openLocalAws({ clock, authorizer: { check() {} }, region: REGION, account: "000000000000", quotas: true });

export async function serveLocalAws(localAws: LocalAws): Promise<ServedAws> {
  const server = createServer((message, reply) => {
    void (async () => {
      const response = await answer(
        localAws,
        wireRequestOf(message, (await readBody(message, Infinity)) ?? Buffer.alloc(0)),
        PERSON,
      );
      // Node dates a reply by real time: the SDK would take virtual time for a wrong clock and try again.
      reply.sendDate = false;
      reply.writeHead(response.status, response.headers).end(response.body);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

/** The SDK reads its environment with a client's first request: call this before. `vi.unstubAllEnvs` takes it back. */
export function pointSdkAt(variable: "AWS_ENDPOINT_URL" | "AWS_ENDPOINT_URL_DYNAMODB", url: string): void {
  vi.stubEnv(variable, url);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
}

export interface TestAws extends AsyncDisposable {
  readonly clock: Clock;
  readonly localAws: LocalAws;
  /** The operations that were asked for at local AWS, oldest first. */
  readonly asked: string[];
}

/** A local AWS in virtual time that every client of the SDK talks to. The test registers the services it needs. */
export async function serveTestAws(): Promise<TestAws> {
  const clock = virtualClock();
  const localAws = openTestAws(clock);
  const asked: string[] = [];
  localAws.observe((event) => {
    if (event.kind === "aws-call") asked.push(event.operation);
  });
  const served = await serveLocalAws(localAws);
  pointSdkAt("AWS_ENDPOINT_URL", served.url);
  return {
    clock,
    localAws,
    asked,
    async [Symbol.asyncDispose]() {
      vi.unstubAllEnvs();
      await served.close();
      clock.dispose();
    },
  };
}
