/**
 * Legs that vanish: pure. The media provider reports when participants begin and stop publishing, best effort: lost, repeated,
 * hours late, out of order. So a report is only a hint, and only checks of the stage end a leg.
 *
 * P1 A hint demands a check of the stage, unless what is known of the call answers it already.
 * P2 A leg is there if any of its participants is connected, whichever of its tokens it joined with and whether it
 *    publishes or not; else it is absent.
 * P3 The first check that finds a leg absent only doubts it. A second check, RECHECK_SECONDS later, ends the leg as dropped,
 *    unless in between the leg was seen publishing or asked for another token.
 * P4 Only the write that drops a leg raises `turn`.
 */
import * as z from "zod/mini";
import { type Call, type Leg, legNumbers, legOf } from "./call.ts";
import { callIdSchema, type ParticipantOf, participantOf } from "./ids.ts";
import { JOIN_SECONDS, RECHECK_SECONDS } from "./limits.ts";
import { leave, nextVersion } from "./legs.ts";
import type { Rule } from "./rules.ts";
import { announceLegEnds } from "./snapshot.ts";

const callId = callIdSchema;
const atMs = z.int().check(z.nonnegative());
const leg = z.int().check(z.positive());
const tokenNumber = z.int().check(z.positive());

/** Why a call's room should be checked. */
export const hintSchema = z.discriminatedUnion("kind", [
  /** The media provider says that a participant stopped publishing. */
  z.object({ kind: z.literal("unpublished"), callId, leg, tokenNumber, atMs }),
  /** The call was answered, or another leg joined, JOIN_SECONDS ago. */
  z.object({ kind: z.literal("answered"), callId }),
  /** At that time the call's stage had no session. */
  z.object({ kind: z.literal("no_session"), callId, atMs }),
  /** A check doubted a leg RECHECK_SECONDS ago. */
  z.object({ kind: z.literal("doubted"), callId }),
  /** The token of a participant that never joined and whose part is over has expired: calls/removals.ts. */
  z.object({ kind: z.literal("expired"), callId }),
]);
export type Hint = z.infer<typeof hintSchema>;

/** When a leg was last seen publishing, by the media provider's clock. */
export interface Sighting {
  readonly tokenNumber: number;
  readonly atMs: number;
}

/** The media provider's reports of one participant: when it last began to publish, and when it last stopped. */
export interface Trace extends Pick<ParticipantOf, "leg" | "tokenNumber"> {
  readonly publishedAtMs?: number | undefined;
  readonly unpublishedAtMs?: number | undefined;
}

/**
 * When each leg was seen, with its latest token. A caller who stopped publishing before the answer counts as never
 * seen: the check after the answer covers them.
 */
export function sightingsFrom(
  { answeredAtMs = Number.POSITIVE_INFINITY }: Pick<Call, "answeredAtMs">,
  traces: Iterable<Trace>,
): Map<number, Sighting> {
  const latest = new Map<number, Trace>();
  for (const trace of traces) {
    const newer = trace.tokenNumber > (latest.get(trace.leg)?.tokenNumber ?? 0);
    if (trace.publishedAtMs !== undefined && newer) latest.set(trace.leg, trace);
  }
  const seen = [...latest].flatMap(([leg, { tokenNumber, publishedAtMs = 0, unpublishedAtMs }]) => {
    const stopped = unpublishedAtMs !== undefined && unpublishedAtMs >= publishedAtMs;
    const forgotten = stopped && unpublishedAtMs < answeredAtMs;
    return forgotten ? [] : [[leg, { tokenNumber, atMs: publishedAtMs }] as const];
  });
  return new Map(seen);
}

export interface KnownCall {
  readonly call: Call;
  /** By leg number. */
  readonly sightings: ReadonlyMap<number, Sighting>;
}

/** The newer sighting of one leg: the later token, then the later time. */
export const isNewer = (one: Sighting, other: Sighting | undefined): boolean =>
  !other ||
  one.tokenNumber > other.tokenNumber ||
  (one.tokenNumber === other.tokenNumber && one.atMs > other.atMs);

/** Also false if the question is settled: the call is over, or the leg has left. */
export function needsCheck(hint: Hint, known: KnownCall, nowMs: number): boolean {
  const { call, sightings } = known;
  if (call.status !== "answered" || nowMs >= call.deadlineMs) return false;
  const joined = joinedLegs(call);
  switch (hint.kind) {
    case "unpublished": {
      const seen = sightings.get(hint.leg);
      return joined.includes(hint.leg) && !(seen && isNewer(seen, hint));
    }
    case "answered":
      return joined.some((one) => !sightings.has(one));
    case "no_session":
      return joined.every(
        (one) => mayJoinUntilMs(call, one) <= hint.atMs && !seenSince(known, one, hint.atMs),
      );
    case "doubted":
      return joined.some((one) => validDoubt(known, one));
    case "expired":
      return true;
  }
}

/** What a check of the stage found. */
export interface RoomCheck {
  readonly atMs: number;
  readonly connected: readonly Connected[];
}

export interface Connected {
  readonly participantId: string;
  readonly userId?: string | undefined;
}

/** Applies a check's findings; `sightings` are what was known beside it. */
export const applyCheck =
  (check: RoomCheck, sightings: KnownCall["sightings"]): Rule =>
  (call, nowMs) => {
    if (call.status !== "answered" || nowMs >= call.deadlineMs) return { kind: "already", call, events: [] };
    const known = { call, sightings };
    const findings = joinedLegs(call).map((one) => [one, findingOn(known, one, check)] as const);
    const dropped = findings.filter(([, finding]) => finding === "dropped").map(([one]) => one);
    const doubts = findings.filter((entry): entry is [number, Leg["doubt"]] => entry[1] !== "dropped");
    const doubting = withDoubts(call, new Map(doubts));
    if (dropped.length > 0) {
      const next = leave(doubting, dropped, "dropped", nowMs);
      return { kind: "changed", call: next, events: announceLegEnds(next, dropped) };
    }
    if (doubting === call) return { kind: "already", call, events: [] };
    return { kind: "changed", call: nextVersion(doubting), events: [] };
  };

/** Whether another check is needed, RECHECK_SECONDS after the newest doubt. */
export const hasDoubts = (known: KnownCall): boolean =>
  known.call.status === "answered" && joinedLegs(known.call).some((one) => validDoubt(known, one));

/** How long a check would still be too early: a leg may be on its way, or a doubt is too recent. 0 if it is time. */
export function checkDueInMs(known: KnownCall, nowMs: number): number {
  const { call, sightings } = known;
  const dueMs = joinedLegs(call).map((one) => {
    const doubt = validDoubt(known, one);
    if (doubt) return doubt.sinceMs + RECHECK_SECONDS * 1000;
    return sightings.has(one) ? nowMs : mayJoinUntilMs(call, one);
  });
  return Math.max(0, ...dueMs.map((ms) => ms - nowMs));
}

type LegFinding = Leg["doubt"] | "dropped";

function findingOn(known: KnownCall, one: number, check: RoomCheck): LegFinding {
  const { call } = known;
  if (check.connected.some((participant) => isOf(call, one, participant))) return undefined;
  // Seen since then, or not yet due: that this check did not find it proves nothing.
  if (seenSince(known, one, check.atMs)) return undefined;
  if (!known.sightings.has(one) && check.atMs < mayJoinUntilMs(call, one)) return undefined;
  const doubt = validDoubt(known, one);
  if (!doubt) return { sinceMs: check.atMs, tokenCount: legOf(call, one).tokenCount };
  return check.atMs - doubt.sinceMs >= RECHECK_SECONDS * 1000 ? "dropped" : doubt;
}

/** Participants whose id the media provider chose are known by their client. */
function isOf(call: Call, one: number, { participantId, userId }: Connected): boolean {
  const own = participantOf(participantId);
  return own ? own.callId === call.callId && own.leg === one : userId === legOf(call, one).clientId;
}

function validDoubt(known: KnownCall, one: number): Leg["doubt"] {
  const { doubt, tokenCount } = legOf(known.call, one);
  if (!doubt || tokenCount > doubt.tokenCount) return undefined;
  return seenSince(known, one, doubt.sinceMs) ? undefined : doubt;
}

function seenSince({ sightings }: KnownCall, one: number, sinceMs: number): boolean {
  const seen = sightings.get(one);
  return seen !== undefined && seen.atMs > sinceMs;
}

function withDoubts(call: Call, doubts: ReadonlyMap<number, Leg["doubt"]>): Call {
  const changed = [...doubts].filter(
    ([one, doubt]) => JSON.stringify(legOf(call, one).doubt) !== JSON.stringify(doubt),
  );
  if (changed.length === 0) return call;
  const legs = changed.map(([one, doubt]) => {
    const { doubt: _old, ...rest } = legOf(call, one);
    return [one, doubt ? { ...rest, doubt } : rest];
  });
  return { ...call, legs: { ...call.legs, ...Object.fromEntries(legs) } };
}

const joinedLegs = (call: Call): number[] =>
  legNumbers(call).filter((one) => legOf(call, one).status === "joined");

/** Until then a leg that was never seen may still be joining. */
function mayJoinUntilMs(call: Call, one: number): number {
  const { joinedAtMs = 0 } = legOf(call, one);
  return Math.max(joinedAtMs, call.answeredAtMs ?? 0) + JOIN_SECONDS * 1000;
}
