/** Streams of a local stage: one track, and whether it is muted. */
import { createEmitter } from "../ivs/emitter.ts";
import type { LocalStageStream, StageStream, StreamType } from "./stage.ts";

/** A local stream that its stage listens to. */
export interface MutableStream extends LocalStageStream {
  on(event: "localStreamMutedChanged", callback: (stream: StageStream) => void): void;
  off(event: "localStreamMutedChanged", callback: (stream: StageStream) => void): void;
}

export const streamTypeOf = ({ kind }: MediaStreamTrack): StreamType =>
  kind === "audio" ? "audio" : "video";

export function createLocalStream(track: MediaStreamTrack): MutableStream {
  const { on, off, emit } = createEmitter<{ localStreamMutedChanged: (stream: StageStream) => void }>();
  let isMuted = !track.enabled;
  const stream: MutableStream = {
    on,
    off,
    id: track.id,
    streamType: streamTypeOf(track),
    mediaStreamTrack: track,
    get isMuted() {
      return isMuted;
    },
    setMuted(muted) {
      if (muted === isMuted) return;
      track.enabled = !muted;
      isMuted = muted;
      emit("localStreamMutedChanged", stream);
    },
  };
  return stream;
}

export interface RemoteStream extends StageStream {
  isMuted: boolean;
}

/** A remote track is silent or frozen while its publisher says that it is muted. */
export function createRemoteStream(track: MediaStreamTrack, muted: boolean): RemoteStream {
  track.enabled = !muted;
  return { id: track.id, streamType: streamTypeOf(track), mediaStreamTrack: track, isMuted: muted };
}
