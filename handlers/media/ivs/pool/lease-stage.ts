/** The lease of a stage as an item of the admission's transaction: only while the stage is free, with endpoints young enough (S1). */
import type { CallId } from "../../../../calls/ids.ts";
import type { RoomClaim } from "../../port.ts";
import { leased, oldestEndpointsMs, placeOf, type PooledStage, type StageStatus } from "./stage-pool.ts";

export function leaseItem(TableName: string, stage: PooledStage, callId: CallId, nowMs: number): RoomClaim {
  const next = leased(stage, callId, nowMs);
  return {
    item: {
      Update: {
        TableName,
        Key: { stageId: stage.stageId },
        UpdateExpression:
          "SET #status = :leased, #due = :due, dueAtMs = :dueAt, callId = :callId, sinceMs = :now REMOVE #pool",
        ConditionExpression: "#status = :free AND endpointsAtMs >= :oldest",
        ExpressionAttributeNames: { "#status": "status", "#pool": "pool", "#due": "due" },
        ExpressionAttributeValues: {
          ":leased": next.status,
          ":due": placeOf(next).due,
          ":dueAt": next.dueAtMs,
          ":callId": callId,
          ":now": nowMs,
          ":free": "free" satisfies StageStatus,
          ":oldest": oldestEndpointsMs(nowMs),
        },
      },
    },
    lost: { kind: "room_lost" },
  };
}
