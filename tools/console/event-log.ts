/** What the bus carried, read from the log group that every event goes to. */
import { type FilteredLogEvent, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import * as z from "zod";
import type { Reading } from "./reading.ts";
import type { BusEvent } from "./views.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** Pages of one look; AWS allows 5 requests a second in an account and Region. */
const MOST_PAGES = 10;

export interface LogQuery {
  /** Empty: every event. */
  readonly pattern: string;
  readonly fromMs: number;
  readonly untilMs?: number;
}

const envelopeSchema = z.object({
  id: z.string(),
  source: z.string(),
  "detail-type": z.string(),
  time: z.iso.datetime(),
  detail: z.unknown(),
});

/** Oldest first. */
export const eventsLogged = async (reading: Reading, query: LogQuery): Promise<BusEvent[]> =>
  (await eventsFrom(reading, query, { mostPages: MOST_PAGES })).events;

interface Pages {
  readonly mostPages: number;
  /** Of the same look before. */
  readonly token?: string | undefined;
}

/** The oldest first, as many as so many pages have. With a token there may be more; a page may be empty all the same. */
export async function eventsFrom(
  { logs, stack }: Reading,
  { pattern, fromMs, untilMs }: LogQuery,
  { mostPages, token }: Pages,
): Promise<{ readonly events: BusEvent[]; readonly token?: string }> {
  const found: BusEvent[] = [];
  let next = token;
  for (let page = 0; page < mostPages && (page === 0 || next !== undefined); page += 1) {
    const filter: FilterLogEventsCommand = new FilterLogEventsCommand({
      logGroupName: stack.eventLogGroup,
      startTime: Math.max(0, Math.floor(fromMs)),
      ...(untilMs !== undefined && { endTime: Math.ceil(untilMs) }),
      ...(pattern !== "" && { filterPattern: pattern }),
      ...(next !== undefined && { nextToken: next }),
    });
    const { events = [], nextToken } = await logs.send(filter);
    found.push(...events.flatMap(busEvent));
    next = nextToken;
  }
  return { events: inOrder(found), ...(next !== undefined && { token: next }) };
}

/** An event's own time has whole seconds; when it was logged says more about when in that second. */
function busEvent({ message = "", ingestionTime = 0 }: FilteredLogEvent): BusEvent[] {
  const parsed = envelopeSchema.safeParse(parsedJson(message));
  if (!parsed.success) return [];
  const { id, source, "detail-type": type, time, detail } = parsed.data;
  const secondMs = Date.parse(time);
  const atMs = Math.min(Math.max(ingestionTime, secondMs), secondMs + 999);
  return [{ id, atMs, source, type, detail: withoutSecrets(detail) }];
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const inOrder = (events: readonly BusEvent[]): BusEvent[] =>
  events.toSorted((one, other) => one.atMs - other.atMs || versionOf(one) - versionOf(other));

/** Of events of one moment, the snapshot of the earlier version of a call comes first. */
function versionOf({ detail }: BusEvent): number {
  const version = (detail as { version?: unknown } | null)?.version;
  return typeof version === "number" ? version : 0;
}

/** One event may be delivered, and so logged, more than once. */
export function merged(...parts: readonly (readonly BusEvent[])[]): BusEvent[] {
  const byId = new Map(parts.flat().map((event) => [event.id, event]));
  return inOrder([...byId.values()]);
}

export const termPattern = (term: string): string => `"${term.replaceAll(/[\\"]/g, "\\$&")}"`;
