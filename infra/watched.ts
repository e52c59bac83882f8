/** What alarms and dashboard watch. */
import type { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import type { FunctionName } from "./function-sizes.ts";
import type { Settings } from "./settings.ts";
import type { Tables } from "./tables.ts";

/** The queue of what a function could not handle. */
export interface DeadLetters {
  readonly functionName: FunctionName;
  readonly queue: Queue;
}

export interface Watched {
  readonly settings: Settings;
  readonly tables: Tables;
  readonly stateMachine: StateMachine;
  readonly api: HttpApi;
  /** Calls at whose stage somebody should look. */
  readonly doubts: Queue;
  readonly deadLetters: readonly DeadLetters[];
}
