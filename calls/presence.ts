/**
 * Legs that vanish: pure. The media provider says who began and who stopped publishing, best effort: lost, repeated,
 * hours late, out of order. So what it says is a hint, and a leg ends by what was seen on the stage.
 *
 * P1 A hint demands a look at the stage, unless what is known of the call answers it already.
 * P2 A leg is there if any of its participants is connected, whichever of its tokens it joined with and whether it
 *    publishes or not; else it is absent.
 * P3 The first look that finds a leg absent only doubts it. A second one, LOOK_AGAIN_SECONDS later, ends it as dropped,
 *    unless in between somebody of it was seen publishing or has asked for another token.
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

/** Why somebody should look whether a call's legs are still there. */
export const hintSchema = z.discriminatedUnion("kind", [
  /** The media provider says that a participant stopped publishing. */
  z.object({ kind: z.literal("unpublished"), callId, leg, tokenNumber, atMs }),
  /** The call was answered, or somebody else joined, JOIN_SECONDS ago. */
  z.object({ kind: z.literal("answered"), callId }),
  /** At that time the call's stage had no session. */
  z.object({ kind: z.literal("no_session"), callId, atMs }),
  /** A look has doubted a leg LOOK_AGAIN_SECONDS ago. */
  z.object({ kind: z.literal("doubted"), callId }),
  /** The token of a participant whose part is over, and who had not joined, has expired: calls/removals.ts. */
  z.object({ kind: z.literal("expired"), callId }),
]);
export type Hint = z.infer<typeof hintSchema>;

/** The latest that a leg was seen publishing, as the media provider dates it. */
export interface Sighting {
  readonly tokenNumber: number;
  readonly atMs: number;
}

/** What the media provider has said of one participant: the latest time that it began to publish, and the latest that it stopped. */
export interface Trace extends Pick<ParticipantOf, "leg" | "tokenNumber"> {
  readonly publishedAtMs?: number | undefined;
  readonly unpublishedAtMs?: number | undefined;
}

/**
 * When each leg was seen, with its latest token. A caller who stopped publishing before the answer is as good as never
 * seen: the check after the answer will look.
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

/** Of one leg: a later token beats an earlier one, and then the later moment. */
export const isNewer = (one: Sighting, other: Sighting | undefined): boolean =>
  !other ||
  one.tokenNumber > other.tokenNumber ||
  (one.tokenNumber === other.tokenNumber && one.atMs > other.atMs);

/** False as well for what cannot happen any more: the call is over, or the leg has left. */
export function demandsLook(hint: Hint, known: KnownCall, nowMs: number): boolean {
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

/** What a look at the stage saw. */
export interface RoomCheck {
  readonly atMs: number;
  readonly connected: readonly Connected[];
}

export interface Connected {
  readonly participantId: string;
  readonly userId?: string | undefined;
}

/** Draws the consequence of a look; `sightings` are what was known beside it. */
export const applyCheck =
  (look: RoomCheck, sightings: KnownCall["sightings"]): Rule =>
  (call, nowMs) => {
    if (call.status !== "answered" || nowMs >= call.deadlineMs) return { kind: "already", call, events: [] };
    const known = { call, sightings };
    const verdicts = joinedLegs(call).map((one) => [one, findingOn(known, one, look)] as const);
    const gone = verdicts.filter(([, verdict]) => verdict === "gone").map(([one]) => one);
    const doubts = verdicts.filter((entry): entry is [number, Leg["doubt"]] => entry[1] !== "gone");
    const doubting = withDoubts(call, new Map(doubts));
    if (gone.length > 0) {
      const next = leave(doubting, gone, "dropped", nowMs);
      return { kind: "changed", call: next, events: announceLegEnds(next, gone) };
    }
    if (doubting === call) return { kind: "already", call, events: [] };
    return { kind: "changed", call: nextVersion(doubting), events: [] };
  };

/** Whether somebody has to look again, LOOK_AGAIN_SECONDS after the youngest doubt. */
export const hasDoubts = (known: KnownCall): boolean =>
  known.call.status === "answered" && joinedLegs(known.call).some((one) => validDoubt(known, one));

/** How long a look would still come too early: a leg may be on its way, or a doubt is too young. 0 if it is time. */
export function checkDueInMs(known: KnownCall, nowMs: number): number {
  const { call, sightings } = known;
  const dueMs = joinedLegs(call).map((one) => {
    const doubt = validDoubt(known, one);
    if (doubt) return doubt.sinceMs + RECHECK_SECONDS * 1000;
    return sightings.has(one) ? nowMs : mayJoinUntilMs(call, one);
  });
  return Math.max(0, ...dueMs.map((ms) => ms - nowMs));
}

type LegFinding = Leg["doubt"] | "gone";

function findingOn(known: KnownCall, one: number, look: RoomCheck): LegFinding {
  const { call } = known;
  if (look.connected.some((participant) => isOf(call, one, participant))) return undefined;
  // Seen since then, or not yet due: what this look did not see proves nothing.
  if (seenSince(known, one, look.atMs)) return undefined;
  if (!known.sightings.has(one) && look.atMs < mayJoinUntilMs(call, one)) return undefined;
  const doubt = validDoubt(known, one);
  if (!doubt) return { sinceMs: look.atMs, tokenCount: legOf(call, one).tokenCount };
  return look.atMs - doubt.sinceMs >= RECHECK_SECONDS * 1000 ? "gone" : doubt;
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

/** Until then a leg that was never seen may still be on its way. */
function mayJoinUntilMs(call: Call, one: number): number {
  const { joinedAtMs = 0 } = legOf(call, one);
  return Math.max(joinedAtMs, call.answeredAtMs ?? 0) + JOIN_SECONDS * 1000;
}
