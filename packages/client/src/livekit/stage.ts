/**
 * A LiveKit room under the names of the IVS SDK's stage, which the phone's media is written for: what it sends, and whom it sees, a
 * strategy says, and it is asked again when something changes.
 */
import { constructorOf } from "../ivs/constructor-of.ts";
import { createEmitter } from "../ivs/emitter.ts";
import type {
  ParticipantInfo,
  Stage,
  StageEvents,
  StageLeftReason,
  StageSdk,
  StageStream,
  Strategy,
  Track,
} from "../ivs/stage.ts";
import { type OwnStream, ownStream, sendingOf } from "./own-streams.ts";
import {
  DISCONNECTED,
  type LiveKitSdk,
  newRoom,
  type RemotePublication,
  type SdkParticipant,
} from "./sdk.ts";
import { serverUrlOf } from "./server-url.ts";

/** The SDK mends a lost connection by itself, at once or after these; after them the phone asks for another token. */
const RETRIES_MS = [300, 1_000, 2_000] as const;

/** `url`: the server's address, if tokens do not name it. */
export const liveKitStage = (sdk: LiveKitSdk, url?: string): StageSdk => ({
  Stage: constructorOf((token: string, strategy: Strategy<Track>) => stageOf(sdk, { token, strategy, url })),
  LocalStageStream: constructorOf(ownStream),
});

interface StageOptions<T extends Track> {
  readonly token: string;
  readonly strategy: Strategy<T>;
  readonly url: string | undefined;
}

function stageOf<T extends Track>(sdk: LiveKitSdk, { token, strategy, url }: StageOptions<T>): Stage<T> {
  const room = newRoom<T>(sdk, {
    reconnectPolicy: { nextRetryDelayInMs: ({ retryCount }) => RETRIES_MS[retryCount] ?? null },
  });
  const { emit, on } = createEmitter<StageEvents<T>>();
  const failed = (): void => emit("stageConnectionStateChanged", "errored");
  const sending = sendingOf<T>(() => room.localParticipant, failed);
  let isInside = false;

  function refresh(): void {
    if (!isInside) return;
    const isSending = strategy.shouldPublishParticipant(infoOf(room.localParticipant, true));
    // What a strategy gives was made by this SDK's class.
    sending.send(isSending ? (strategy.stageStreamsToPublish() as OwnStream<T>[]) : []);
    for (const who of room.remoteParticipants.values()) {
      const wanted = strategy.shouldSubscribeToParticipant(infoOf(who, false));
      for (const what of who.trackPublications.values())
        what.setSubscribed(wanted === "audio_video" || (wanted === "audio_only" && what.kind === "audio"));
    }
  }

  const ofStream =
    (event: "stageParticipantStreamsAdded" | "stageParticipantStreamsRemoved") =>
    (_track: unknown, what: RemotePublication<T>, who: SdkParticipant): void => {
      const stream = streamOf(what);
      if (stream) emit(event, infoOf(who, false), [stream]);
    };
  const muteChanged = (what: RemotePublication<T>, who: SdkParticipant): void => {
    const isLocal = who.identity === room.localParticipant.identity;
    const stream = isLocal ? undefined : streamOf(what);
    if (stream) emit("stageStreamMuteChanged", infoOf(who, isLocal), stream);
  };
  room.on("reconnected", () => emit("stageConnectionStateChanged", "connected"));
  room.on("disconnected", (reason) => {
    isInside = false;
    emit("stageLeft", LEFT_REASONS.get(reason) ?? "unknown");
  });
  room.on("participantConnected", (who) => {
    emit("stageParticipantJoined", infoOf(who, false));
    refresh();
  });
  room.on("participantDisconnected", (who) => {
    emit("stageParticipantLeft", infoOf(who, false));
    refresh();
  });
  room.on("trackPublished", refresh);
  room.on("trackSubscribed", ofStream("stageParticipantStreamsAdded"));
  room.on("trackUnsubscribed", ofStream("stageParticipantStreamsRemoved"));
  room.on("trackMuted", muteChanged);
  room.on("trackUnmuted", muteChanged);

  return {
    async join() {
      const address = url ?? serverUrlOf(token);
      if (!address) throw new Error("The participant token names no LiveKit server: give its url.");
      await room.connect(address, token, { autoSubscribe: false });
      isInside = true;
      emit("stageConnectionStateChanged", "connected");
      for (const who of room.remoteParticipants.values()) emit("stageParticipantJoined", infoOf(who, false));
      refresh();
    },
    leave() {
      isInside = false;
      void room.disconnect(false);
    },
    refreshStrategy: refresh,
    on,
  };
}

const infoOf = ({ identity, attributes }: SdkParticipant, isLocal: boolean): ParticipantInfo => ({
  id: identity,
  userId: attributes["clientId"] ?? identity,
  attributes,
  isLocal,
});

/** Nothing of a track that is not received. Whether it is muted is read when it is shown. */
function streamOf<T extends Track>(what: RemotePublication<T>): StageStream<T> | undefined {
  const track = what.track?.mediaStreamTrack;
  if (!track) return undefined;
  return {
    id: what.trackSid,
    streamType: what.kind === "audio" ? "audio" : "video",
    mediaStreamTrack: track,
    get isMuted() {
      return what.isMuted;
    },
  };
}

const LEFT_REASONS = new Map<number | undefined, StageLeftReason>([
  [DISCONNECTED.DUPLICATE_IDENTITY, "token-reused"],
  [DISCONNECTED.PARTICIPANT_REMOVED, "participant-disconnected"],
  [DISCONNECTED.ROOM_DELETED, "stage-deleted"],
  [DISCONNECTED.ROOM_CLOSED, "stage-deleted"],
]);
