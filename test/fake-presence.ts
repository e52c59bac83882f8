/** Stand-ins for what `screen-hints` and `verify-legs` work with: sightings, the stage, and the queue of doubts. */
import type { CallId } from "../calls/ids.ts";
import { participantId } from "../calls/ids.ts";
import { type Connected, type Hint, isNewer, type Sighting } from "../calls/presence.ts";
import type { Doubts } from "../handlers/adapters/doubts.ts";
import type { PresenceStore } from "../handlers/adapters/presence-store.ts";
import type { StageLooks } from "../handlers/adapters/stage-looks.ts";
import { CALL } from "./builders.ts";
import type { fakeCalls } from "./fakes.ts";

export const ALICES_PLACE = participantId(CALL, 1, 1);
export const BOBS_PLACE = participantId(CALL, 2, 1);

export function fakePresence(calls: ReturnType<typeof fakeCalls>) {
  const seen = new Map<string, Sighting>();
  const state = { reads: 0, failures: 0 };
  const of = (callId: CallId, leg: number) => `${callId}#${leg}`;
  const store: PresenceStore = {
    async known(callId) {
      state.reads += 1;
      if (state.failures-- > 0) throw new Error("the table is away");
      const call = await calls.read(callId);
      const legs = [1, 2].flatMap((leg) => {
        const sighting = seen.get(of(callId, leg));
        return sighting ? [[leg, sighting] as const] : [];
      });
      return call && { call, sightings: new Map(legs) };
    },
    async saw({ callId, leg, tokenNumber, atMs }) {
      const key = of(callId, leg);
      if (isNewer({ tokenNumber, atMs }, seen.get(key))) seen.set(key, { tokenNumber, atMs });
    },
    async forget({ callId, leg, tokenNumber, atMs }) {
      const key = of(callId, leg);
      const stored = seen.get(key);
      if (stored && !isNewer(stored, { tokenNumber, atMs })) seen.delete(key);
    },
  };
  return { ...store, seen, state };
}

export function fakeDoubts() {
  const passed: { readonly hint: Hint; readonly delaySeconds: number }[] = [];
  const state = { failures: 0 };
  const queue: Doubts = {
    async pass(hints, delaySeconds = 0) {
      if (state.failures-- > 0) throw new Error("the queue is away");
      passed.push(...hints.map((hint) => ({ hint, delaySeconds })));
    },
  };
  return { ...queue, passed, state };
}

/** Who is connected, by stage; every look is noted with its time. */
export function fakeLooks(edge: { now: () => number }) {
  const people = new Map<string, readonly Connected[]>();
  const looks: { readonly stageArn: string; readonly atMs: number }[] = [];
  const state = { throttled: 0, failures: 0 };
  const stage: StageLooks = {
    async connected(stageArn) {
      looks.push({ stageArn, atMs: edge.now() });
      if (state.throttled-- > 0) return "throttled";
      if (state.failures-- > 0) throw new Error("IVS is away");
      return people.get(stageArn) ?? [];
    },
  };
  return { ...stage, people, looks, state };
}

export const message = <Body>(body: Body, messageId = JSON.stringify(body)) => ({ messageId, body });
