/** How long a call took to ring and to be answered, and how long they talked. Absent: it never came to that. */
import type { StoredCall } from "./facts.ts";

export interface Milestones {
  readonly toRingMs?: number;
  readonly toAnswerMs?: number;
  readonly talkMs?: number;
  readonly totalMs: number;
}

export function milestonesOf(call: StoredCall, nowMs: number): Milestones {
  const { createdAtMs, answeredAtMs, endedAtMs, legs } = call;
  const rang = Object.values(legs).flatMap(({ devices, ringingAtMs }) => [
    ...(ringingAtMs === undefined ? [] : [ringingAtMs]),
    ...Object.values(devices).flatMap((device) => device.ringingAtMs ?? []),
  ]);
  const overMs = endedAtMs ?? Math.max(nowMs, createdAtMs);
  return {
    ...(rang.length > 0 && { toRingMs: Math.min(...rang) - createdAtMs }),
    ...(answeredAtMs !== undefined && {
      toAnswerMs: answeredAtMs - createdAtMs,
      talkMs: Math.max(0, overMs - answeredAtMs),
    }),
    totalMs: overMs - createdAtMs,
  };
}
