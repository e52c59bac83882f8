/** Log groups and what was written to them, bounded, each for its retention. */
import { AwsError, type LocalAws } from "../local-aws.ts";
import { asItIs } from "../store/store.ts";

export interface LogEvent {
  readonly eventId: string;
  readonly logStreamName: string;
  readonly timestamp: number;
  readonly ingestionTime: number;
  readonly message: string;
}

export interface LogGroup {
  readonly name: string;
  /** Without `:*` behind it. */
  readonly arn: string;
  readonly createdAtMs: number;
  /** Undefined: for ever. */
  retentionDays?: number | undefined;
  /** In the order of their times; of one time, as they came. */
  readonly events: LogEvent[];
  /** The same by id, as they last. */
  readonly kept: Map<string, LogEvent>;
}

export interface LogGroups {
  /** One that is there keeps what was written to it. */
  add(name: string, retentionDays?: number): LogGroup;
  /** With what was written to it. */
  remove(name: string): void;
  get(nameOrArn: string): LogGroup;
  all(): LogGroup[];
  write(group: LogGroup, event: Pick<LogEvent, "logStreamName" | "timestamp" | "message">): void;
}

/** A laptop keeps the latest only: a bench run writes more than memory holds. */
const MAX_EVENTS = 10_000;
const DAY_MS = 86_400_000;
/** AWS bills each event with so many bytes more. */
export const OVERHEAD_BYTES = 26;

export function createLogGroups(localAws: LocalAws): LogGroups {
  const groups = new Map<string, LogGroup>();
  let written = 0;

  return {
    add(name, retentionDays) {
      const existing = groups.get(name);
      if (existing) return Object.assign(existing, { retentionDays });
      const arn = localAws.arn("logs", `log-group:${name}`);
      const kept = localAws.store.map(keptEvents(name), asItIs<LogEvent>());
      const events = [...kept.values()].toSorted((one, other) => one.timestamp - other.timestamp);
      for (const eventId of kept.keys()) written = Math.max(written, Number(eventId));
      const group = { name, arn, createdAtMs: localAws.clock.now(), retentionDays, events, kept };
      groups.set(name, group);
      return group;
    },
    remove(name) {
      groups.delete(name);
      localAws.store.forget(keptEvents(name));
    },
    get(nameOrArn) {
      const found = groups.get(nameOrArn.replace(/^arn:aws:logs:[^:]*:[^:]*:log-group:|:\*$/g, ""));
      if (found) {
        forgetOld(found, localAws.clock.now());
        return found;
      }
      throw new AwsError("ResourceNotFoundException", "The specified log group does not exist.");
    },
    all: () => [...groups.values()],
    write({ events, kept }, event) {
      localAws.meter("logs:ingested-byte", Buffer.byteLength(event.message) + OVERHEAD_BYTES);
      // As long as those of AWS, and rising.
      const eventId = String((written += 1)).padStart(56, "0");
      const before = events.findLastIndex(({ timestamp }) => timestamp <= event.timestamp);
      const logged = { ...event, eventId, ingestionTime: localAws.clock.now() };
      events.splice(before + 1, 0, logged);
      kept.set(eventId, logged);
      if (events.length > MAX_EVENTS) forgetOldest({ events, kept });
    },
  };
}

const keptEvents = (group: string): string => `logs.events ${group}`;

function forgetOldest({ events, kept }: Pick<LogGroup, "events" | "kept">): void {
  const oldest = events.shift();
  if (oldest) kept.delete(oldest.eventId);
}

function forgetOld({ events, kept, retentionDays }: LogGroup, nowMs: number): void {
  if (retentionDays === undefined) return;
  const oldestMs = nowMs - retentionDays * DAY_MS;
  while ((events[0]?.timestamp ?? Infinity) < oldestMs) forgetOldest({ events, kept });
}
