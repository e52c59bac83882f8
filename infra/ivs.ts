/** IVS as the stack's media provider: its key, its pool of stages, and what the functions may do there. */
import type { Stack } from "aws-cdk-lib";
import type { EventPattern } from "aws-cdk-lib/aws-events";
import { CHECK_CONCURRENCY } from "../handlers/media/ivs/quotas.ts";
import { stagesByPool } from "../handlers/store/tables.ts";
import type { Foundation } from "./foundation.ts";
import type { MediaInfra } from "./media.ts";
import { requireIvs } from "./regions.ts";
import { SigningKey } from "./signing-key.ts";
import { allowStages } from "./stage-access.ts";
import { StageDeletion } from "./stage-deletion.ts";
import { stageKeeper } from "./stage-keeper.ts";
import { StagePool } from "./stage-pool.ts";
import { allowIndex, allowItems } from "./tables.ts";

export function createIvs(stack: Stack, foundation: Foundation): MediaInfra {
  requireIvs(stack.region);
  const { stages } = foundation.tables;
  const ofPool = { STAGES_TABLE: stages.tableName };
  const signingKey = new SigningKey(stack, "signing-key", foundation);
  const stageDeletion = new StageDeletion(stack, "stage-deletion", foundation);
  new StagePool(stack, "stage-pool", { ...foundation, stageDeletion });
  return {
    joining: {
      environment: { ...ofPool, SIGNING_KEY_SECRET_ARN: signingKey.secretArn },
      allow(grantee) {
        allowItems(grantee, stages, "GetItem", "UpdateItem");
        allowIndex(grantee, stages, stagesByPool);
        allowStages(grantee, "CreateParticipantToken");
        signingKey.allowReading(grantee);
      },
    },
    closing: {
      environment: ofPool,
      allow: (grantee) => allowItems(grantee, stages, "GetItem", "UpdateItem"),
    },
    checks: { environment: {}, allow: (grantee) => allowStages(grantee, "GetStage", "ListParticipants") },
    checkConcurrency: CHECK_CONCURRENCY,
    removals: {
      environment: ofPool,
      allow(grantee) {
        allowItems(grantee, stages, "GetItem", "UpdateItem", "DeleteItem");
        allowIndex(grantee, stages, stagesByPool);
        allowStages(grantee, "DisconnectParticipant", "DeleteStage");
      },
    },
    events: { published: stageUpdate("Published"), unpublished: stageUpdate("Unpublished") },
    schedules: [stageKeeper(foundation, stageDeletion)],
  };
}

const stageUpdate = (what: "Published" | "Unpublished"): EventPattern => ({
  source: ["aws.ivs"],
  detailType: ["IVS Stage Update"],
  detail: { event_name: [`Participant ${what}`] },
});
