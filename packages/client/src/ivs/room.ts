/** The stage of a call as the phone uses it, with this page's camera and microphone. */
import type { RoomEvent } from "../engine/engine.ts";
import { listeners } from "../listeners.ts";
import type { MediaKind } from "../wire/contract.ts";
import { type CaptureWorld, ownMedia, type OwnState } from "./own-media.ts";
import type { Party } from "./stage-parties.ts";
import type { StageSdk, Track } from "./stage.ts";
import { type Visit, visitStage } from "./visit.ts";

export interface RoomState<S> extends OwnState<S> {
  readonly parties: readonly Party<S>[];
  /** Another participant was on the stage with us and is gone for the moment. */
  readonly leftAlone: boolean;
}

export interface Room<S> {
  state(): RoomState<S>;
  subscribe(listener: () => void): () => void;
  /** Asks for the microphone, and for a video call the camera. Without them the call goes on all the same. */
  prepare(media: MediaKind): void;
  /** Joins the call's stage by a participant token; an earlier connection is left. What comes of it is an event. */
  join(callId: string, token: string): void;
  /** Leaves the stage; camera and microphone are kept for the next one. */
  leaveStage(): void;
  /** Leaves the stage and lets go of camera and microphone. */
  leave(): void;
  setMuted(muted: boolean): void;
  setCamera(on: boolean): void;
  onEvent(listener: (event: RoomEvent) => void): void;
}

export interface RoomWorld<T extends Track, S> extends CaptureWorld<T, S> {
  /** Loaded when the first call begins. */
  readonly loadSdk: () => Promise<StageSdk>;
  /** Why the stage could not be joined, for a log: the call itself goes on trying. */
  readonly failed?: (error: unknown) => void;
}

export function openRoom<T extends Track, S>(world: RoomWorld<T, S>): Room<S> {
  const watchers = listeners();
  let visit: Visit<S> | undefined;
  /** The latest token is the one to join with; leaving makes it worthless. */
  let joins = 0;
  let tellPhone: (event: RoomEvent) => void = () => undefined;
  const own = ownMedia(world, () => {
    visit?.refresh();
    changed();
  });
  let state: RoomState<S> = { ...own.state(), parties: [], leftAlone: false };

  function changed(): void {
    state = { ...own.state(), parties: visit?.parties() ?? [], leftAlone: visit?.isAlone() ?? false };
    watchers.tell();
  }

  function leaveStage(): void {
    joins += 1;
    const left = visit;
    visit = undefined;
    left?.leave();
    changed();
  }

  async function join(callId: string, token: string): Promise<void> {
    leaveStage();
    const mine = joins;
    const tell = (event: RoomEvent): void => {
      if (mine === joins) tellPhone(event);
    };
    try {
      const sdk = await world.loadSdk();
      if (mine !== joins) return;
      visit = visitStage(sdk, {
        callId,
        token,
        newStream: world.newStream,
        tracks: () => own.tracks(),
        muted: () => own.state().muted,
        tell: {
          changed,
          connected: () => tell({ is: "connected", callId }),
          lost: (how) => tell({ is: "lost", callId, how }),
          alone: () => tell({ is: "alone", callId }),
        },
      });
      await visit.join();
    } catch (error) {
      world.failed?.(error);
      tell({ is: "lost", callId, how: "broken" });
    }
  }

  return {
    state: () => state,
    subscribe: (listener) => watchers.subscribe(listener),
    prepare: (media) => own.begin(media),
    join: (callId, token) => void join(callId, token),
    leaveStage,
    leave() {
      leaveStage();
      own.end();
    },
    setMuted: (muted) => own.setMuted(muted),
    setCamera: (on) => own.setCamera(on),
    onEvent: (listener) => void (tellPhone = listener),
  };
}
