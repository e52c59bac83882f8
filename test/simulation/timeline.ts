/** What happened in a run, in the order in which it happened, to be read after a violation. */
import type { Asked } from "./people.ts";
import type { StackObserver } from "./stack.ts";

export interface Told {
  readonly atMs: number;
  readonly kind: string;
  readonly text: string;
}

export interface Timeline {
  readonly all: readonly Told[];
  add(kind: string, text: string): void;
}

export function timeline(startMs: number): Timeline {
  const all: Told[] = [];
  return {
    all,
    add: (kind, text) => void all.push({ atMs: Date.now() - startMs, kind, text }),
  };
}

export const written = ({ atMs, kind, text }: Told): string =>
  `${(atMs / 1000).toFixed(3).padStart(10)}  ${kind.padEnd(9)} ${text}`;

/** Tells the timeline what the observer hears. */
export function recorded(told: Timeline, observer: Required<StackObserver>): StackObserver {
  return {
    ...observer,
    onEvent(event) {
      const { callId, version, status, endReason, leg, legStatus } = event.detail;
      const of = [
        callId,
        version === undefined ? "" : `v${Number(version)}`,
        status,
        endReason,
        leg === undefined ? "" : `leg ${Number(leg)}`,
        legStatus,
      ];
      told.add("event", [event["detail-type"], ...of.filter(Boolean)].join(" "));
      observer.onEvent(event);
    },
    onState(execution, state) {
      told.add("state", `${execution} ${state}`);
      observer.onState(execution, state);
    },
    onExecutionEnd(execution, status) {
      told.add("execution", `${execution} ${status}`);
      observer.onExecutionEnd(execution, status);
    },
    onPushSent(push) {
      told.add("push", `${push.data["call_id"]} ${push.data["type"]} to ${push.token}`);
      observer.onPushSent(push);
    },
    onJoin(participant) {
      told.add("joins", participant.participantId);
      observer.onJoin(participant);
    },
    onOutcome(name, outcome) {
      if (outcome.kind === "failed") told.add("failed", `${name} ${outcome.errorType}: ${outcome.message}`);
      observer.onOutcome(name, outcome);
    },
    onDeadLetter(name, why, what) {
      told.add("dead", `${name} ${JSON.stringify(what)}`);
      observer.onDeadLetter(name, why, what);
    },
  };
}

export const answerTo = ({ reply }: Asked): string =>
  reply ? [reply.status, reply.body["code"], reply.body["callId"]].filter(Boolean).join(" ") : "no reply";
