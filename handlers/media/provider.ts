/**
 * The media provider of this stack, part by part: with joining.ts the only place outside its folder that knows which one it is.
 * It is IVS. A bundle has only the parts that its function uses (infra/bundle.ts).
 */
import type { Room } from "../../calls/room.ts";
import type { RuntimeInputs } from "../edge/handler.ts";
import { readIvsEnvironment } from "./ivs/environment.ts";
import { restingStages } from "./ivs/pool/rest-stage.ts";
import { namedStage } from "./ivs/stage.ts";
import { stageChecks } from "./ivs/stage-checks.ts";
import { stageReplacing } from "./ivs/stage-replacing.ts";
import { stageUpdate } from "./ivs/stage-update.ts";
import type { ParticipantEvents, RoomClosing, RoomChecks, RoomRemovals } from "./port.ts";

export const participantEvents: ParticipantEvents = stageUpdate;

export const roomChecks = (): RoomChecks => stageChecks(readIvsEnvironment("AWS_REGION"));

export const roomRemovals = (edge: Pick<RuntimeInputs, "now" | "random">): RoomRemovals =>
  stageReplacing(readIvsEnvironment("AWS_REGION", "STAGES_TABLE"), edge);

export const roomClosing = (): RoomClosing => restingStages(readIvsEnvironment("AWS_REGION", "STAGES_TABLE"));

/** The part of a room that a removal stores. */
export const keptForRemoval: (room: Room) => Room = namedStage;
