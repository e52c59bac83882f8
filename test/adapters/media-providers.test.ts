/** What holds for every media provider: whole calls from admission to closing, with a pool of rooms and without one. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { participantId } from "../../calls/ids.ts";
import { participantOfLeg } from "../../calls/participant.ts";
import { RECHECK_SECONDS } from "../../calls/limits.ts";
import type { RoomLoss } from "../../handlers/media/port.ts";
import { realServer } from "../livekit/real-server.ts";
import { openIvs } from "./ivs-provider.ts";
import { openFakeLiveKit, realLiveKit } from "./livekit-provider.ts";
import { type MediaWorld, type OpenProvider, openMediaWorld } from "./media-world.ts";
import { type Claims, openPoolless } from "./poolless-provider.ts";

const [CALLER, CALLEE] = [1, 2];
const SECOND_MS = 1_000;

let world: MediaWorld;
afterEach(() => world.shut());

/** Alice and Bob talk. Both publish, and the provider's events of that have been heard. */
async function talking(it: MediaWorld) {
  const { callId, token } = await it.calls("alice", "bob");
  const places = [await it.media.join(token), await it.media.join(await it.answers("bob", callId))] as const;
  for (const place of places) await it.media.publish(place);
  await it.hear(...it.media.said);
  return { callId, alice: places[0], bob: places[1], call: await it.read(callId) };
}
const over = (callId: string) => ({ kind: "ended", callId });

const binary = realServer();
const real = binary ? realLiveKit(binary) : undefined;
afterAll(() => real?.close());

describe.each<[string, OpenProvider]>([
  ["IVS, with its pool", openIvs],
  ["a provider without a pool", openPoolless()],
  ["LiveKit", openFakeLiveKit],
  ...(real ? [["the real LiveKit server", real.open] as [string, OpenProvider]] : []),
])("at %s", (_provider, open) => {
  beforeEach(async () => {
    world = await openMediaWorld(open);
  });

  describe("a call", () => {
    test("begins in a room, where both sides meet as the participants of their legs", async () => {
      const { callId, token } = await world.calls("alice", "bob");
      const call = await world.read(callId);
      expect(await world.connected(call)).toEqual([]);
      expect(await world.media.join(token)).toBe(participantId(callId, CALLER, 1));
      await world.media.join(await world.answers("bob", callId));
      expect(await world.connected(await world.read(callId))).toEqual([
        participantId(callId, CALLER, 1),
        participantId(callId, CALLEE, 1),
      ]);
    });

    test("shares its room with no other call", async () => {
      const calls = [await world.calls("alice", "bob"), await world.calls("carol", "dave")];
      for (const { token } of calls) await world.media.join(token);
      for (const { callId } of calls)
        expect(await world.connected(await world.read(callId))).toEqual([participantId(callId, CALLER, 1)]);
    });

    test("gives the room back once when it is closed, and its clients may call again", async () => {
      const { callId, call } = await talking(world);
      await world.hangsUp("bob", callId);
      await world.close(callId);
      await world.close(callId);
      expect(call.stage && (await world.media.closing.held(call.stage, callId))).toBeUndefined();
      expect([await world.slotOf("alice"), await world.slotOf("bob")]).toEqual([undefined, undefined]);
      const next = await world.read((await world.calls("bob", "alice")).callId);
      expect(next.stage?.stageId).not.toBe(call.stage?.stageId);
    });
  });

  describe("a token", () => {
    test("that is signed again lets the same participant in", async () => {
      const { callId } = await world.calls("alice", "bob");
      const participant = participantOfLeg(await world.read(callId), CALLER);
      await world.aws.clock.advance(SECOND_MS);
      const { token, chosenId } = await world.media.tokens.sign(participant, world.now());
      expect(await world.media.join(token.reveal())).toBe(chosenId ?? participant.id);
    });

    test("opens nothing once it has expired", async () => {
      const { callId, token } = await world.calls("alice", "bob");
      const { expiresAtMs } = participantOfLeg(await world.read(callId), CALLER);
      expect(await world.opensRoom(token)).toBe(true);
      await world.aws.clock.advance(expiresAtMs - world.now());
      expect(await world.opensRoom(token)).toBe(false);
    });
  });

  describe("the provider's event", () => {
    test("of a participant that publishes is a sighting of its leg", async () => {
      const { callId } = await talking(world);
      const seen = (await world.tools.presence.known(callId))?.sightings;
      expect([...(seen ?? [])]).toEqual([
        [CALLER, { tokenNumber: 1, atMs: world.now() }],
        [CALLEE, { tokenNumber: 1, atMs: world.now() }],
      ]);
    });

    test("of a participant that stops is passed on after a delay", async () => {
      const { callId, bob } = await talking(world);
      await world.aws.clock.advance(SECOND_MS);
      await world.media.leave(bob);
      expect((await world.hear(world.media.said.at(-1))).outcomes).toEqual({ waits: 1 });
      expect(world.tools.blinks.passed).toMatchObject([
        { body: { kind: "unpublished", callId, leg: CALLEE } },
      ]);
    });

    test("of a foreign participant is ignored", async () => {
      expect((await world.hear(world.media.foreign)).outcomes).toEqual({ foreign: 1 });
    });
  });

  test("a leg that two checks do not find is dropped, and a leg that is there stays", async () => {
    const { callId, bob } = await talking(world);
    await world.aws.clock.advance(SECOND_MS);
    const hint = { kind: "unpublished", callId, leg: CALLEE, tokenNumber: 1, atMs: world.now() } as const;
    expect((await world.verify(hint)).outcomes).toEqual({ there: 1 });
    await world.media.leave(bob);
    expect((await world.verify(hint)).outcomes).toEqual({ doubted: 1 });
    await world.aws.clock.advance(RECHECK_SECONDS * SECOND_MS);
    expect((await world.verify({ kind: "doubted", callId })).outcomes).toEqual({ dropped: 1 });
    expect((await world.read(callId)).endReason).toBe("dropped");
  });

  describe("after the end of a call", () => {
    const GRACE_MS = 8 * SECOND_MS;

    test("one participant that stays is removed, and its token is revoked", async () => {
      const { callId, call, alice, bob } = await talking(world);
      const { token } = await world.media.tokens.sign(participantOfLeg(call, CALLER), world.now());
      await world.hangsUp("bob", callId);
      await world.aws.clock.advance(SECOND_MS);
      await world.media.leave(bob);
      await world.aws.clock.advance(GRACE_MS);
      await world.hear(world.media.said.at(-1), over(callId));
      const removal = (await world.tools.presence.known(callId))?.removals.get(alice);
      expect(removal?.stage).toEqual(call.stage && world.media.keptForRemoval(call.stage));
      expect((await world.remove()).outcomes).toEqual({ removed: 1 });
      expect(await world.connected(call)).toEqual([]);
      expect((await world.remove()).outcomes).toEqual({});
      expect(await world.isKeptOut(token.reveal(), call)).toBe(true);
    });

    test("several participants that stay lose the room", async () => {
      const { callId, call } = await talking(world);
      const { token } = await world.media.tokens.sign(participantOfLeg(call, CALLER), world.now());
      await world.hangsUp("bob", callId);
      await world.aws.clock.advance(GRACE_MS);
      await world.hear(over(callId));
      expect((await world.remove()).outcomes).toEqual({ replaced: 1 });
      expect(await world.connected(call)).toEqual([]);
      expect(await world.isKeptOut(token.reveal(), call)).toBe(true);
    });
  });

  test("a removal of the first token's participant leaves the same person's next one alone", async () => {
    const { callId, alice } = await talking(world);
    await world.aws.clock.advance(100 * SECOND_MS);
    const back = await world.media.join(await world.rejoins("alice", callId));
    const call = await world.read(callId);
    if (!call.stage) throw new Error("the call has no room");
    await world.media.removals.disconnect(call.stage, alice);
    expect([back === alice, await world.connected(call)]).toEqual([
      false,
      [back, participantId(callId, CALLEE, 1)],
    ]);
  });

  test("the removal of a participant that has not joined reports that", async () => {
    const { callId } = await world.calls("alice", "bob");
    const { id, room } = participantOfLeg(await world.read(callId), CALLER);
    expect(await world.media.removals.disconnect(room, id)).toBe("not joined");
  });

  test("a call that goes on moves to another room: its phones lose the old room and rejoin", async () => {
    const { callId, call } = await talking(world);
    expect(await world.replaceRoomOf(call)).toBe("replaced");
    expect(await world.connected(call)).toEqual([]);
    const moved = await world.read(callId);
    expect([moved.status, moved.stage?.stageId === call.stage?.stageId]).toEqual(["answered", false]);
    const back = await world.media.join(await world.rejoins("alice", callId));
    expect(await world.connected(moved)).toEqual([back]);
  });
});

describe("a provider's item in an admission", () => {
  /** Items that exist: the first rooms are lost for these reasons, and any other room is not. */
  const losing =
    (...losses: RoomLoss[]): Claims =>
    (n) => {
      const lost = losses[n - 1];
      return lost ? [{ item: unheld(world), lost }] : [];
    };
  const unheld = ({ tables }: MediaWorld) => ({
    ConditionCheck: {
      TableName: tables.env.CALLS_TABLE,
      Key: { pk: "room", sk: "claim" },
      ConditionExpression: "attribute_exists(pk)",
    },
  });

  test("that is lost to another call makes the admission try the next room", async () => {
    const losses = losing({ kind: "room_lost" }, { kind: "room_lost" });
    let tried = 0;
    world = await openMediaWorld(openPoolless((n) => losses((tried = n))));
    const { callId } = await world.calls("alice", "bob");
    expect([(await world.read(callId)).stage?.stageId, tried]).toEqual([callId, 3]);
  });

  test("that reports no room refuses the call with Retry-After", async () => {
    const noRoom = { kind: "no_room", retryAfterSeconds: 7 } as const;
    world = await openMediaWorld(openPoolless(losing(noRoom)));
    const refused = { code: "no_stage", details: { retryAfterSeconds: 7 } };
    await expect(world.calls("alice", "bob")).rejects.toMatchObject(refused);
    expect([await world.slotOf("alice"), await world.slotOf("bob")]).toEqual([undefined, undefined]);
    expect(world.tools.publisher.events).toEqual([]);
  });
});
