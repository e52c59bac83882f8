/**
 * Removing a participant from a LiveKit room ends no token, and the server renews the tokens of those who are there. Whoever comes back
 * without a part in the call is removed again.
 */
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Call } from "../../calls/call.ts";
import { participantId } from "../../calls/ids.ts";
import { participantOfLeg } from "../../calls/participant.ts";
import { RENEWED_TOKEN_MS } from "../../handlers/media/livekit/quotas.ts";
import { realServer } from "../livekit/real-server.ts";
import { openFakeLiveKit, realLiveKit } from "./livekit-provider.ts";
import { type MediaWorld, type OpenProvider, openMediaWorld } from "./media-world.ts";

const [CALLER, CALLEE] = [1, 2];
const SECOND_MS = 1_000;
const GRACE_MS = 8 * SECOND_MS;

let world: MediaWorld;
afterEach(() => world.shut());

/** Two tokens of one participant: the one that was given for joining, and the one that the server gave after it. */
async function tokensOf(call: Call, leg: number) {
  const { token } = await world.media.tokens.sign(participantOfLeg(call, leg), world.now());
  const id = participantId(call.callId, leg, 1);
  return { original: token.reveal(), renewed: (await world.media.renewedToken?.(id)) ?? "" };
}

async function talking(...names: ("alice" | "bob" | "carol")[]) {
  const { callId, token } = await world.calls("alice", "bob");
  await world.media.join(token);
  await world.media.join(await world.answers("bob", callId));
  if (names.includes("carol")) {
    await world.adds("alice", callId, "carol");
    await world.media.join(await world.answers("carol", callId));
  }
  await world.hear(...world.media.said);
  return world.read(callId);
}
const over = ({ callId }: Call) => ({ kind: "ended", callId });

/** What was said since the last time is heard, then due removals are carried out. */
async function workOff(from: number, ...events: unknown[]) {
  await world.hear(...world.media.said.slice(from), ...events);
  return (await world.remove()).outcomes;
}

const binary = realServer();
const real = binary ? realLiveKit(binary) : undefined;
afterAll(() => real?.close());

describe.each<[string, OpenProvider]>([
  ["the server in this process", openFakeLiveKit],
  ...(real ? [["the real server", real.open] as [string, OpenProvider]] : []),
])("at %s", (_server, open) => {
  beforeEach(async () => {
    world = await openMediaWorld(open);
  });

  describe("in a call that goes on", () => {
    test("a person whom an operator removed is removed again with the first token and with the renewed one", async () => {
      const call = await talking("alice", "bob", "carol");
      const { original, renewed } = await tokensOf(call, CALLEE);
      const stay = [participantId(call.callId, CALLER, 1), participantId(call.callId, 3, 1)];
      await world.isThrownOut("bob", call.callId);
      expect(await workOff(Infinity, over(call))).toEqual({ removed: 1 });
      expect(await world.connected(call)).toEqual(stay);
      for (const token of [original, renewed, renewed]) {
        const from = world.media.said.length;
        await world.media.join(token);
        expect(await workOff(from)).toEqual({ removed: 1 });
        expect(await world.connected(call)).toEqual(stay);
      }
      expect((await world.read(call.callId)).status).toBe("answered");
    });

    test("one who comes back without a word of the server's is found when the renewed token has expired", async () => {
      const call = await talking("alice", "bob", "carol");
      const { renewed } = await tokensOf(call, CALLEE);
      await world.isThrownOut("bob", call.callId);
      expect(await workOff(Infinity, over(call))).toEqual({ removed: 1 });
      await world.media.join(renewed);
      await world.aws.clock.advance(RENEWED_TOKEN_MS + 2 * SECOND_MS);
      expect((await world.remove()).outcomes).toEqual({ "looked for": 1 });
      await world.verify({ kind: "expired", callId: call.callId });
      expect((await world.remove()).outcomes).toEqual({ removed: 1 });
      expect(await world.connected(call)).toHaveLength(2);
    });

    test("one who is away is not asked for again, though the server has not said that they left", async () => {
      const call = await talking("alice", "bob", "carol");
      await world.isThrownOut("bob", call.callId);
      expect(await workOff(Infinity, over(call))).toEqual({ removed: 1 });
      expect(await workOff(Infinity, over(call))).toEqual({});
    });
  });

  describe("when the call is over", () => {
    test("one who comes back is removed again, with the first token and with the renewed one", async () => {
      const call = await talking("alice", "bob");
      const { original, renewed } = await tokensOf(call, CALLER);
      for (const id of [CALLER, CALLEE]) await world.media.leave(participantId(call.callId, id, 1));
      await world.hangsUp("bob", call.callId);
      await world.aws.clock.advance(GRACE_MS + SECOND_MS);
      expect(await workOff(0, over(call))).toEqual({});
      for (const token of [original, renewed]) {
        const from = world.media.said.length;
        await world.media.join(token);
        expect(await workOff(from)).toEqual({ removed: 1 });
        expect(await world.connected(call)).toEqual([]);
      }
    });

    test("two who come back lose the room that they made again", async () => {
      const call = await talking("alice", "bob");
      const tokens = [await tokensOf(call, CALLER), await tokensOf(call, CALLEE)];
      await world.hangsUp("bob", call.callId);
      await world.aws.clock.advance(GRACE_MS + SECOND_MS);
      expect(await workOff(Infinity, over(call))).toEqual({ replaced: 1 });
      await world.hear(...world.media.said);
      const from = world.media.said.length;
      for (const { renewed } of tokens) await world.media.join(renewed);
      expect(await workOff(from)).toEqual({ replaced: 1 });
      expect(await world.connected(call)).toEqual([]);
    });
  });
});
