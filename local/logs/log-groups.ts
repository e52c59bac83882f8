/** Log groups and what was written to them, bounded, each for its retention. */
import { AwsError, type Door } from "../door.ts";

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
  readonly retentionDays?: number | undefined;
  /** In the order of their times; of one time, as they came. */
  readonly events: LogEvent[];
}

export interface LogGroups {
  add(name: string, retentionDays?: number): LogGroup;
  get(nameOrArn: string): LogGroup;
  all(): LogGroup[];
  write(group: LogGroup, event: Pick<LogEvent, "logStreamName" | "timestamp" | "message">): void;
}

/** A laptop keeps the latest only: a bench run writes more than memory holds. */
const MAX_EVENTS = 10_000;
const DAY_MS = 86_400_000;
/** AWS bills each event with so many bytes more. */
export const OVERHEAD_BYTES = 26;

export function createLogGroups(door: Door): LogGroups {
  const groups = new Map<string, LogGroup>();
  let written = 0;

  return {
    add(name, retentionDays) {
      const arn = door.arn("logs", `log-group:${name}`);
      const group = { name, arn, createdAtMs: door.clock.now(), retentionDays, events: [] };
      groups.set(name, group);
      return group;
    },
    get(nameOrArn) {
      const found = groups.get(nameOrArn.replace(/^arn:aws:logs:[^:]*:[^:]*:log-group:|:\*$/g, ""));
      if (found) {
        forgetOld(found, door.clock.now());
        return found;
      }
      throw new AwsError("ResourceNotFoundException", "The specified log group does not exist.");
    },
    all: () => [...groups.values()],
    write({ events }, event) {
      door.meter("logs:ingested-byte", Buffer.byteLength(event.message) + OVERHEAD_BYTES);
      // As long as those of AWS, and rising.
      const eventId = String((written += 1)).padStart(56, "0");
      const before = events.findLastIndex(({ timestamp }) => timestamp <= event.timestamp);
      events.splice(before + 1, 0, { ...event, eventId, ingestionTime: door.clock.now() });
      if (events.length > MAX_EVENTS) events.shift();
    },
  };
}

function forgetOld({ events, retentionDays }: LogGroup, nowMs: number): void {
  if (retentionDays === undefined) return;
  const oldestMs = nowMs - retentionDays * DAY_MS;
  while ((events[0]?.timestamp ?? Infinity) < oldestMs) events.shift();
}
