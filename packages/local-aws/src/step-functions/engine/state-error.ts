/** An error inside an execution, and which names of Retry and Catch match it. */
import type { Json } from "../../local-aws.ts";

export const RUNTIME = "States.Runtime";
export const TIMEOUT = "States.Timeout";
export const DATA_LIMIT_EXCEEDED = "States.DataLimitExceeded";
export const QUERY_EVALUATION_ERROR = "States.QueryEvaluationError";
export const TASK_FAILED = "States.TaskFailed";
const HEARTBEAT_TIMEOUT = "States.HeartbeatTimeout";

export class StateError extends Error {
  /** The error name; a failed task or a Fail state may have none. */
  readonly errorName: string | undefined;
  readonly causeText: string | undefined;
  /** A heartbeat that stayed out is reported as States.Timeout and can be caught under its own name too. */
  readonly byHeartbeat: boolean;
  constructor(errorName: string | undefined, causeText: string | undefined, byHeartbeat = false) {
    super(`${errorName ?? "failed"}: ${causeText ?? ""}`);
    this.errorName = errorName;
    this.causeText = causeText;
    this.byHeartbeat = byHeartbeat;
  }
}

/** `error` and `cause` as history events carry them: absent members stay absent. */
export function errorDetails({ errorName, causeText }: StateError): { error?: string; cause?: string } {
  return {
    ...(errorName === undefined ? {} : { error: errorName }),
    ...(causeText === undefined ? {} : { cause: causeText }),
  };
}

/** `$states.errorOutput`, and the default output of a caught error. */
export function errorOutput({ errorName, causeText }: StateError): { Error: Json; Cause: Json } {
  return { Error: errorName ?? "", Cause: causeText ?? "" };
}

/** States.Runtime always ends the execution; States.TaskFailed means neither timeouts nor results that are too large. */
export function matchesError(names: readonly string[], { errorName, byHeartbeat }: StateError): boolean {
  if (errorName === RUNTIME) return false;
  if (errorName !== undefined && names.includes(errorName)) return true;
  if (byHeartbeat && names.includes(HEARTBEAT_TIMEOUT)) return true;
  if (names.includes("States.ALL")) return true;
  return names.includes(TASK_FAILED) && errorName !== TIMEOUT && errorName !== DATA_LIMIT_EXCEEDED;
}
