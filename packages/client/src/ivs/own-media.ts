/** This page's camera and microphone in a call: asked for, muted, switched off, let go. */
import type { OwnMediaState } from "../media.ts";
import type { MediaKind } from "../wire/contract.ts";
import type { Track } from "./stage.ts";

export interface OwnState<S> {
  /** Own picture; undefined without a camera, or while it is off. */
  readonly ownVideo?: S | undefined;
  readonly hasMicrophone: boolean;
  readonly muted: boolean;
  readonly cameraOn: boolean;
  readonly trouble: OwnMediaState["trouble"];
}

export interface Captured<T extends Track> {
  readonly tracks: readonly T[];
  readonly trouble: OwnMediaState["trouble"];
}

export interface CaptureWorld<T extends Track, S> {
  /** Never rejects: what cannot be had is trouble. */
  readonly capture: (wanted: MediaKind | "camera") => Promise<Captured<T>>;
  /** A browser's MediaStream, or a test's. */
  readonly newStream: (tracks: T[]) => S;
}

export interface OwnMedia<T extends Track, S> {
  state(): OwnState<S>;
  tracks(): readonly T[];
  begin(media: MediaKind): void;
  setMuted(muted: boolean): void;
  setCamera(on: boolean): void;
  /** Camera and microphone are no longer used: their lights go out. */
  end(): void;
}

const NOTHING: OwnState<never> = { hasMicrophone: false, muted: false, cameraOn: false, trouble: {} };

export function ownMedia<T extends Track, S>(
  { capture, newStream }: CaptureWorld<T, S>,
  changed: () => void,
): OwnMedia<T, S> {
  let state: OwnState<S> = NOTHING;
  let tracks: readonly T[] = [];
  /** The camera's track that the own picture shows. */
  let shown: T | undefined;
  /** Rises when a call begins or ends: what was asked for earlier is let go as it comes. */
  let turn = 0;
  let askingCamera = false;

  function show(trouble: OwnMediaState["trouble"] = state.trouble): void {
    const video = tracks.find(({ kind }) => kind === "video");
    const same = state.ownVideo !== undefined && shown === video;
    const hasMicrophone = tracks.some(({ kind }) => kind === "audio");
    const ownVideo = same ? state.ownVideo : video && newStream([video]);
    shown = video;
    state = { ...state, ownVideo, cameraOn: video !== undefined, hasMicrophone, trouble };
    changed();
  }

  async function obtain(wanted: MediaKind | "camera"): Promise<void> {
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

function stop(tracks: readonly Track[]): void {
  for (const track of tracks) track.stop();
}
