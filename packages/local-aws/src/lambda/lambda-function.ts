/** A deployed function, as far as the local runtime keeps it. */
import type { Handler, HandlerSource } from "./load-handler.ts";
import type { Grant } from "./resource-policy.ts";
import type { RunningFunction } from "./running-function.ts";

/** What happens to asynchronous invocations that fail. */
export interface AsyncConfig {
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeSeconds: number;
  readonly onFailureArn?: string;
}

export interface LambdaFunction {
  readonly name: string;
  readonly arn: string;
  readonly logGroup: string;
  readonly runtime: string;
  readonly handlerName: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly reservedConcurrency?: number;
  readonly deadLetterArn?: string;
  readonly running: RunningFunction;
  /** As it was deployed: code may write into the one that it runs in. */
  readonly environment: Readonly<Record<string, string>>;
  readonly source: HandlerSource;
  /** Loads the code, once. */
  readonly handler: () => Promise<Handler>;
  /** What `handler` has loaded. */
  loaded?: Handler;
  /** An invocation did not end in time, so something of it may still go on. */
  isSpoiled: boolean;
  readonly grants: Grant[];
  asyncConfig: AsyncConfig;
  concurrent: number;
}

export const DEFAULT_ASYNC: AsyncConfig = { maximumRetryAttempts: 2, maximumEventAgeSeconds: 21_600 };
