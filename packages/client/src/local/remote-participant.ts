/** Another participant of the stage: what it shows, what this page wants of it, and what it wants of this page. */
import { createRemoteStream, type RemoteStream } from "./local-stream.ts";
import { openPeer, type Peer, STREAM_TYPES, type Tracks } from "./peer.ts";
import type { ParticipantShown, Signal } from "./signalling.ts";
import type {
  StageParticipantInfo,
  StageParticipantSubscribeState,
  StageStream,
  StreamType,
  SubscribeType,
} from "./stage.ts";

const STREAMS_OF: Readonly<Record<SubscribeType, readonly StreamType[]>> = {
  none: [],
  audio_only: ["audio"],
  audio_video: ["audio", "video"],
};

export interface RemoteParticipant {
  readonly info: StageParticipantInfo;
  subscribe(type: SubscribeType): void;
  /** Which streams of this page it wants. */
  wants(streams: readonly StreamType[]): void;
  /** What this page publishes now. */
  offered(tracks: Tracks): void;
  /** What the service now says of it. */
  update(shown: ParticipantShown): void;
  hear(signal: Signal): void;
  close(): void;
}

/** What a remote participant does and tells; the stage knows whom it is about. */
export interface RemoteWorld {
  /** Of the two pages, exactly one offers. */
  readonly offers: boolean;
  say(signal: Signal): void;
  askFor(streams: readonly StreamType[]): void;
  added(streams: StageStream[]): void;
  removed(streams: StageStream[]): void;
  muteChanged(stream: StageStream): void;
  subscribeChanged(state: StageParticipantSubscribeState): void;
  failed(why: string): void;
}

export function infoOf(shown: ParticipantShown, isLocal: boolean): StageParticipantInfo {
  const { connection: _, capabilities, ...info } = shown;
  return { ...info, capabilities: new Set(capabilities), isLocal };
}

export function createRemoteParticipant(shown: ParticipantShown, world: RemoteWorld): RemoteParticipant {
  const info = infoOf(shown, false);
  const streams = new Map<StreamType, RemoteStream>();
  let peer: Peer | undefined;
  let subscribeType: SubscribeType = "none";
  let asked: readonly StreamType[] = [];
  let wanted: readonly StreamType[] = [];
  let published: Tracks = {};
  let subscribeState: StageParticipantSubscribeState = "not_subscribed";

  const isMuted = (type: StreamType): boolean => (type === "audio" ? info.audioMuted : info.videoStopped);

  /** Opened by the first that has something to say. */
  function opened(): Peer {
    peer ??= openPeer({
      offers: world.offers,
      say: (signal) => world.say(signal),
      changed(isConnected) {
        reconcile();
        if (isConnected && asked.length > 0) setSubscribeState("subscribed");
      },
      failed(why) {
        if (asked.length > 0) setSubscribeState("errored");
        world.failed(why);
      },
    });
    return peer;
  }

  function setSubscribeState(state: StageParticipantSubscribeState): void {
    if (state === subscribeState) return;
    subscribeState = state;
    world.subscribeChanged(state);
  }

  /** Streams are what this page wants and receives; one that comes back is another stream. */
  function reconcile(): void {
    const received = peer?.received() ?? {};
    const tracks = STREAM_TYPES.map(
      (type) => [type, asked.includes(type) ? received[type] : undefined] as const,
    );
    const gone = tracks.flatMap(([type, track]) => {
      const stream = streams.get(type);
      return stream && stream.mediaStreamTrack !== track ? [stream] : [];
    });
    for (const { streamType } of gone) streams.delete(streamType);
    if (gone.length > 0) world.removed(gone);
    const fresh = tracks.flatMap(([type, track]) =>
      track && !streams.has(type) ? [createRemoteStream(track, isMuted(type))] : [],
    );
    for (const stream of fresh) streams.set(stream.streamType, stream);
    if (fresh.length > 0) world.added(fresh);
  }

  /** A participant who publishes nothing is asked for nothing. */
  function ask(): void {
    const next = info.isPublishing ? STREAMS_OF[subscribeType] : [];
    if (next.join() === asked.join()) return;
    if (asked.length === 0) setSubscribeState("attempting_subscribe");
    asked = next;
    world.askFor(next);
    reconcile();
    if (next.length === 0) setSubscribeState("not_subscribed");
  }

  function sendWanted(): void {
    const tracks = Object.fromEntries(
      wanted.flatMap((type) => (published[type] ? [[type, published[type]]] : [])),
    );
    if (peer || wanted.length > 0) opened().send(tracks);
  }

  function showMute(): void {
    for (const stream of streams.values()) {
      const muted = isMuted(stream.streamType);
      if (stream.isMuted === muted) continue;
      stream.isMuted = muted;
      stream.mediaStreamTrack.enabled = !muted;
      world.muteChanged(stream);
    }
  }

  return {
    info,
    subscribe(type) {
      subscribeType = type;
      ask();
    },
    wants(types) {
      wanted = types;
      sendWanted();
    },
    offered(tracks) {
      published = tracks;
      sendWanted();
    },
    update({ isPublishing, audioMuted, videoStopped }) {
      Object.assign(info, { isPublishing, audioMuted, videoStopped });
      ask();
      showMute();
    },
    hear: (signal) => void opened().hear(signal),
    close() {
      const left = [...streams.values()];
      streams.clear();
      asked = [];
      peer?.close();
      if (left.length > 0) world.removed(left);
    },
  };
}
