/**
 * The account's quota of state transitions. What is above it is not refused: the execution waits.
 * Source: Step Functions, "Quotas related to state throttling"; Express executions have none.
 */
import type { LocalAws, Quota } from "../../local-aws.ts";
import { wait } from "./timer.ts";
import type { Scope } from "./visit.ts";

const LARGE_REGIONS: readonly string[] = ["us-east-1", "us-west-2", "eu-west-1"];

const quotaIn = ({ region }: LocalAws): Quota =>
  LARGE_REGIONS.includes(region) ? { perSecond: 5_000, burst: 5_000 } : { perSecond: 800, burst: 800 };

/** Before a state is entered, and before it is tried again. Undefined if the transition can be made at once. */
export function throttle({ engine: { localAws }, execution, signal }: Scope): Promise<void> | undefined {
  if (execution.machine.type !== "STANDARD") return undefined;
  const delayMs = localAws.reserve("states:StateTransition", quotaIn(localAws));
  return delayMs === 0 ? undefined : wait(localAws.clock, delayMs, signal);
}
