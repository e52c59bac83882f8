/** What this phone sends into a room: streams of the IVS SDK's interface, published as tracks of LiveKit's. */
import type { LocalStream, Track } from "../ivs/stage.ts";
import type { LocalPublication, LocalSdkParticipant } from "./sdk.ts";

export interface OwnStream<T extends Track> extends LocalStream<T> {
  /** Where the others hear that it is muted. */
  published: LocalPublication | undefined;
}

export function ownStream<T extends Track>(track: T): OwnStream<T> {
  const stream: OwnStream<T> & { isMuted: boolean } = {
    id: track.id,
    streamType: track.kind === "audio" ? "audio" : "video",
    mediaStreamTrack: track,
    isMuted: false,
    published: undefined,
    setMuted(muted) {
      stream.isMuted = muted;
      track.enabled = !muted;
      void tellMuted(stream);
    },
  };
  return stream;
}

async function tellMuted<T extends Track>({ published, isMuted }: OwnStream<T>): Promise<void> {
  await (isMuted ? published?.mute() : published?.unmute());
}

export interface Sending<T extends Track> {
  /** Makes these, and no others, be sent. What is asked later is done later. */
  send(wanted: readonly OwnStream<T>[]): void;
}

export function sendingOf<T extends Track>(
  me: () => LocalSdkParticipant<T>,
  failed: (error: unknown) => void,
): Sending<T> {
  const sent = new Set<OwnStream<T>>();
  let last = Promise.resolve();

  async function become(wanted: readonly OwnStream<T>[]): Promise<void> {
    for (const stream of sent) {
      if (wanted.includes(stream)) continue;
      sent.delete(stream);
      stream.published = undefined;
      // The code that made a track also stops it.
      await me().unpublishTrack(stream.mediaStreamTrack, false);
    }
    for (const stream of wanted) {
      if (sent.has(stream)) continue;
      sent.add(stream);
      const source = stream.streamType === "audio" ? "microphone" : "camera";
      stream.published = await me().publishTrack(stream.mediaStreamTrack, { source });
      if (stream.isMuted) await tellMuted(stream);
    }
  }
  return {
    send(wanted) {
      last = last.then(() => become(wanted)).catch(failed);
    },
  };
}
