/** What alarms and dashboard watch. */
import type { GraphqlApi } from "aws-cdk-lib/aws-appsync";
import type { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import type { FunctionName } from "./function-sizes.ts";
import type { Settings } from "./settings.ts";
import type { Tables } from "./tables.ts";

/** A function, or a rule without one: to phones, or to the log of events. */
export type Receiver = FunctionName | "live-state" | "event-log";

/** The queue of what a function, or such a rule, could not handle. */
export interface DeadLetters {
  readonly functionName: Receiver;
  readonly queue: Queue;
}

export interface Watched {
  readonly settings: Settings;
  readonly tables: Tables;
  /** Of calls. */
  readonly stateMachine: StateMachine;
  /** Of deletions. */
  readonly cleanUp: StateMachine;
  readonly api: HttpApi;
  /** Calls whose stage needs a check. */
  readonly doubts: Queue;
  readonly graphqlApi: GraphqlApi;
  readonly deadLetters: readonly DeadLetters[];
}
