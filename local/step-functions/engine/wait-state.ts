/** Wait: for Seconds, or until Timestamp; a time that has passed is no wait. */
import { RUNTIME, StateError } from "./state-error.ts";
import { wait } from "./timer.ts";
import { evaluateAs, evaluateSeconds, type Visit } from "./visit.ts";

export async function runWait(visit: Visit): Promise<void> {
  const { engine, signal } = visit.scope;
  const { clock } = engine.door;
  const delayMs = await delayOf(visit, clock.now());
  if (delayMs > 0) await wait(clock, delayMs, signal);
}

async function delayOf(visit: Visit, nowMs: number): Promise<number> {
  const { Seconds, Timestamp } = visit.state;
  if (Seconds !== undefined) return (await evaluateSeconds(visit, "Seconds", Seconds, 0)) * 1000;
  const text = await evaluateAs(visit, "Timestamp", Timestamp ?? null, "string");
  const atMs = Date.parse(text);
  if (!Number.isNaN(atMs)) return atMs - nowMs;
  throw new StateError(
    RUNTIME,
    `The Timestamp '${text}' of the state '${visit.name}' is not a valid timestamp.`,
  );
}
