/** Stand-ins for what `screen-hints` and `verify-legs` work with: sightings, the stage, and the queue of doubts. */
import { participantId } from "../calls/ids.ts";
import { type Connected, type Hint, sightingsFrom, type Trace } from "../calls/presence.ts";
import type { Removal, RemovalPriority } from "../calls/removals.ts";
import type { Doubts, HintQueue } from "../handlers/media/hint-queues.ts";
import type { PresenceStore } from "../handlers/store/presence-store.ts";
import { CHECK_PACE_MS } from "../handlers/media/ivs/quotas.ts";
import { namedStage } from "../handlers/media/ivs/stage.ts";
import type { RoomChecks } from "../handlers/media/port.ts";
import { CALL } from "./builders.ts";
import type { fakeCalls } from "./fakes.ts";

export const ALICES_PLACE = participantId(CALL, 1, 1);
export const BOBS_PLACE = participantId(CALL, 2, 1);

export function fakePresence(calls: ReturnType<typeof fakeCalls>) {
  const traces = new Map<string, Trace>();
  const removals = new Map<string, Removal>();
  const state = { reads: 0, failures: 0 };
  const store: PresenceStore = {
    async known(callId) {
      state.reads += 1;
      if (state.failures-- > 0) throw new Error("the table is away");
      const call = await calls.read(callId);
      if (!call) return undefined;
      const participants = new Map([...traces].filter(([id]) => id.startsWith(callId)));
      return {
        call,
        sightings: sightingsFrom(call, participants.values()),
        participants,
        removals: new Map([...removals].filter(([, one]) => one.callId === callId)),
      };
    },
    async remember(what, { callId, leg, tokenNumber, atMs }) {
      const id = participantId(callId, leg, tokenNumber);
      const before = traces.get(id);
      const name = `${what}AtMs` as const;
      if ((before?.[name] ?? -1) < atMs) traces.set(id, { ...before, leg, tokenNumber, [name]: atMs });
    },
  };
  const list = {
    async replace(previous: Removal | undefined, next: Removal): Promise<boolean> {
      if (removals.get(next.target) !== previous) return false;
      removals.set(next.target, next);
      return true;
    },
    async due(priority: RemovalPriority, nowMs: number, limit: number) {
      const due = [...removals.values()].flatMap(({ callId, target, dueAtMs, priority: of }) =>
        dueAtMs !== undefined && dueAtMs <= nowMs && of === priority ? [{ callId, target, dueAtMs }] : [],
      );
      return due.toSorted((one, other) => one.dueAtMs - other.dueAtMs).slice(0, limit);
    },
  };
  /** When a leg was seen: with which token, and when. */
  const sighting = async (leg: number) => (await store.known(CALL))?.sightings.get(leg);
  return { ...store, traces, state, sighting, list, removals };
}

export function fakeQueue<Body>() {
  const passed: { readonly body: Body; readonly delaySeconds: number }[] = [];
  const queue: HintQueue<Body> = {
    async send(bodies, delaySeconds = 0) {
      passed.push(...bodies.map((body) => ({ body, delaySeconds })));
    },
  };
  return { ...queue, passed };
}

export function fakeDoubts() {
  const passed: { readonly hint: Hint; readonly delaySeconds: number }[] = [];
  const state = { failures: 0 };
  const queue: Doubts = {
    async send(hints, delaySeconds = 0) {
      if (state.failures-- > 0) throw new Error("the queue is away");
      passed.push(...hints.map((hint) => ({ hint, delaySeconds })));
    },
  };
  return { ...queue, passed, state };
}

/** Who is connected, by stage; every look is noted with its time. */
export function fakeChecks(edge: { now: () => number }) {
  const people = new Map<string, readonly Connected[]>();
  const asked: { readonly stageArn: string; readonly atMs: number }[] = [];
  const state = { throttled: 0, failures: 0 };
  const stage: RoomChecks = {
    paceMs: CHECK_PACE_MS,
    async connected(room) {
      const { arn: stageArn } = namedStage(room);
      asked.push({ stageArn, atMs: edge.now() });
      if (state.throttled-- > 0) return "throttled";
      if (state.failures-- > 0) throw new Error("IVS is away");
      return people.get(stageArn) ?? [];
    },
  };
  return { ...stage, people, asked, state };
}

export const message = <Body>(body: Body, messageId = JSON.stringify(body)) => ({ messageId, body });
