/**
 * The stage's signalling for pages: who is there, who publishes, and what two browsers say to each other to connect.
 *
 * S1 A participant hears and reaches only the stage of its participant token.
 * S2 Media goes from participants that publish to those that may subscribe: a description that would send otherwise is not passed on.
 * S3 A message reaches the connection it was meant for, never a later one of the same participant.
 * S4 A participant that IVS disconnects receives the reason, and its connection ends. A connection that ends without `leave` has vanished.
 */
import type { Clock } from "../clock.ts";
import type { MediaPlane, Participant, StageChange } from "./media-plane.ts";
import { type Page, pageConnection, type PageConnection, type Pages, type Peer } from "./page-connection.ts";
import type { MuteState, ParticipantShown } from "./signalling-messages.ts";

export interface Signalling {
  connect(peer: Peer): PageConnection;
  /** Pages hear of no further change. */
  stop(): void;
}

const CLOSED_AS_USUAL = 1000;
/** Of one who publishes nothing, or is no page: there is nothing to hear or see. */
const SILENT: MuteState = { audioMuted: true, videoStopped: true };

export function stageSignalling(ivs: MediaPlane, clock: Clock): Signalling {
  const joined = new Map<string, Page>();

  const pages: Pages = {
    add(participant, peer) {
      const page = { participant, peer, muted: SILENT, hasPublished: false };
      joined.set(participant.connectionId, page);
      return page;
    },
    shown: (participant) => shown(participant, joined.get(participant.connectionId)?.muted ?? SILENT),
    tellOthers(type, participant) {
      const message = { type, participant: pages.shown(participant) };
      for (const other of ivs.participantsOf(participant.stageArn)) {
        if (other !== participant) joined.get(other.connectionId)?.peer.send(message);
      }
    },
    neighbour({ participant }, connection) {
      const found = joined.get(connection);
      return found?.participant.stageArn === participant.stageArn ? found : undefined;
    },
  };

  function changed({ kind, participant }: StageChange): void {
    const page = joined.get(participant.connectionId);
    if (page && kind === "unpublished") page.muted = SILENT;
    pages.tellOthers(`participant_${kind}`, participant);
    if (kind !== "left" || !page) return;
    joined.delete(participant.connectionId);
    const reason = participant.leftReason ?? "unknown";
    page.peer.send({ type: "left", reason });
    page.peer.close(CLOSED_AS_USUAL, reason);
  }

  return { stop: ivs.watch(changed), connect: (peer) => pageConnection({ ivs, clock, pages }, peer) };
}

function shown(participant: Participant, muted: MuteState): ParticipantShown {
  const { connectionId, participantId, userId, attributes, mayPublish, maySubscribe, publishing } =
    participant;
  const capabilities: ParticipantShown["capabilities"][number][] = [];
  if (mayPublish) capabilities.push("publish");
  if (maySubscribe) capabilities.push("subscribe");
  return {
    connection: connectionId,
    id: participantId,
    userId,
    attributes,
    capabilities,
    isPublishing: publishing,
    ...muted,
  };
}
