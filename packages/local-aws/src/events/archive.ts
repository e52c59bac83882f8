/** An archive of a bus: the events that match its pattern, for its retention. */
import type { LocalAws } from "../local-aws.ts";
import type { EventEnvelope } from "./event-envelope.ts";
import type { EventPattern } from "./event-pattern.ts";

export interface Archive {
  readonly name: string;
  readonly arn: string;
  readonly sourceArn: string;
  readonly patternText: string | undefined;
  readonly pattern: EventPattern | undefined;
  /** 0: for ever. */
  readonly retentionDays: number;
  readonly createdAtMs: number;
  readonly events: { readonly event: EventEnvelope; readonly atMs: number }[];
}

/** A laptop keeps the latest only: a bench run publishes more than memory holds. */
const MAX_EVENTS = 10_000;
const DAY_MS = 86_400_000;

export function archiveEvent(archive: Archive, event: EventEnvelope, localAws: LocalAws): void {
  const nowMs = localAws.clock.now();
  dropOldEvents(archive, nowMs);
  if (archive.pattern && !archive.pattern(event)) return;
  localAws.meter("events:archived-byte", Buffer.byteLength(JSON.stringify(event)));
  archive.events.push({ event, atMs: nowMs });
  if (archive.events.length > MAX_EVENTS) archive.events.shift();
}

export function dropOldEvents({ events, retentionDays }: Archive, nowMs: number): void {
  if (retentionDays === 0) return;
  const oldestMs = nowMs - retentionDays * DAY_MS;
  while ((events[0]?.atMs ?? Infinity) < oldestMs) events.shift();
}
