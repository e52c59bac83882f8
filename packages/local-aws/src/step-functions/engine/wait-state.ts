/** Wait: for Seconds, or until Timestamp; a time that has passed is no wait. */
import { RUNTIME, StateError } from "./state-error.ts";
import { wait } from "./timer.ts";
import { evaluateAs, evaluateSeconds, type Visit } from "./visit.ts";

/** AWS takes no time without its offset. */
const OFFSET_DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/;

export async function runWait(visit: Visit): Promise<void> {
  const { engine, signal } = visit.scope;
  const { clock } = engine.localAws;
  const delayMs = await delayOf(visit, clock.now());
  if (delayMs > 0) await wait(clock, delayMs, signal);
}

async function delayOf(visit: Visit, nowMs: number): Promise<number> {
  const { Seconds, Timestamp } = visit.state;
  if (Seconds !== undefined) return (await evaluateSeconds(visit, "Seconds", Seconds, 0)) * 1000;
  const text = await evaluateAs(visit, "Timestamp", Timestamp ?? null, "string");
  const atMs = OFFSET_DATE_TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(atMs)) return atMs - nowMs;
  throw new StateError(
    RUNTIME,
    `An error occurred while executing the state '${visit.name}' (entered at the event id #${visit.enteredEventId}). ` +
      `The Timestamp parameter does not reference a valid ISO-8601 extended offset date-time format string: ${text}`,
  );
}
