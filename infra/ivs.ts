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

export function createIvs(stack: Stack, foundation: Foundation): MediaInfra {
  requireIvs(stack.region);
  const { tables } = foundation;
  const signingKey = new SigningKey(stack, "signing-key", foundation);
  const stageDeletion = new StageDeletion(stack, "stage-deletion", foundation);
  new StagePool(stack, "stage-pool", { ...foundation, stageDeletion });
  return {
    grantJoining(grantee) {
      tables.grant(grantee, "stages", "GetItem", "UpdateItem");
      tables.grantIndex(grantee, "stages", stagesByPool);
      allowStages(grantee, "CreateParticipantToken");
      signingKey.grant(grantee, "GetSecretValue");
    },
    grantClosing: (grantee) => tables.grant(grantee, "stages", "GetItem", "UpdateItem"),
    grantChecks: (grantee) => allowStages(grantee, "GetStage", "ListParticipants"),
    checkConcurrency: CHECK_CONCURRENCY,
    grantRemovals(grantee) {
      tables.grant(grantee, "stages", "GetItem", "UpdateItem", "DeleteItem");
      tables.grantIndex(grantee, "stages", stagesByPool);
      allowStages(grantee, "DisconnectParticipant", "DeleteStage");
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
