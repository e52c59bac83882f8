/** Whether calls ring here, the end of a session, and the notification of a call in the background. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Connection } from "../../../packages/client/src/wire/live-updates.ts";
import type { Commands } from "../../../packages/client/src/wire/rest-api.ts";
import { SessionEnded } from "../../../web/sign-in/session.ts";
import { QUIET_MS, watchConnection } from "../../../web/phone/state/connection.ts";
import { notifyOfCalls } from "../../../web/phone/state/notices.ts";
import { watchSession } from "../../../web/phone/state/session-watch.ts";
import { BOB, CALL, clock, ok, phoneWorld, refused, view } from "./phone-world.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const wait = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

function networkWorld() {
  let connection: Connection = "connected";
  let isThere = true;
  const listeners: (() => void)[] = [];
  const changed = (): void => listeners.forEach((listener) => listener());
  const watch = watchConnection({
    live: {
      connection: () => connection,
      onConnection(listener) {
        listeners.push(listener);
        return () => undefined;
      },
    },
    network: { isThere: () => isThere, onChange: (listener) => void listeners.push(listener) },
    clock,
  });
  return {
    watch,
    live: (next: Connection): void => {
      connection = next;
      changed();
    },
    network: (there: boolean): void => {
      isThere = there;
      changed();
    },
  };
}

test("a server that is away for longer than a moment is told, until it is back", async () => {
  const { watch, live } = networkWorld();
  live("interrupted");
  await wait(QUIET_MS - 1);
  expect(watch.state()).toBe("here");
  await wait(1);
  expect(watch.state()).toBe("away");
  live("connected");
  expect(watch.state()).toBe("here");
});

test("a connection that is back at once is not spoken of", async () => {
  const { watch, live } = networkWorld();
  live("interrupted");
  await wait(QUIET_MS - 1);
  live("connected");
  await wait(QUIET_MS);
  expect(watch.state()).toBe("here");
});

test("a device without a network says so at once; the network alone does not make calls ring again", () => {
  const { watch, live, network } = networkWorld();
  network(false);
  expect(watch.state()).toBe("offline");
  live("interrupted");
  network(true);
  expect(watch.state()).toBe("away");
  live("connected");
  expect(watch.state()).toBe("here");
});

test.each(["access_token_required", "signed_out"] as const)(
  "a request that is refused with %s ends the session, by REST and by GraphQL alike",
  async (code) => {
    let ends = 0;
    const watch = watchSession({ accessToken: async () => "token" }, () => (ends += 1));
    const refusal = { send: async () => refused({ code }) } as unknown as Commands; // one reply is enough
    await watch.commands(refusal).send("getClient", {});
    await watch
      .graphql({ ask: async () => refused({ code }) as never }) // one reply is enough
      .ask("", {}, () => undefined);
    expect(ends).toBe(2);
  },
);

test("a session that cannot be renewed ends; one that could not be asked for, without a network, does not", async () => {
  let ends = 0;
  const failing = (error: Error) =>
    watchSession({ accessToken: () => Promise.reject(error) }, () => (ends += 1));
  await expect(failing(new TypeError("Failed to fetch")).accessToken({ refresh: false })).rejects.toThrow(
    "Failed to fetch",
  );
  expect(ends).toBe(0);
  await expect(failing(new SessionEnded("over")).accessToken({ refresh: true })).rejects.toThrow("over");
  expect(ends).toBe(1);
});

test("a call that rings in the background shows one notification, which goes when it rings no more", async () => {
  const world = phoneWorld({ me: { clientId: BOB, deviceId: "web-1" } });
  world.replies("getCall", ok(view()));
  world.replies("ackRinging", ok(view()));
  const heard: string[] = [];
  let hidden = false;
  let changeHidden: () => void = () => undefined;
  notifyOfCalls({
    phone: world.phone,
    isHidden: () => hidden,
    onHidden: (listener) => (changeHidden = listener),
    titleOf: (screen) => `${screen.talk.other.name} is calling`,
    show: ({ callId, title }) => heard.push(`show ${callId}: ${title}`),
    remove: (callId) => heard.push(`remove ${callId}`),
  });
  world.push({});
  await world.wait();
  expect([world.kind(), heard]).toEqual(["ringing", []]);
  hidden = true;
  changeHidden();
  world.update({ status: "ringing", version: 3, role: "callee", legStatus: "ringing" });
  expect(heard).toEqual([`show ${CALL}: Alice Adams is calling`]);
  world.push({ type: "call_cancelled" });
  await world.wait();
  expect(heard.at(-1)).toBe(`remove ${CALL}`);
  expect(heard).toHaveLength(2);
});
