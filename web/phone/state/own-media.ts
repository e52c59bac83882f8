/** This page's camera and microphone in a call: asked for, muted, switched off, let go. */
import type { Media } from "../../../calls/call.ts";

/** Why there is no camera or no microphone. */
export type CaptureTrouble = "refused" | "missing" | "in-use" | "failed";

export interface OwnState {
  /** Own picture; undefined without a camera, or while it is off. */
  readonly ownVideo?: MediaStream | undefined;
  readonly hasMicrophone: boolean;
  readonly muted: boolean;
  readonly cameraOn: boolean;
  readonly trouble: { readonly camera?: CaptureTrouble; readonly microphone?: CaptureTrouble };
}

export interface Captured {
  readonly tracks: readonly MediaStreamTrack[];
  readonly trouble: OwnState["trouble"];
}

export interface CaptureWorld {
  /** Never rejects: what cannot be had is trouble. */
  readonly capture: (wanted: Media | "camera") => Promise<Captured>;
  /** A browser's MediaStream, or a test's. */
  readonly newStream: (tracks: MediaStreamTrack[]) => MediaStream;
}

export interface OwnMedia {
  state(): OwnState;
  tracks(): readonly MediaStreamTrack[];
  begin(media: Media): void;
  setMuted(muted: boolean): void;
  setCamera(on: boolean): void;
  /** Camera and microphone are no longer used: their lights go out. */
  end(): void;
}

const NOTHING: OwnState = { hasMicrophone: false, muted: false, cameraOn: false, trouble: {} };

export function ownMedia({ capture, newStream }: CaptureWorld, changed: () => void): OwnMedia {
  let state = NOTHING;
  let tracks: readonly MediaStreamTrack[] = [];
  /** Rises when a call begins or ends: what was asked for earlier is let go as it comes. */
  let turn = 0;
  let askingCamera = false;

  function show(trouble: OwnState["trouble"] = state.trouble): void {
    const video = tracks.find(({ kind }) => kind === "video");
    const same = state.ownVideo?.getTracks()[0] === video;
    const hasMicrophone = tracks.some(({ kind }) => kind === "audio");
    const ownVideo = same ? state.ownVideo : video && newStream([video]);
    state = { ...state, ownVideo, cameraOn: video !== undefined, hasMicrophone, trouble };
    changed();
  }

  async function obtain(wanted: Media | "camera"): Promise<void> {
    const mine = turn;
    const got = await capture(wanted);
    if (mine !== turn) return stop(got.tracks);
    tracks = [...tracks, ...got.tracks];
    for (const track of got.tracks) if (track.kind === "audio") track.enabled = !state.muted;
    show({ ...state.trouble, ...got.trouble });
  }

  function end(): void {
    turn += 1;
    stop(tracks);
    tracks = [];
    state = NOTHING;
    changed();
  }

  return {
    state: () => state,
    tracks: () => tracks,
    begin(media) {
      end();
      void obtain(media);
    },
    setMuted(muted) {
      for (const track of tracks) if (track.kind === "audio") track.enabled = !muted;
      state = { ...state, muted };
      changed();
    },
    setCamera(on) {
      if (on === state.cameraOn || askingCamera) return;
      if (on) {
        askingCamera = true;
        return void obtain("camera").finally(() => (askingCamera = false));
      }
      stop(tracks.filter(({ kind }) => kind === "video"));
      tracks = tracks.filter(({ kind }) => kind !== "video");
      show();
    },
    end,
  };
}

function stop(tracks: readonly MediaStreamTrack[]): void {
  for (const track of tracks) track.stop();
}
