/** Metrics that functions emit, by function and as CloudWatch names them. The dashboard and the alarms can name no other. */
import type { PushOutcome } from "../../calls/call.ts";
import type { EndReason } from "../../events/end-reason.ts";

export interface MetricNames {
  "rest-entrypoint":
    | "CallsInitiated"
    | "CallsAnswered"
    | "CallsBusy"
    | "RepliesContended"
    | "RequestDuration"
    | "SecretsUnreadable"
    | "StagePoolEmpty"
    | "TimeToToken"
    | `Replies_${number}xx`;
  "send-push":
    | "PushTasks"
    | "PushTaskDuration"
    | "SecretsUnreadable"
    | "TimeToPush"
    | `Pushes_${PushOutcome}`;
  "close-stage": `CallEnded_${EndReason}`;
  "screen-hints": "DoubtfulHints";
  "verify-legs": "DroppedCalls" | "SecretsUnreadable";
  "remove-participants": "RemovalWaitSeconds" | "SecretsUnreadable" | `Removals_${string}`;
  "receive-webhook": "SecretsUnreadable" | "WebhooksRefused";
  "sweep-calls": "Repairs" | "FailedRepairs";
  "keep-stages": "FreeStages" | "StageDemand" | "StageQuotaFull" | "UnreadableStages" | `Stages_${string}`;
  "list-clients": "StaleLists";
  "delete-clients": "ClientsDeleted" | "ClientsNotDeleted";
  "report-clean-up": "CleanUps" | "FailedCleanUps";
  "heal-state": `Healed_${"slots" | "devices" | "tokens"}`;
}

export type MetricName = MetricNames[keyof MetricNames];
