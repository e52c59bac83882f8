/**
 * Sends a push, and retries addresses that were throttled or failed for the moment, while the push is still true and the
 * function has time.
 */
import { PUSH_RETRY_PAUSES_MS } from "../../calls/limits.ts";
import type { Push, PushAddress } from "../../calls/pushes.ts";
import { type RuntimeInputs, logger } from "../edge/handler.ts";
import type { PushResult, PushSender } from "./port.ts";

/** No attempt begins later than this after the first, so the longest one ends before the function does. */
const LAST_START_MS = 8_000;

export interface Delivery {
  readonly sender: PushSender;
  readonly edge: RuntimeInputs;
  /** The push as it is now: its time to live shrinks. */
  readonly push: () => Push;
  /** No attempt begins after this. */
  readonly untilMs: number;
  /** Asked before each repeat. */
  readonly isStillDue: () => Promise<boolean>;
  /** Called when the first phone was reached. */
  readonly onFirstAccepted?: () => void;
}

/** Throws the push service's error if nothing was sent at all. */
export async function deliver(delivery: Delivery, addresses: readonly PushAddress[]): Promise<PushResult[]> {
  const { sender, edge, push, untilMs, onFirstAccepted } = delivery;
  const results = new Map<PushAddress, PushResult>();
  const startBeforeMs = Math.min(edge.now() + LAST_START_MS, untilMs);
  let open = addresses;
  let broken: unknown;
  for (const pauseMs of [0, ...PUSH_RETRY_PAUSES_MS]) {
    const waitFor = (address: PushAddress): number =>
      Math.max(pauseMs, results.get(address)?.retryAfterMs ?? 0);
    if (pauseMs > 0) open = open.filter((address) => edge.now() + waitFor(address) < startBeforeMs);
    if (open.length === 0) break;
    if (pauseMs > 0) await edge.pause(Math.max(...open.map(waitFor)));
    if (pauseMs > 0 && !(await delivery.isStillDue())) break;
    const reached = anyAccepted(results);
    try {
      for (const result of await sender.send(push(), open)) results.set(result.address, result);
    } catch (error) {
      // A failed retry does not undo the first attempt: phones may be ringing.
      broken = error;
      logger.warn("push not sent", { error: error as Error });
    }
    if (!reached && anyAccepted(results)) onFirstAccepted?.();
    open = open.filter((address) => mayPass(results.get(address)));
  }
  if (broken !== undefined && results.size === 0) throw broken;
  return [...results.values()];
}

const anyAccepted = (results: ReadonlyMap<PushAddress, PushResult>): boolean =>
  [...results.values()].some(({ outcome }) => outcome === "accepted");
const mayPass = (result: PushResult | undefined): boolean =>
  result === undefined || result.outcome === "throttled" || result.outcome === "failed";
