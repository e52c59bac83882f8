/** What a resource gets to make its call. */
import type { LocalAws, Shape } from "../../local-aws.ts";
import type { Execution } from "../engine/execution.ts";
import type { Machines } from "../machines.ts";

export interface IntegrationCall {
  readonly localAws: LocalAws;
  readonly execution: Execution;
  /** The role that calls, if it is not the state machine's. */
  readonly roleArn?: string | undefined;
  readonly arguments: Shape;
}

/** A call that waits for the job which it has started. */
export interface JobCall extends IntegrationCall {
  readonly machines: Machines;
  /** Aborted when the task ends in another way. */
  readonly signal: AbortSignal;
}
