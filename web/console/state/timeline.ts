/** What happened to a call, in one order: its states, events, pushes, tokens, legs, and what went wrong. */
import { deviceOfKey } from "../../../calls/device-key.ts";
import { callSnapshotSchema } from "../../../events/call-snapshot.ts";
import { ParticipantTokenIssued } from "../../../events/legs.ts";
import { PushSent } from "../../../events/push-sent.ts";
import { costOfVisit, LIST_PRICES, type Walked } from "./cost.ts";
import type { BusEvent, CallFacts, Leg, OperatorAct, Party, StoredCall } from "./facts.ts";
import { waitErrorWord } from "./wait-errors.ts";
import { nameOf, pushWord, reasonWord } from "./words.ts";

export const ENTRY_KINDS = ["state", "event", "push", "token", "leg", "error", "retry"] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

export interface Entry {
  readonly key: string;
  readonly kind: EntryKind;
  readonly atMs: number;
  readonly durationMs?: number;
  readonly title: string;
  readonly note?: string;
  /** The state of the graph that it belongs to. */
  readonly state?: string;
  readonly dollars?: number;
  /** Repeats that came with it: an event goes out once for each leg. */
  readonly times?: number;
  readonly goesOn?: boolean;
}

export interface Timeline {
  readonly startMs: number;
  readonly entries: readonly Entry[];
}

export function timelineOf(facts: CallFacts, walks: readonly Walked[]): Timeline {
  const entries = [
    ...walks.flatMap((walk) => ofWalk(walk, walks.length > 1)),
    ...ofEvents(facts.events),
    ...(facts.call ? ofCall(facts.call, facts.parties) : []),
  ].toSorted((one, other) => one.atMs - other.atMs || rankOf(one) - rankOf(other));
  return { startMs: facts.call?.createdAtMs ?? entries[0]?.atMs ?? 0, entries };
}

/** In one millisecond: who did something, what was said of it, what the workflow did then. */
const RANKS: Readonly<Record<EntryKind, number>> = {
  leg: 0,
  event: 1,
  state: 2,
  token: 3,
  push: 3,
  error: 4,
  retry: 5,
};
const rankOf = ({ kind }: Entry): number => RANKS[kind];

function ofWalk({ execution, visits }: Walked, isOneOfMany: boolean): Entry[] {
  const note = isOneOfMany ? { note: `execution ${execution.name}` } : {};
  return visits.flatMap((visit): Entry[] => {
    const { name: state, order, enteredAtMs, leftAtMs, outcome, attempts, errors } = visit;
    const key = `${execution.name} ${order}`;
    const expected = errors.flatMap(({ error }) => expectedWord(error) ?? []);
    const entered: Entry = {
      key,
      kind: "state",
      atMs: enteredAtMs,
      title: state,
      state,
      dollars: costOfVisit(visit, execution.history),
      ...note,
      ...(expected.length > 0 && { note: expected.join(", ") }),
      ...(leftAtMs !== undefined && { durationMs: leftAtMs - enteredAtMs }),
      ...(outcome === "here" && { goesOn: true }),
    };
    const wrong = errors
      .filter(({ error }) => expectedWord(error) === undefined)
      .map(({ error, cause, atMs, eventId }): Entry => ({
        key: `${key} error ${eventId}`,
        kind: "error",
        atMs,
        title: `${error} in ${state}`,
        state,
        ...(cause !== undefined && { note: cause }),
      }));
    const again = attempts.slice(1).map((atMs, index): Entry => ({
      key: `${key} attempt ${index + 2}`,
      kind: "retry",
      atMs,
      title: `${state}: attempt ${index + 2}`,
      state,
      dollars: LIST_PRICES.transition,
    }));
    return [entered, ...wrong, ...again];
  });
}

/** How a wait of the call's workflow may end without anything being wrong. */
const EXPECTED: Readonly<Record<string, string>> = {
  "States.Timeout": "ended by its time",
  "DynamoDb.ConditionalCheckFailedException": "the call had moved on before",
};
export const expectedWord = (error: string): string | undefined => EXPECTED[error] ?? waitErrorWord(error);

/** Repeats of an event that are this close are one entry. */
const TOGETHER_MS = 50;

function ofEvents(events: readonly BusEvent[]): Entry[] {
  const entries: Entry[] = [];
  for (const event of events) {
    const said = saidBy(event);
    const before = entries.findLast(({ title, note }) => title === said.title && note === said.note);
    if (before && event.atMs - before.atMs <= TOGETHER_MS) {
      const times = (before.times ?? 1) + 1;
      entries[entries.indexOf(before)] = { ...before, times, dollars: times * LIST_PRICES.event };
      continue;
    }
    entries.push({ key: event.id, atMs: event.atMs, dollars: LIST_PRICES.event, ...said });
  }
  return entries;
}

/** Of a push. */
const outcomeWord = (outcome: string): string => outcome.replaceAll("_", " ");

function saidBy({ type, detail, atMs }: BusEvent): Pick<Entry, "kind" | "title" | "note"> {
  const pushed = type === PushSent.name ? PushSent.schema.safeParse(detail) : undefined;
  if (pushed?.success) {
    const counts = Object.entries(pushed.data.outcomes).map(
      ([outcome, count]) => `${count} ${outcomeWord(outcome)}`,
    );
    const told = counts.join(", ") || "no phone was told";
    return { kind: "event", title: type, note: `${pushWord(pushed.data.type)}: ${told}` };
  }
  const issued =
    type === ParticipantTokenIssued.name ? ParticipantTokenIssued.schema.safeParse(detail) : undefined;
  if (issued?.success) {
    const { leg, expiresAtMs } = issued.data;
    const valid =
      expiresAtMs === undefined
        ? "valid from the answer on"
        : `valid for ${Math.round((expiresAtMs - atMs) / 1000)} s`;
    return { kind: "token", title: `Participant token for leg ${leg}`, note: valid };
  }
  const snapshot = callSnapshotSchema.safeParse(detail);
  const { status, version } = snapshot.data ?? {};
  return { kind: "event", title: type, ...(status && { note: `${status}, version ${version}` }) };
}

function ofCall(call: StoredCall, parties: readonly Party[]): Entry[] {
  const legs = Object.entries(call.legs);
  const made = legs.flatMap(([number, leg]) => ofLeg(number, leg, parties));
  const cleaned: Entry[] =
    call.cleanedUpAtMs === undefined
      ? []
      : [
          {
            key: "cleaned up",
            kind: "leg",
            atMs: call.cleanedUpAtMs,
            title: "The call holds nothing any more",
          },
        ];
  return [...ofOperators(call, parties), ...made, ...cleaned];
}

const ofOperators = ({ operatorActs = [] }: StoredCall, parties: readonly Party[]): Entry[] =>
  operatorActs.map((done, index) => ({
    key: `operator ${index}`,
    kind: "leg",
    atMs: done.atMs,
    title: `${done.username} ${deedOf(done, parties)}`,
    note: "as an operator",
  }));

function deedOf({ act, clientId }: OperatorAct, parties: readonly Party[]): string {
  const known = parties.find((party) => party.clientId === clientId);
  const whom = known ? nameOf(known) : nameOf({ clientId: clientId ?? "?" });
  switch (act) {
    case "ended":
      return "ends the call for everyone";
    case "removed":
      return `removes ${whom}`;
    case "added":
      return `adds ${whom}`;
  }
}

function ofLeg(number: string, leg: Leg, parties: readonly Party[]): Entry[] {
  const who = nameOf(parties.find(({ clientId }) => clientId === leg.clientId) ?? leg);
  const { role, joinedAtMs, leftAtMs, leftReason, deviceId } = leg;
  const entry = (what: string, atMs: number, more: Partial<Entry> = {}): Entry => ({
    key: `leg ${number} ${what}`,
    kind: "leg",
    atMs,
    title: `${who} ${what}`,
    ...more,
  });
  const by = deviceId === undefined ? {} : { note: `with ${deviceId}` };
  const entries: Entry[] = [];
  if (joinedAtMs !== undefined) entries.push(entry(role === "caller" ? "calls" : "answers", joinedAtMs, by));
  if (leftAtMs !== undefined) {
    entries.push(entry("is out", leftAtMs, leftReason && { note: reasonWord(leftReason).toLowerCase() }));
  }
  for (const [key, { pushes, ringingAtMs }] of Object.entries(leg.devices)) {
    const device = deviceOfKey(key);
    if (ringingAtMs !== undefined) entries.push(entry(`rings on ${device}`, ringingAtMs));
    for (const [type, { outcome, channel, reason, atMs }] of Object.entries(pushes)) {
      entries.push({
        key: `push ${number} ${device} ${type}`,
        kind: "push",
        atMs,
        title: `${pushWord(type)} to ${device}`,
        note: [channel, outcomeWord(outcome), reason].filter(Boolean).join(", "),
        dollars: LIST_PRICES.push,
      });
    }
  }
  return entries;
}
