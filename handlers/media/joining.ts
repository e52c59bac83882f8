/**
 * The parts of the media provider with which people join calls. Apart from the others: what they load only when it is needed would
 * be a whole module in every bundle that knows of them.
 */
import type { Edge } from "../edge/handler.ts";
import { readIvsEnvironment } from "./ivs/environment.ts";
import { participantTokens as tokensOfIvs } from "./ivs/participant-tokens.ts";
import { stageOffers } from "./ivs/pool/stage-offers.ts";
import type { ParticipantTokens, RoomOffers } from "./port.ts";

export const roomOffers = (edge: Pick<Edge, "now" | "random">): RoomOffers =>
  stageOffers(readIvsEnvironment("AWS_REGION", "STAGES_TABLE"), edge);

export const participantTokens = ({ now }: Pick<Edge, "now">): ParticipantTokens =>
  tokensOfIvs(readIvsEnvironment("AWS_REGION", "SIGNING_KEY_SECRET_ARN"), now);
