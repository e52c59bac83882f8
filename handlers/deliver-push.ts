/**
 * Sends a push, and sends it again to addresses that were throttled or failed for the moment, as long as that can still
 * make a phone ring and the function has the time.
 */
import type { Call } from "../calls/call.ts";
import { PUSH_RETRY_PAUSES_MS } from "../calls/limits.ts";
import type { Push, PushAddress } from "../calls/pushes.ts";
import { type Edge, logger, measure } from "./handler.ts";
import type { PushResult, PushSender } from "./send-push.ts";

/** No attempt begins later than this after the first: the longest ends before the function does. */
const LAST_START_MS = 8_000;

export interface Delivery {
  readonly sender: PushSender;
  readonly edge: Edge;
}

export type RingTime = Pick<Call, "ringUntilMs" | "status" | "createdAtMs">;

/** Throws what the push service threw if nothing was sent at all. */
export async function deliver(
  { sender, edge: { pause, now } }: Delivery,
  push: () => Push,
  addresses: readonly PushAddress[],
  call: RingTime,
): Promise<PushResult[]> {
  const results = new Map<PushAddress, PushResult>();
  const startBeforeMs = Math.min(
    now() + LAST_START_MS,
    call.status === "ended" ? Infinity : call.ringUntilMs,
  );
  let open = addresses;
  let broken: unknown;
  for (const pauseMs of [0, ...PUSH_RETRY_PAUSES_MS]) {
    const waitFor = (address: PushAddress): number =>
      Math.max(pauseMs, results.get(address)?.retryAfterMs ?? 0);
    if (pauseMs > 0) open = open.filter((address) => now() + waitFor(address) < startBeforeMs);
    if (open.length === 0) break;
    if (pauseMs > 0) await pause(Math.max(...open.map(waitFor)));
    const reached = anyAccepted(results);
    try {
      for (const result of await sender.send(push(), open)) results.set(result.address, result);
    } catch (error) {
      // A repeat that breaks does not undo the first attempt: phones may be ringing.
      broken = error;
      logger.warn("push not sent", { error: error as Error });
    }
    if (isRinging(call) && !reached && anyAccepted(results)) measure("TimeToPush", call.createdAtMs);
    open = open.filter((address) => mayPass(results.get(address)));
  }
  if (broken !== undefined && results.size === 0) throw broken;
  return [...results.values()];
}

const isRinging = ({ status }: RingTime): boolean => status === "calling" || status === "ringing";
const anyAccepted = (results: ReadonlyMap<PushAddress, PushResult>): boolean =>
  [...results.values()].some(({ outcome }) => outcome === "accepted");
const mayPass = (result: PushResult | undefined): boolean =>
  result === undefined || result.outcome === "throttled" || result.outcome === "failed";
