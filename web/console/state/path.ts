/**
 * The way an execution took through its state machine, read off its history.
 *
 * Z1 An event belongs to the visit that its `previousEventId` leads to; what enters a state begins a visit.
 * Z2 What belongs to a Map or Parallel itself (its start, its iterations, its exit) belongs to that visit, not to the last
 *    state inside.
 * Z3 Event 2, and what comes from outside of a state, follow nothing (`previousEventId` 0).
 * Z4 A redrive goes on with the visit that had failed, without entering the state again.
 */
import type { HistoryEvent } from "./facts.ts";
import { isWaitError } from "./wait-errors.ts";

export interface TaskError {
  readonly error: string;
  readonly cause?: string;
  readonly atMs: number;
  readonly eventId: number;
}

/** `caught`: it went wrong and the workflow went on. `stopped`: something else ended it. */
export type Outcome = "here" | "left" | "caught" | "failed" | "stopped";

export interface Visit {
  /** From 1, as states were entered. */
  readonly order: number;
  readonly name: string;
  /** Task, Choice, Map …, as the history has it. */
  readonly kind: string;
  readonly enteredAtMs: number;
  readonly leftAtMs?: number;
  readonly outcome: Outcome;
  /** How often its task was scheduled: each one after the first is a retry or a redrive. */
  readonly attempts: readonly number[];
  readonly redrives: number;
  readonly errors: readonly TaskError[];
  readonly eventIds: readonly number[];
  /** The orders of the visit before it on its branch, and of the Map or Parallel that it is in. */
  readonly after?: number;
  readonly inside?: number;
}

export interface Step {
  readonly from: string;
  readonly to: string;
  readonly atMs: number;
  /** An error led there. */
  readonly caught: boolean;
}

export interface Path {
  readonly visits: readonly Visit[];
  readonly steps: readonly Step[];
  /** The states it is in now: more than one within a Parallel or Map. */
  readonly here: readonly string[];
}

type Draft = { -readonly [Key in keyof Visit]: Visit[Key] } & {
  /** Of a Map or Parallel: all that was inside went well. */
  succeeded: boolean;
  attempts: number[];
  errors: TaskError[];
  eventIds: number[];
};

const CONTAINER_EVENT = /^(Map|Parallel)(?:Iteration|State|Run)/;
const FAILURE = /(?:Failed|TimedOut|Aborted)$/;
const SCHEDULED = /^(Task|LambdaFunction|Activity)Scheduled$/;

export function pathOf(history: readonly HistoryEvent[]): Path {
  const visits: Draft[] = [];
  const visitOf = new Map<number, Draft>();
  const wasExit = new Set<number>();
  for (const event of history) {
    const before = visitOf.get(event.previousEventId);
    if (event.type.startsWith("Execution")) {
      const touched = ofExecution(event, visits);
      if (touched) visitOf.set(event.id, touched);
      continue;
    }
    const visit = event.type.endsWith("StateEntered")
      ? entered(event, visits, { before, followed: wasExit.has(event.previousEventId) })
      : ownerOf(event, before, visits);
    if (!visit) continue;
    visitOf.set(event.id, visit);
    visit.eventIds.push(event.id);
    happens(visit, event);
    if (!event.type.endsWith("StateExited")) continue;
    wasExit.add(event.id);
    closeInside(visit, visits);
  }
  return { visits, steps: stepsOf(visits), here: hereOf(visits) };
}

const textIn = (event: HistoryEvent, key: string): string | undefined => {
  const value = event.details?.[key];
  if (typeof value === "string") return value;
  return value === undefined ? undefined : JSON.stringify(value);
};

interface Before {
  readonly before: Draft | undefined;
  /** The event before left its state: the next one comes after it, not within. */
  readonly followed: boolean;
}

function entered(event: HistoryEvent, visits: Draft[], { before, followed }: Before): Draft {
  const inside = followed ? before?.inside : before?.order;
  const visit: Draft = {
    order: visits.length + 1,
    name: textIn(event, "name") ?? "?",
    kind: event.type.replace("StateEntered", ""),
    succeeded: false,
    enteredAtMs: event.atMs,
    outcome: "here",
    attempts: [],
    redrives: 0,
    errors: [],
    eventIds: [],
    ...(followed && before && { after: before.order }),
    ...(inside !== undefined && { inside }),
  };
  visits.push(visit);
  return visit;
}

function ownerOf(event: HistoryEvent, before: Draft | undefined, visits: Draft[]): Draft | undefined {
  const named = textIn(event, "name");
  if (event.type.endsWith("StateExited") && named !== undefined) return openOf(visits, before, named);
  const [, container] = CONTAINER_EVENT.exec(event.type) ?? [];
  if (container !== undefined && before) return containerOf(container, before, visits);
  // From outside of a state (Z3): an expression that failed is of the state that was entered last.
  return before ?? visits.findLast(({ outcome }) => outcome === "here");
}

/** The state that is left: of several open visits of it, the one on this branch. */
function openOf(visits: Draft[], before: Draft | undefined, name: string): Draft | undefined {
  for (let visit = before; visit; visit = outerOf(visits, visit)) if (visit.name === name) return visit;
  return visits.findLast((visit) => visit.name === name && visit.outcome !== "left");
}

const outerOf = (visits: Draft[], { inside }: Draft): Draft | undefined =>
  inside === undefined ? undefined : visits[inside - 1];

/** What a Map or Parallel says of itself often follows the last state inside it (Z2). */
function containerOf(kind: string, before: Draft, visits: Draft[]): Draft {
  for (let visit: Draft | undefined = before; visit; visit = outerOf(visits, visit)) {
    if (visit.kind === kind && visit.leftAtMs === undefined) return visit;
  }
  return before;
}

function happens(visit: Draft, event: HistoryEvent): void {
  if (SCHEDULED.test(event.type)) visit.attempts.push(event.atMs);
  const error = textIn(event, "error");
  if (FAILURE.test(event.type) && error !== undefined) {
    const cause = textIn(event, "cause");
    visit.errors.push({ error, atMs: event.atMs, eventId: event.id, ...(cause && { cause }) });
  }
  if (event.type.endsWith("StateAborted")) visit.outcome = "stopped";
  if (event.type.endsWith("StateSucceeded")) visit.succeeded = true;
  if (event.type.endsWith("StateExited")) {
    visit.leftAtMs = event.atMs;
    visit.outcome = endedInError(visit, event) ? "caught" : "left";
  }
}

/** A visit that is inside when its Map or Parallel is left did not get to its own end. */
function closeInside({ order, leftAtMs }: Draft, visits: readonly Draft[]): void {
  for (const visit of visits) {
    if (visit.inside !== order || visit.outcome !== "here") continue;
    visit.outcome = visit.errors.length > 0 ? "failed" : "stopped";
    if (leftAtMs !== undefined) visit.leftAtMs = leftAtMs;
    closeInside(visit, visits);
  }
}

/** Its last attempt failed, and yet it was left. */
const endedInError = ({ kind, succeeded, errors }: Draft, { previousEventId }: HistoryEvent): boolean =>
  kind === "Map" || kind === "Parallel" ? !succeeded : isFailure(errors.at(-1), previousEventId);

const isFailure = (last: TaskError | undefined, previousEventId: number): boolean =>
  last?.eventId === previousEventId && !isWaitError(last.error);

/** The visit that a redrive goes on with (Z4). */
function ofExecution({ type, atMs }: HistoryEvent, visits: Draft[]): Draft | undefined {
  if (type === "ExecutionRedriven") {
    const redriven = visits.filter(({ outcome }) => outcome === "failed" || outcome === "stopped");
    for (const visit of redriven) {
      visit.outcome = "here";
      visit.redrives += 1;
      delete visit.leftAtMs;
    }
    return redriven.at(-1);
  }
  if (type === "ExecutionStarted") return undefined;
  for (const visit of visits) {
    if (visit.outcome !== "here") continue;
    visit.leftAtMs = atMs;
    visit.outcome = type === "ExecutionFailed" ? "failed" : "stopped";
  }
  return undefined;
}

const stepsOf = (visits: readonly Draft[]): Step[] =>
  visits.flatMap(({ after, name, enteredAtMs }) => {
    const from = after === undefined ? undefined : visits[after - 1];
    if (!from) return [];
    return [{ from: from.name, to: name, atMs: enteredAtMs, caught: from.outcome === "caught" }];
  });

/** What is inside tells more than what it is in. */
function hereOf(visits: readonly Draft[]): string[] {
  const open = visits.filter(({ outcome }) => outcome === "here");
  const innermost = open.filter(({ order }) => !open.some(({ inside }) => inside === order));
  return [...new Set(innermost.map(({ name }) => name))];
}
