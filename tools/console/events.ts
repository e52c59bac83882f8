/** `events`: what the bus carried lately, the latest first. */
import * as z from "zod";
import { catalogue } from "../../events/catalogue.ts";
import { callIdSchema } from "../../calls/ids.ts";
import { eventsLogged, merged, termPattern } from "./event-log.ts";
import { folded, wordsIn } from "./folded.ts";
import type { Reading } from "./reading.ts";
import type { BusEvent, EventsView } from "./views.ts";

// The keys of the catalogue are the names of events.
const names = Object.keys(catalogue) as (keyof typeof catalogue)[];
export const eventsQuery = z.strictObject({
  type: z.enum(names).optional(),
  call: z.optional(callIdSchema),
  text: z.string().trim().max(200).optional(),
});
type EventsQuery = z.output<typeof eventsQuery>;

const MOST_EVENTS = 200;
/** The log gives the oldest of a time first, so one looks back further and further until there is enough. */
const LOOKS_BACK_MS = [10_000, 600_000, 86_400_000, 14 * 86_400_000];
/** The log is a moment behind; what a busy bus carries in so long still fits into one look. */
const SLACK_MS = 15_000;

export async function readEvents(reading: Reading, query: EventsQuery): Promise<EventsView> {
  const { memory, now } = reading;
  const key = `events ${JSON.stringify(query)}`;
  const known = memory.events.get(key);
  const nowMs = now();
  const found = known
    ? merged(known.events, await look(reading, query, known.untilMs - SLACK_MS))
    : await readBackwards(reading, query, nowMs);
  const events = found.slice(-MOST_EVENTS);
  memory.events.set(key, { events, untilMs: nowMs });
  return { events: events.toReversed() };
}

async function readBackwards(
  reading: Reading,
  query: EventsQuery,
  nowMs: number,
): Promise<readonly BusEvent[]> {
  let found: readonly BusEvent[] = [];
  let seenFromMs = nowMs + SLACK_MS;
  for (const backMs of LOOKS_BACK_MS) {
    const older = await look(reading, query, nowMs - backMs, seenFromMs);
    found = merged(older, found);
    seenFromMs = nowMs - backMs;
    if (found.length >= MOST_EVENTS) break;
  }
  return found;
}

/** AWS finds either a whole word or a field: what else is asked for is looked at here. */
async function look(
  reading: Reading,
  { type, call, text }: EventsQuery,
  fromMs: number,
  untilMs?: number,
): Promise<BusEvent[]> {
  const ofType = type === undefined ? "" : `{ $.detail-type = "${type}" }`;
  const pattern = call === undefined ? ofType : termPattern(call);
  const found = await eventsLogged(reading, { pattern, fromMs, ...(untilMs !== undefined && { untilMs }) });
  const words = wordsIn(text ?? "");
  return found.filter(
    (event) => (type === undefined || event.type === type) && (words.length === 0 || hasAll(event, words)),
  );
}

/** Any part of the event as it was published. */
function hasAll(event: BusEvent, words: readonly string[]): boolean {
  const text = folded(JSON.stringify(event));
  return words.every((word) => text.includes(word));
}
