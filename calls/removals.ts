/**
 * Which participants must be removed from the media, because their part has ended. Pure. The provider's reports of publishing
 * are hints (presence.ts), and it does not report a participant that only listens.
 *
 * R1 In a call that goes on, every participant of a part that is over is removed, whatever the hints say: numbers 1 to the
 *    leg's token count at the end of that part, and no later one, so that a leg that comes back is safe.
 * R2 In a call that is over, once its grace has passed, only participants that may still publish are removed: seen to begin
 *    and not to stop, or in the call to its end without any report. Without publishers there is nothing to hear.
 * R3 If that is one participant, it is disconnected. For two or more, or if an operator ends the call for everyone, the
 *    stage is replaced, which is one request.
 * R4 "Not joined" is not "removed": the token lives on. Such a removal waits for the token's expiry; then one check
 *    of the stage closes it. If the participant is seen to publish, its removal is due at once.
 * R5 Persons removed by an operator come first, then calls that go on, then the rest; within each the longest wait first.
 */
import * as z from "zod/mini";
import { type Call, isOver, legNumbers, legOf } from "./call.ts";
import { callIdSchema, participantId, participantOf } from "./ids.ts";
import { MAX_REMOVAL_WAIT_MS } from "./limits.ts";
import type { Connected, KnownCall, Trace } from "./presence.ts";
import { roomSchema } from "./room.ts";

/** In the order in which they are carried out (R5). */
export const REMOVAL_PRIORITIES = ["person", "going_on", "ended"] as const;
export type RemovalPriority = (typeof REMOVAL_PRIORITIES)[number];

export const WHOLE_STAGE = "stage";

const epochMs = z.int().check(z.nonnegative());

export const removalSchema = z.object({
  callId: callIdSchema,
  /** Id of a participant, or `WHOLE_STAGE`. */
  target: z.string(),
  /** The room: what the media provider needs of it for a removal. */
  stage: roomSchema,
  priority: z.enum(REMOVAL_PRIORITIES),
  /** What it waits for: a request, or the token's expiry and a check (R4). */
  step: z.enum(["remove", "look"]),
  /** Absent once it is done. */
  dueAtMs: z.optional(epochMs),
  /** From then on the participant's token opens nothing. */
  tokenUntilMs: epochMs,
  outcome: z.optional(z.enum(["removed", "replaced", "not_joined", "not_needed"])),
});
export type Removal = z.infer<typeof removalSchema>;

/** A call with the reports of its participants, by id, and its removals, by target. */
export interface KnownStage extends Pick<KnownCall, "call"> {
  readonly participants: ReadonlyMap<string, Trace>;
  readonly removals: ReadonlyMap<string, Removal>;
}

/** The removals to write, given what is known now: new ones, and those that have become due. */
export function removalsDue(known: KnownStage, graceMs: number, nowMs: number): Removal[] {
  const { call } = known;
  const whole = known.removals.get(WHOLE_STAGE);
  if (!call.stage || whole?.dueAtMs !== undefined || whole?.outcome === "replaced") return [];
  const targets = isOver(call) ? targetsOfEnded(known, graceMs, nowMs) : participantsOver(call);
  return targets.flatMap((target) => {
    const priority = priorityOf(call, target);
    const hurries = target === WHOLE_STAGE || isPublishing(known, target);
    return dueAgain(known, { target, priority, hurries }, nowMs);
  });
}

/** The removals to write after a check has found these participants. */
export function removalsOfFound(
  known: KnownStage,
  connected: readonly Connected[],
  nowMs: number,
): Removal[] {
  if (!known.call.stage || isOver(known.call)) return [];
  const over = new Set(participantsOver(known.call));
  const found = connected.filter((one) => over.has(one.participantId));
  return found.flatMap(({ participantId: target }) =>
    dueAgain(known, { target, priority: priorityOf(known.call, target), hurries: true }, nowMs),
  );
}

/** What a due removal takes now: the call may have changed since it was written. */
export type RemovalAct = "nothing" | "look" | "disconnect" | "replace";

export function actOf(removal: Removal, known: KnownStage, nowMs: number): RemovalAct {
  const { call } = known;
  if (removal.step === "look") return isOver(call) ? "nothing" : "look";
  if (isOver(call) && !isEndedForEveryone(call)) {
    const left = stragglers(known);
    const still = removal.target === WHOLE_STAGE ? left.length > 0 : left.includes(removal.target);
    if (!still) return "nothing";
  }
  const waits = nowMs - (removal.dueAtMs ?? nowMs) > MAX_REMOVAL_WAIT_MS;
  return removal.target === WHOLE_STAGE || waits ? "replace" : "disconnect";
}

/** The media provider does not know the participant, which may join until its token expires. */
export function notJoined(removal: Removal, { call }: KnownStage, nowMs: number): Removal {
  if (isOver(call) || nowMs >= removal.tokenUntilMs) return done(removal, "not_joined");
  return { ...removal, step: "look", dueAtMs: removal.tokenUntilMs + 1 };
}

export function done({ dueAtMs: _due, ...removal }: Removal, outcome: Removal["outcome"]): Removal {
  return { ...removal, outcome };
}

/** Participants of parts that are over, of a call that goes on as well (R1). */
export const participantsOver = (call: Call): string[] =>
  legNumbers(call).flatMap((leg) => {
    const { tokensOver = 0, participantsOver: chosen } = legOf(call, leg);
    return chosen ?? numbered(call, leg, tokensOver);
  });

/** Participants of an ended call that may still publish and have not been removed (R2). */
const stragglers = (known: KnownStage): string[] =>
  legNumbers(known.call)
    .flatMap((leg) => stragglersOf(known, leg))
    .filter((target) => known.removals.get(target)?.outcome !== "removed");

function targetsOfEnded(known: KnownStage, graceMs: number, nowMs: number): string[] {
  const { call } = known;
  if (isEndedForEveryone(call)) return [WHOLE_STAGE];
  if (nowMs < (call.endedAtMs ?? nowMs) + graceMs) return [];
  const left = stragglers(known);
  return left.length > 1 ? [WHOLE_STAGE] : left;
}

function stragglersOf(known: KnownStage, leg: number): string[] {
  const { call, participants } = known;
  const { tokenCount, participantsOver: chosen, leftReason, leftAtMs = 0, joinedAtMs } = legOf(call, leg);
  const ids = numbered(call, leg, tokenCount);
  const publishing = ids.filter((id) => isPublishing(known, id));
  // Two checks did not find a dropped leg. Only what it does after that counts.
  if (leftReason === "dropped")
    return publishing.filter((id) => (participants.get(id)?.publishedAtMs ?? 0) > leftAtMs);
  const latest = chosen?.at(-1) ?? ids.at(-1);
  const wasIn = joinedAtMs !== undefined && leftAtMs === call.endedAtMs && call.answeredAtMs !== undefined;
  const unheardOf = latest !== undefined && !participants.has(latest) && wasIn;
  return unheardOf ? [...publishing, latest] : publishing;
}

/** A stop at the same moment counts: events come in any order. */
function isPublishing({ participants }: KnownStage, id: string): boolean {
  const { publishedAtMs, unpublishedAtMs = 0 } = participants.get(id) ?? {};
  return publishedAtMs !== undefined && publishedAtMs > unpublishedAtMs;
}

/** An operator has ended the whole call. */
export const isEndedForEveryone = ({ operatorActs = [] }: Call): boolean =>
  operatorActs.some(({ act }) => act === "ended");

const numbered = (call: Call, leg: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => participantId(call.callId, leg, index + 1));

function legOfParticipant(call: Call, id: string): number | undefined {
  const own = participantOf(id);
  if (own) return own.leg;
  return legNumbers(call).find((leg) => legOf(call, leg).participantsOver?.includes(id));
}

function priorityOf(call: Call, target: string): RemovalPriority {
  const leg = legOfParticipant(call, target);
  const byPerson =
    target === WHOLE_STAGE
      ? isEndedForEveryone(call) || legNumbers(call).some((one) => legOf(call, one).leftReason === "removed")
      : leg !== undefined && legOf(call, leg).leftReason === "removed";
  if (byPerson) return "person";
  return isOver(call) ? "ended" : "going_on";
}

interface Wanted {
  readonly target: string;
  readonly priority: RemovalPriority;
  /** It is there: a removal that waits for its token's expiry becomes due. */
  readonly hurries: boolean;
}

/** Nothing if it is on the list already, or finished. */
function dueAgain(
  { call, removals }: KnownStage,
  { target, priority, hurries }: Wanted,
  nowMs: number,
): Removal[] {
  const before = removals.get(target);
  const { stage } = call;
  if (!stage) return [];
  if (!before) {
    const tokenUntilMs = tokensUntilMs(call, legOfParticipant(call, target)) ?? nowMs;
    const { callId } = call;
    return [{ callId, target, stage, priority, step: "remove", dueAtMs: nowMs, tokenUntilMs }];
  }
  const checksLater = before.step === "look" && before.dueAtMs !== undefined;
  const waits = checksLater || before.outcome === "not_joined" || before.outcome === "not_needed";
  const { outcome: _outcome, ...again } = before;
  return hurries && waits ? [{ ...again, stage, priority, step: "remove", dueAtMs: nowMs }] : [];
}

/** A provider that chooses the ids also makes the tokens, perhaps for whole minutes. */
function tokensUntilMs(call: Call, leg: number | undefined): number | undefined {
  if (leg === undefined) return undefined;
  const { tokensUntilMs: untilMs, participantsOver: chosen } = legOf(call, leg);
  return chosen ? untilMs + 60_000 : untilMs;
}
