/**
 * What the stack needs of its media provider, which is made by the provider's own file (ivs.ts, livekit.ts): which events say who is in a room,
 * what the provider runs by itself, and grants. A grant gives a function the variables and the permissions of a part of the port.
 */
import type { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import type { EventPattern } from "aws-cdk-lib/aws-events";
import type { Function } from "aws-cdk-lib/aws-lambda";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import type { FunctionName } from "./function-sizes.ts";

/** The names are those of the parts of handlers/media/port.ts. */
export interface MediaInfra {
  /** `RoomOffers`, `ParticipantTokens`. */
  grantJoining(grantee: Function): void;
  /** `RoomClosing`. */
  grantClosing(grantee: Function): void;
  /** `RoomChecks`. */
  grantChecks(grantee: Function): void;
  /** Functions that may check rooms at once, each at the pace that the provider gives it. */
  readonly checkConcurrency: number;
  /** `RoomRemovals`. */
  grantRemovals(grantee: Function): void;
  /** `ParticipantEvents`, on the account's default bus. */
  readonly events: Readonly<Record<"published" | "unpublished", EventPattern>>;
  /** What runs every minute beside what the stack itself does. */
  readonly schedules: readonly MediaSchedule[];
  /** Adds what takes the provider's own requests, if it reports by them. */
  addRoutes?(api: HttpApi): void;
}

export interface MediaSchedule {
  readonly name: FunctionName;
  create(scope: Construct, queues: ScheduleQueues): Function;
}

export interface ScheduleQueues {
  /** Takes what the function failed on. */
  readonly failed: Queue;
  /** Takes calls whose legs may be gone. */
  readonly doubts: Queue;
}
