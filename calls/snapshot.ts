/** A call as events and the workflow see it. */
import {
  CallAnswered,
  CallCancelled,
  CallDeclined,
  CallEnded,
  CallInitiated,
  CallRinging,
} from "../events/call-progress.ts";
import type { CallSnapshot, LegSnapshot } from "../events/call-snapshot.ts";
import type { Announcement } from "../events/event.ts";
import {
  LegEnded,
  LegInvited,
  LegJoined,
  LegMoved,
  LegUpdated,
  type LegUpdatedDetail,
  ParticipantTokenIssued,
} from "../events/legs.ts";
import { type Call, isRung, type Leg, legNumbers, legOf, legsOf } from "./call.ts";
import { type ClientId, participantId } from "./ids.ts";
import { MAX_PUT_EVENTS } from "./limits.ts";
import { phonesToTell } from "./pushes-due.ts";

export function snapshot(call: Call): CallSnapshot {
  const { callId, version, status, endReason, media, callerId, calleeId, createdAtMs, ringUntilMs } = call;
  const { answeredAtMs, endedAtMs, causedBy } = call;
  return {
    v: 1,
    callId,
    version,
    ...(causedBy !== undefined && { causedBy }),
    status,
    ...(endReason && { endReason }),
    media,
    callerId,
    calleeId,
    createdAtMs,
    ringUntilMs,
    ...(answeredAtMs !== undefined && { answeredAtMs }),
    ...(endedAtMs !== undefined && { endedAtMs }),
  };
}

function legSnapshot(call: Call, leg: number): LegSnapshot {
  const { clientId, role, status, leftReason } = legOf(call, leg);
  const legEnd = leftReason && { legEndReason: leftReason };
  return { leg, clientId, otherClientId: otherClientId(call, clientId), role, legStatus: status, ...legEnd };
}

/** The client that a leg's phone shows: the caller, or for the caller's leg the first callee. */
export const otherClientId = (call: Call, clientId: ClientId): ClientId =>
  clientId === call.callerId ? call.calleeId : call.callerId;

/** The legs whose phones may know of the call. */
const audience = (call: Call): number[] =>
  legNumbers(call).filter((leg) => legOf(call, leg).silenced === undefined);

/** What the workflow carries from one read of the call to the next: outcomes and ids, no token of any kind. */
export interface WorkflowView {
  readonly turn: number;
  /** When the workflow must read the call again, whatever happens (W6). */
  readonly dueAtMs: number;
  /** Some phones must ring or fall silent and have not been told yet. */
  readonly phonesToTell: boolean;
  /** No phone is told: the callee blocks the caller or has do not disturb on. */
  readonly silenced: boolean;
  /** The call, and the call as its legs see it. Executions of the previous release publish them, as many as one PutEvents takes. */
  readonly snapshot: CallSnapshot;
  readonly legs: readonly LegUpdatedDetail[];
}

export function workflowView(call: Call): WorkflowView {
  return {
    turn: call.turn,
    dueAtMs: dueAtMs(call),
    phonesToTell: phonesToTell(call),
    silenced: legsOf(call).some(({ silenced }) => silenced !== undefined),
    snapshot: snapshot(call),
    legs: legUpdates(call).slice(0, LEGS_OF_WORKFLOW),
  };
}

/** Beside the event about the call itself. */
const LEGS_OF_WORKFLOW = MAX_PUT_EVENTS - 1;

const legUpdates = (call: Call): LegUpdatedDetail[] =>
  audience(call).map((leg) => ({ ...snapshot(call), ...legSnapshot(call, leg) }));

/** The earliest deadline on the item. */
export function dueAtMs(call: Call): number {
  const rings = legsOf(call).filter(isRung);
  return Math.min(call.deadlineMs, ...rings.map(({ ringUntilMs }) => ringUntilMs));
}

const turningPoints = { CallInitiated, CallRinging, CallAnswered, CallDeclined, CallCancelled, CallEnded };

/** One event about the whole call, and one about each leg, which phones follow live. */
export const announce = (name: keyof typeof turningPoints, call: Call): Announcement[] => [
  announceCall(name, call),
  ...announceLegs(call),
];

/** Phones know it already, from the events of their legs. */
export const announceCall = (name: keyof typeof turningPoints, call: Call): Announcement => ({
  name: turningPoints[name].name,
  detail: { ...snapshot(call), ...(name === "CallRinging" && ringingSince(call)) },
});

function ringingSince(call: Call): { readonly ringingAtMs?: number } {
  const [first] = legsOf(call)
    .flatMap(({ ringingAtMs }) => ringingAtMs ?? [])
    .toSorted((one, other) => one - other);
  return first === undefined ? {} : { ringingAtMs: first };
}

/** Events of a call that changed without waking its workflow: its function may have crashed before publishing (W7). */
export const announceAgain = (call: Call): Announcement[] =>
  call.status === "answered" ? announce("CallAnswered", call) : announceLegs(call);

export const announceLegs = (call: Call): Announcement[] =>
  legUpdates(call).map((detail) => ({ name: LegUpdated.name, detail }));

/** The first to join answers the call. */
export function announceJoin(call: Call, leg: number): Announcement[] {
  if (legOf(call, leg).joinedAtMs === call.answeredAtMs) return announce("CallAnswered", call);
  return [announceLeg(LegJoined.name, call, leg), ...announceLegs(call)];
}

export const announceInvitations = (call: Call, legs: readonly number[]): Announcement[] => [
  ...legs.map((leg) => announceLeg(LegInvited.name, call, leg)),
  ...announceLegs(call),
];

/** Another phone of the leg's client takes part from now on. */
export const announceMove = (call: Call, leg: number): Announcement[] => [
  announceLeg(LegMoved.name, call, leg),
  ...announceLegs(call),
];

/** One event for each leg that has ended: the named ones, and those that the end of the call has ended. */
export function announceLegEnds(call: Call, legs: readonly number[]): Announcement[] {
  const [first, ...others] = endedLegs(call, legs);
  return [
    ...(first === undefined ? [] : [announceLeg(LegEnded.name, call, first)]),
    ...others.map((leg) => announceSleepily(call, leg)),
    ...announceLegs(call),
  ];
}

/** An event about the whole call, and one for each leg that it has ended. */
export const announceEnd = (
  name: "CallCancelled" | "CallDeclined",
  call: Call,
  legs: readonly number[],
): Announcement[] => [
  { name, detail: snapshot(call) },
  ...endedLegs(call, legs).map((leg) => announceSleepily(call, leg)),
  ...announceLegs(call),
];

/** The event before this one wakes the workflow. */
function announceSleepily(call: Call, leg: number): Announcement {
  const { name, detail } = announceLeg(LegEnded.name, call, leg);
  return { name, detail: { ...detail, wakes: false } };
}

const endedLegs = (call: Call, legs: readonly number[]): number[] => [
  ...new Set([...legs, ...legNumbers(call).filter((leg) => endedWithCall(call, legOf(call, leg)))]),
];

const endedWithCall = (call: Call, { leftAtMs }: Leg): boolean =>
  call.endedAtMs !== undefined && leftAtMs === call.endedAtMs;

const announceLeg = (name: string, call: Call, leg: number): Announcement => ({
  name,
  detail: { ...snapshot(call), ...legSnapshot(call, leg) },
});

export function announceToken(call: Call, leg: number): Announcement {
  const { tokenCount, tokensUntilMs, joinedAtMs } = legOf(call, leg);
  return {
    name: ParticipantTokenIssued.name,
    detail: {
      ...snapshot(call),
      ...legSnapshot(call, leg),
      participantId: participantId(call.callId, leg, tokenCount),
      ...(joinedAtMs !== undefined && { expiresAtMs: tokensUntilMs }),
    },
  };
}
