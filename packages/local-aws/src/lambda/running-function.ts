/** Which function the present line of execution belongs to, so that its SDK calls, logs and environment are its own. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { LocalAws } from "../local-aws.ts";

export interface RunningFunction {
  readonly localAws: LocalAws;
  readonly functionName: string;
  readonly roleArn: string;
  readonly environment: Readonly<Record<string, string>>;
}

export const runningFunction = new AsyncLocalStorage<RunningFunction | undefined>();
