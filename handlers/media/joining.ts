/**
 * The parts of the media provider with which people join calls. In a file apart, because modules that they load on demand would
 * otherwise be in every bundle.
 */
import type { RuntimeInputs } from "../edge/handler.ts";
import { readIvsEnvironment } from "./ivs/environment.ts";
import { participantTokens as tokensOfIvs } from "./ivs/participant-tokens.ts";
import { stageOffers } from "./ivs/pool/stage-offers.ts";
import type { ParticipantTokens, RoomOffers } from "./port.ts";

export const roomOffers = (edge: Pick<RuntimeInputs, "now" | "random">): RoomOffers =>
  stageOffers(readIvsEnvironment("AWS_REGION", "STAGES_TABLE"), edge);

export const participantTokens = ({ now }: Pick<RuntimeInputs, "now">): ParticipantTokens =>
  tokensOfIvs(readIvsEnvironment("AWS_REGION", "SIGNING_KEY_SECRET_ARN"), now);
