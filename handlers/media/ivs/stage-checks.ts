/**
 * Looking at a stage: who is connected now. IVS allows 5 GetStage and 5 ListParticipants a second for the whole account,
 * so a request is never repeated here: whoever looks paces itself.
 */
import {
  GetStageCommand,
  IVSRealTimeClient,
  ListParticipantsCommand,
  ResourceNotFoundException,
} from "@aws-sdk/client-ivs-realtime";
import { clientOptions } from "../../edge/client-options.ts";
import type { RoomChecks } from "../port.ts";
import type { IvsEnvironment } from "./environment.ts";
import { isThrottled } from "./ivs-throttle.ts";
import { CHECK_PACE_MS } from "./quotas.ts";
import { namedStage } from "./stage.ts";

export function stageChecks({ AWS_REGION }: IvsEnvironment<"AWS_REGION">): RoomChecks {
  const ivs = new IVSRealTimeClient({ ...clientOptions(AWS_REGION), maxAttempts: 1 });
  return {
    paceMs: CHECK_PACE_MS,
    /** Of the stage's present session: nobody if it has none. */
    async connected(room) {
      const { arn: stageArn } = namedStage(room);
      try {
        const { stage } = await ivs.send(new GetStageCommand({ arn: stageArn }));
        if (!stage?.activeSessionId) return [];
        // A stage of ours has a dozen participants at most: one page holds everybody.
        const { participants = [] } = await ivs.send(
          new ListParticipantsCommand({
            stageArn,
            sessionId: stage.activeSessionId,
            filterByState: "CONNECTED",
            maxResults: 100,
          }),
        );
        return participants.map(({ participantId = "", userId }) => ({ participantId, userId }));
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return [];
        if (isThrottled(error)) return "throttled";
        throw error;
      }
    },
  };
}
