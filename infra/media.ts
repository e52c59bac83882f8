/**
 * What the stack needs of its media provider, which is made by the provider's own file (ivs.ts): what the functions that use it are
 * given and may do, which events say who is in a room, and what the provider runs by itself.
 */
import type { EventPattern } from "aws-cdk-lib/aws-events";
import type { Function } from "aws-cdk-lib/aws-lambda";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import type { FunctionName } from "./function-sizes.ts";

/** The names are those of the parts of handlers/media/port.ts. */
export interface MediaInfra {
  /** `RoomOffers`, `ParticipantTokens`. */
  readonly joining: MediaAccess;
  /** `RoomClosing`. */
  readonly closing: MediaAccess;
  /** `RoomChecks`. */
  readonly checks: MediaAccess;
  /** Functions that may look at once, each at the pace that the provider gives it. */
  readonly checkConcurrency: number;
  /** `RoomRemovals`. */
  readonly removals: MediaAccess;
  /** `ParticipantEvents`, on the account's default bus. */
  readonly events: Readonly<Record<"published" | "unpublished", EventPattern>>;
  /** What runs every minute beside what the stack itself does. */
  readonly schedules: readonly MediaSchedule[];
}

export interface MediaAccess {
  readonly environment: Readonly<Record<string, string>>;
  allow(grantee: Function): void;
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
