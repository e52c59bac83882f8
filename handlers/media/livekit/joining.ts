/** The parts of joining.ts where LiveKit is the media provider. */
import type { RuntimeInputs } from "../../edge/handler.ts";
import type { ParticipantTokens, RoomOffers } from "../port.ts";
import { readLiveKitAccess } from "./environment.ts";
import { participantTokens as tokensOfLiveKit } from "./participant-tokens.ts";
import { roomOffers as offersOfLiveKit } from "./room-offers.ts";

export const roomOffers = (): RoomOffers => offersOfLiveKit;

export const participantTokens = ({ now }: Pick<RuntimeInputs, "now">): ParticipantTokens =>
  tokensOfLiveKit(readLiveKitAccess(), now);
