/** The keeper of the stage pool: every minute, and before that when a call finds few free stages. */
import { Duration, Stack } from "aws-cdk-lib";
import { Rule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import type { Function } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { EVENT_SOURCE } from "../events/event.ts";
import { StagePoolLow } from "../events/stage-pool-low.ts";
import { stagesByDue, stagesByPool } from "../handlers/store/tables.ts";
import { grantPublishing } from "./bus.ts";
import type { Foundation } from "./foundation.ts";
import { createFunction } from "./function.ts";
import { grantSending } from "./hint-queue.ts";
import type { MediaSchedule, ScheduleQueues } from "./media.ts";
import { physicalName } from "./physical-name.ts";
import { allowListingStages, allowStages } from "./stage-access.ts";
import type { StageDeletion } from "./stage-deletion.ts";

export const stageKeeper = (foundation: Foundation, stageDeletion: StageDeletion): MediaSchedule => ({
  name: "keep-stages",
  create(scope, queues) {
    const keepStages = createKeeper(scope, foundation, queues);
    // What makes stages goes before what deletes them.
    keepStages.node.addDependency(stageDeletion);
    wakeWhenLow(scope, keepStages, foundation, queues);
    return keepStages;
  },
});

function createKeeper(
  scope: Construct,
  { bundles, settings, tables, bus }: Foundation,
  { failed, doubts }: ScheduleQueues,
): Function {
  const keepStages = createFunction(scope, "keep-stages", {
    bundles,
    environment: {
      MIN_STAGES: String(settings.minStages),
      MAX_STAGES: String(settings.maxStages),
      STACK_NAME: Stack.of(scope).stackName,
    },
    onFailure: failed,
  });
  tables.grant(keepStages, "stages", "PutItem", "UpdateItem", "DeleteItem", "BatchGetItem");
  for (const index of [stagesByPool, stagesByDue]) tables.grantIndex(keepStages, "stages", index);
  // Calls that lease stages, and whether the remover is at work.
  tables.grant(keepStages, "calls", "GetItem");
  allowStages(keepStages, "CreateStage", "DeleteStage", "GetStage", "ListParticipants", "TagResource");
  allowListingStages(keepStages);
  grantSending(keepStages, "DOUBTS_QUEUE_URL", doubts);
  // To report that the pool is still low when its time is over.
  grantPublishing(keepStages, bus);
  return keepStages;
}

function wakeWhenLow(
  scope: Construct,
  keepStages: Function,
  { bus }: Foundation,
  { failed }: ScheduleQueues,
): void {
  new Rule(scope, "stage-pool-low", {
    ruleName: physicalName(scope, "ringmaster-stage-pool-low"),
    description: "Wakes the keeper of the stage pool before its next minute",
    eventBus: bus,
    eventPattern: { source: [EVENT_SOURCE], detailType: [StagePoolLow.name] },
    targets: [new LambdaFunction(keepStages, { deadLetterQueue: failed, maxEventAge: Duration.minutes(1) })],
  });
}
