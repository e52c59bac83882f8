/**
 * The media of a call by the IVS Web SDK, or by a stage of one's own with the same names.
 *
 * While a participant on the stage does not carry this call's id, the phone sends nothing and subscribes to nothing.
 */
import { browserCapture, newMediaStream } from "./ivs/browser-capture.ts";
import { browserLevel } from "./ivs/browser-level.ts";
import type { Captured, CaptureWorld } from "./ivs/own-media.ts";
import { openRoom, type RoomState, type RoomWorld } from "./ivs/room.ts";
import type { StageSdk, Track } from "./ivs/stage.ts";
import type { MediaAdapter, MediaState } from "./media.ts";

export { browserCapture, browserLevel };
export type { Captured, CaptureWorld, StageSdk, Track };

export interface IvsOptions<T extends Track, S> {
  /** The SDK: `amazon-ivs-web-broadcast`, loaded when the first call begins if a function gives it. */
  readonly sdk: StageSdk | (() => Promise<StageSdk>);
  /** Microphone and camera; never rejects, what cannot be had is trouble. Without it the browser's are asked for. */
  readonly capture?: CaptureWorld<T, S>["capture"];
  /** Makes what a view shows of tracks; without it a MediaStream. */
  readonly newStream?: (tracks: T[]) => S;
  /** Measures how loud a track is, from 0 to 1. */
  readonly levelOf?: (track: S) => number;
  /** Why a stage could not be joined, for a log. */
  readonly failed?: (error: unknown) => void;
}

export function ivsMedia<T extends Track = Track, S = unknown>(options: IvsOptions<T, S>): MediaAdapter {
  const { sdk, levelOf } = options;
  const room = openRoom({
    loadSdk: typeof sdk === "function" ? sdk : async () => sdk,
    capture: options.capture ?? (browserCapture as RoomWorld<T, S>["capture"]), // a browser's tracks
    newStream: options.newStream ?? (newMediaStream as RoomWorld<T, S>["newStream"]), // a browser's MediaStream
    ...(options.failed && { failed: options.failed }),
  });
  const seen = mediaStates<S>(levelOf);
  let stopPreview = (): void => undefined;
  return {
    prepare(media, changed) {
      stopPreview();
      stopPreview = room.subscribe(changed);
      room.prepare(media);
    },
    own: () => seen(room.state()).own,
    join(token, { callId, tell }) {
      room.onEvent(tell);
      const stop = room.subscribe(() => tell({ is: "changed" }));
      room.join(callId, token);
      return {
        state: () => seen(room.state()),
        leave() {
          stop();
          room.leaveStage();
        },
        setMuted: (muted) => room.setMuted(muted),
        setCamera: (on) => room.setCamera(on),
      };
    },
    release() {
      stopPreview();
      room.leave();
    },
  };
}

/** The same state gives the same object: callers compare them. */
function mediaStates<S>(levelOf: ((stream: S) => number) | undefined): (state: RoomState<S>) => MediaState {
  let last: { readonly of: RoomState<S>; readonly state: MediaState } | undefined;
  return (of) => {
    if (last?.of !== of) last = { of, state: stateOf(of, levelOf) };
    return last.state;
  };
}

function stateOf<S>(room: RoomState<S>, levelOf: ((stream: S) => number) | undefined): MediaState {
  const { parties, ownVideo: picture, hasMicrophone, muted, cameraOn, trouble } = room;
  return {
    parties: parties.map(({ stream, ...party }) => ({
      ...party,
      picture: stream,
      ...(levelOf && { level: () => levelOf(stream) }),
    })),
    own: { picture, hasMicrophone, muted, cameraOn, trouble },
  };
}
