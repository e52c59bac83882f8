/** What this page publishes, as its strategy says: asked for, granted, muted, and taken back. */
import type { MutableStream } from "./local-stream.ts";
import type { Tracks } from "./peer.ts";
import type {
  LocalStageStream,
  StageParticipantInfo,
  StageParticipantPublishState,
  StageStrategy,
  StageStream,
  StreamType,
} from "./stage.ts";

export interface Publication {
  /** What the others may be sent: nothing before the service has granted it. */
  tracks(): Tracks;
  /** Asks the strategy, and does what it says. */
  refresh(): void;
  granted(): void;
  refused(): void;
  end(): void;
}

export interface PublicationWorld {
  publish(): void;
  unpublish(): void;
  mute(): void;
  tracksChanged(): void;
  stateChanged(state: StageParticipantPublishState): void;
  added(streams: StageStream[]): void;
  removed(streams: StageStream[]): void;
  muteChanged(stream: StageStream): void;
}

export function createPublication(
  info: StageParticipantInfo,
  strategy: StageStrategy,
  world: PublicationWorld,
): Publication {
  let state: StageParticipantPublishState = "not_published";
  let streams: readonly LocalStageStream[] = [];

  function setState(next: StageParticipantPublishState): void {
    if (next === state) return;
    state = next;
    info.isPublishing = next === "published";
    world.stateChanged(next);
    world.tracksChanged();
  }

  const isActive = (): boolean => state === "attempting_publish" || state === "published";

  /** Asking to publish says what is muted then; later changes are told on their own. */
  function noteMute(): void {
    const isOff = (type: StreamType): boolean =>
      streams.find(({ streamType }) => streamType === type)?.isMuted ?? true;
    const [audioMuted, videoStopped] = [isOff("audio"), isOff("video")];
    if (info.audioMuted === audioMuted && info.videoStopped === videoStopped) return;
    Object.assign(info, { audioMuted, videoStopped });
    if (isActive()) world.mute();
  }

  const muted = (stream: StageStream): void => {
    noteMute();
    world.muteChanged(stream);
  };

  function replace(next: readonly LocalStageStream[]): void {
    const gone = streams.filter((stream) => !next.includes(stream));
    const fresh = next.filter((stream) => !streams.includes(stream));
    streams = next;
    for (const stream of gone) (stream as MutableStream).off("localStreamMutedChanged", muted);
    for (const stream of fresh) (stream as MutableStream).on("localStreamMutedChanged", muted);
    noteMute();
    if (gone.length > 0) world.removed([...gone]);
    if (fresh.length > 0) world.added([...fresh]);
  }

  function stop(next: StageParticipantPublishState): void {
    setState(next);
    replace([]);
  }

  return {
    tracks: () =>
      state === "published"
        ? Object.fromEntries(
            streams.map(({ streamType, mediaStreamTrack }) => [streamType, mediaStreamTrack]),
          )
        : {},
    /** A token without PUBLISH publishes nothing, and the strategy is not asked. */
    refresh() {
      if (!info.capabilities.has("publish")) return;
      const wanted = strategy.shouldPublishParticipant(info);
      if (!wanted) {
        if (!isActive()) return;
        stop("not_published");
        return world.unpublish();
      }
      const next = strategy.stageStreamsToPublish();
      if (!isActive() && next.length === 0) return;
      replace(next);
      if (isActive()) return world.tracksChanged();
      setState("attempting_publish");
      world.publish();
    },
    granted() {
      if (state === "attempting_publish") setState("published");
    },
    refused() {
      if (state === "attempting_publish") stop("errored");
    },
    end: () => stop("not_published"),
  };
}
