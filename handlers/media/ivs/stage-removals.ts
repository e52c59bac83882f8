/**
 * Getting people off a stage. IVS allows 5 requests a second of each kind for the whole account, so none is repeated here:
 * whoever removes paces itself.
 */
import {
  DeleteStageCommand,
  DisconnectParticipantCommand,
  IVSRealTimeClient,
  ResourceNotFoundException,
} from "@aws-sdk/client-ivs-realtime";
import type { IvsEnvironment } from "./environment.ts";
import { clientOptions } from "../../edge/client-options.ts";
import { isThrottled } from "./ivs-throttle.ts";

export interface StageRemovals {
  /** Disconnects a participant and ends its token for good. `not joined`: IVS does not know it, and its token lives on. */
  disconnect(stageArn: string, participantId: string): Promise<"disconnected" | "not joined" | "throttled">;
  /** Deletes a stage, which disconnects everybody and ends every token of it; one that is gone already is fine. */
  remove(stageArn: string): Promise<"removed" | "throttled">;
}

export function stageRemovals({ AWS_REGION }: IvsEnvironment<"AWS_REGION">): StageRemovals {
  const ivs = new IVSRealTimeClient({ ...clientOptions(AWS_REGION), maxAttempts: 1 });
  return {
    disconnect: (stageArn, participantId) =>
      answered("disconnected", "not joined", () =>
        ivs.send(
          new DisconnectParticipantCommand({ stageArn, participantId, reason: "no part in the call" }),
        ),
      ),
    remove: (arn) => answered("removed", "removed", () => ivs.send(new DeleteStageCommand({ arn }))),
  };
}

async function answered<Done, Missing>(
  done: Done,
  missing: Missing,
  request: () => Promise<unknown>,
): Promise<Done | Missing | "throttled"> {
  try {
    await request();
    return done;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return missing;
    if (isThrottled(error)) return "throttled";
    throw error;
  }
}
