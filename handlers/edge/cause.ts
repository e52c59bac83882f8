/**
 * The cause of a function's present run: the gateway's request id, or else Lambda's id of the invocation. It is
 * the `requestId` of the run's log lines and the `causedBy` of each version of a call that the run writes.
 */
import { AsyncLocalStorage } from "node:async_hooks";

const present = new AsyncLocalStorage<string>();

export function runCausedBy<Result>(requestId: string, run: () => Promise<Result>): Promise<Result> {
  return present.run(requestId, run);
}

/** Spread into what the run writes or publishes. Empty outside a run. */
export function caused(): { readonly causedBy?: string } {
  const causedBy = present.getStore();
  return causedBy === undefined ? {} : { causedBy };
}
