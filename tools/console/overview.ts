/**
 * `overview`: a day in numbers, counted from the log of events, so that a deployed stack has them as a local one has.
 *
 * U1 The log is read forwards from the beginning of the day, a few pages in a look, and each page once: a view that has not
 *    come to now says how far it has counted.
 * U2 An event may be logged twice, and a moment late: calls count by their id, pushes by the id of their event.
 */
import { ListExecutionsCommand } from "@aws-sdk/client-sfn";
import * as z from "zod";
import { CallEnded, CallRinging } from "../../events/call-progress.ts";
import { PushSent } from "../../events/push-sent.ts";
import { eventsFrom } from "./event-log.ts";
import type { Reading } from "./reading.ts";
import { readStages } from "./stages.ts";
import { type DayTally, newTally, overviewOf } from "./tally.ts";
import type { BusEvent, OverviewView } from "./views.ts";

export const overviewQuery = z.strictObject({ from: z.coerce.number().int().nonnegative().optional() });

const DAY_MS = 86_400_000;
/** Pages of the log in one look: AWS allows 5 requests a second. */
const MOST_PAGES = 4;
const SLACK_MS = 15_000;
/** Calls that live, counted no further. */
const MOST_LIVING = 1_000;

const TYPES = [CallEnded.name, CallRinging.name, PushSent.name];
const PATTERN = `{ ${TYPES.map((type) => `($.detail-type = "${type}")`).join(" || ")} }`;

export async function readOverview(
  reading: Reading,
  { from }: z.output<typeof overviewQuery>,
): Promise<OverviewView> {
  const nowMs = reading.now();
  // Without a day: the 24 hours before the first look.
  const key = String(from ?? "");
  const known = reading.memory.tallies.get(key);
  const tally =
    known && (from !== undefined || nowMs - known.fromMs < 2 * DAY_MS)
      ? known
      : newTally(from ?? nowMs - DAY_MS);
  reading.memory.tallies.set(key, tally);
  const [living, pool] = await Promise.all([
    livingCalls(reading),
    poolOf(reading),
    countOn(reading, tally, nowMs),
  ]);
  return { ...overviewOf(tally), living, mostLiving: MOST_LIVING, pool };
}

async function countOn(reading: Reading, tally: DayTally, nowMs: number): Promise<void> {
  const { place = { fromMs: Math.max(tally.fromMs, tally.untilMs - SLACK_MS) } } = tally;
  const look = { pattern: PATTERN, fromMs: place.fromMs };
  const { events, token } = await eventsFrom(reading, look, { mostPages: MOST_PAGES, token: place.token });
  for (const event of events) take(tally, event);
  tally.place = token === undefined ? undefined : { fromMs: place.fromMs, token };
  tally.untilMs = token === undefined ? nowMs : Math.max(tally.untilMs, events.at(-1)?.atMs ?? 0);
}

/** What a newer release writes, and this one cannot read, is passed over. */
function take(tally: DayTally, { id, type, detail }: BusEvent): void {
  switch (type) {
    case CallEnded.name: {
      const call = CallEnded.schema.safeParse(detail).data;
      if (call) tally.ended.set(call.callId, call);
      break;
    }
    case CallRinging.name: {
      const call = CallRinging.schema.safeParse(detail).data;
      if (call?.ringingAtMs !== undefined && !tally.toRingMs.has(call.callId))
        tally.toRingMs.set(call.callId, call.ringingAtMs - call.createdAtMs);
      break;
    }
    default: {
      const push = PushSent.schema.safeParse(detail).data;
      if (push) tally.pushes.set(id, push);
    }
  }
}

async function livingCalls({ sfn, stack }: Reading): Promise<number> {
  const { executions = [] } = await sfn.send(
    new ListExecutionsCommand({
      stateMachineArn: stack.callWorkflowArn,
      statusFilter: "RUNNING",
      maxResults: MOST_LIVING,
    }),
  );
  return executions.length;
}

async function poolOf(reading: Reading): Promise<OverviewView["pool"]> {
  const known = reading.memory.pool.get("");
  if (known) return known;
  const { maxStages, counts } = await readStages(reading);
  const pool = { maxStages, counts };
  reading.memory.pool.set("", pool);
  return pool;
}
