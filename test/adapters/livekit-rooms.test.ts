/** Calls whose phones have all gone without any webhook: the rooms of the server tell. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { JOIN_SECONDS, RECHECK_SECONDS } from "../../calls/limits.ts";
import { roomService } from "../../handlers/media/livekit/room-service.ts";
import { watchRooms } from "../../handlers/media/livekit/watch-rooms.ts";
import { callStore } from "../../handlers/store/call-store.ts";
import { DEVELOPMENT_KEY } from "../../local/livekit-server.ts";
import { type FakeServer, openFakeServer } from "../livekit/fake-server.ts";
import { openFakeLiveKit } from "./livekit-provider.ts";
import { type MediaWorld, openMediaWorld } from "./media-world.ts";

const SECOND_MS = 1_000;

let world: MediaWorld;
/** Another server than the one that calls meet at: it has the rooms that a test gives it. */
let server: FakeServer;
beforeEach(async () => {
  world = await openMediaWorld(openFakeLiveKit);
  server = await openFakeServer({
    keys: [DEVELOPMENT_KEY],
    now: () => world.now(),
    webhook: async () => undefined,
  });
});
afterEach(async () => {
  await server.close();
  await world.shut();
});

const watch = () =>
  watchRooms({
    service: roomService({
      url: server.url,
      keys: async () => ({ current: DEVELOPMENT_KEY, all: [DEVELOPMENT_KEY] }),
      now: () => world.now(),
    }),
    calls: callStore(world.tables.env),
    doubts: world.tools.doubts,
    now: () => world.now(),
  });

async function answered() {
  const { callId, token } = await world.calls("alice", "bob");
  await world.answers("bob", callId);
  return { callId, token };
}

test("a call without a room is doubted, and dropped when the server confirms it", async () => {
  const { callId } = await answered();
  await world.aws.clock.advance((JOIN_SECONDS + 1) * SECOND_MS);
  expect(await watch()).toEqual({ rooms: 0, without: 1 });
  const hint = { kind: "no_session", callId, atMs: world.now() } as const;
  expect(world.tools.doubts.passed).toMatchObject([{ body: hint }]);
  expect((await world.verify(hint)).outcomes).toEqual({ doubted: 1 });
  await world.aws.clock.advance(RECHECK_SECONDS * SECOND_MS);
  expect((await world.verify({ kind: "doubted", callId })).outcomes).toEqual({ dropped: 1 });
  expect((await world.read(callId)).endReason).toBe("dropped");
});

test("a call with a room, and one whose phones may still be joining, are left alone", async () => {
  const { token } = await answered();
  expect(await watch()).toEqual({ rooms: 0, without: 0 });
  await server.join(token);
  await world.aws.clock.advance((JOIN_SECONDS + 1) * SECOND_MS);
  expect(await watch()).toEqual({ rooms: 1, without: 0 });
});

test("a server that asks for patience is asked again in a minute", async () => {
  server.failing.push(429);
  expect(await watch()).toBe("throttled");
});
