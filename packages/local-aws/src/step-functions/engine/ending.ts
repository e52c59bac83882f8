/** How an execution ends. */
import type { Shape } from "../../local-aws.ts";

export type ExecutionStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";

export interface Ending {
  readonly status: Exclude<ExecutionStatus, "RUNNING">;
  readonly previousEventId: number;
  readonly type: string;
  readonly details: Shape;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

export type Ended = Ending & { readonly atMs: number };

/** How long an execution is known after its end; then its name is free again. */
export const KEPT_MS = 90 * 24 * 3_600_000;
