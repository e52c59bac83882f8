/** A door on a free loopback port, and the environment by which the unchanged AWS SDK finds it. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { vi } from "vitest";
import { type Clock, virtualClock } from "../src/clock.ts";
import { type Door, openDoor, PERSON } from "../src/door.ts";
import { answer } from "../src/wire/answer.ts";
import { readBody, wireRequestOf } from "../src/wire/http-message.ts";

export const REGION = "us-east-1";

export interface ServedDoor {
  readonly url: string;
  close(): Promise<void>;
}

export const openTestDoor = (clock: Clock): Door =>
  openDoor({ clock, authorizer: { check() {} }, region: REGION, account: "000000000000", quotas: true });

export async function serveDoor(door: Door): Promise<ServedDoor> {
  const server = createServer((message, reply) => {
    void (async () => {
      const response = await answer(
        door,
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

export interface LocalAws {
  readonly clock: Clock;
  readonly door: Door;
  /** The operations that were asked for at the door, oldest first. */
  readonly asked: string[];
  close(): Promise<void>;
}

/** A door in virtual time that every client of the SDK talks to. The test registers the services it needs. */
export async function openLocalAws(): Promise<LocalAws> {
  const clock = virtualClock();
  const door = openTestDoor(clock);
  const asked: string[] = [];
  door.observe((happening) => {
    if (happening.kind === "aws-call") asked.push(happening.operation);
  });
  const served = await serveDoor(door);
  pointSdkAt("AWS_ENDPOINT_URL", served.url);
  return {
    clock,
    door,
    asked,
    async close() {
      vi.unstubAllEnvs();
      await served.close();
      clock.dispose();
    },
  };
}
