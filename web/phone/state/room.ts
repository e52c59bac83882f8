/** The stage of a call as the phone uses it, with this page's camera and microphone. */
import type { Media } from "../../../calls/call.ts";
import type { StageSdk } from "../../media/stage.ts";
import type { Loss } from "./events-and-deeds.ts";
import { listeners } from "./listeners.ts";
import { type CaptureWorld, ownMedia, type OwnState } from "./own-media.ts";
import type { Party } from "./stage-parties.ts";
import { type Visit, visitStage } from "./visit.ts";

export type RoomEvent =
  | { readonly is: "connected"; readonly callId: string }
  | { readonly is: "lost"; readonly callId: string; readonly how: Loss }
  /** The last other participant has left. */
  | { readonly is: "alone"; readonly callId: string };

export interface RoomState extends OwnState {
  readonly parties: readonly Party[];
  /** Another participant was on the stage with us and is gone for the moment. */
  readonly leftAlone: boolean;
}

export interface Room {
  state(): RoomState;
  subscribe(listener: () => void): () => void;
  /** Asks for the microphone, and for a video call the camera. Without them the call goes on all the same. */
  prepare(media: Media): void;
  /** Joins the call's stage by a participant token; an earlier connection is left. What comes of it is an event. */
  join(callId: string, token: string): void;
  /** Leaves the stage and lets go of camera and microphone. */
  leave(): void;
  setMuted(muted: boolean): void;
  setCamera(on: boolean): void;
  onEvent(listener: (event: RoomEvent) => void): void;
}

export interface RoomWorld extends CaptureWorld {
  /** Loaded when the first call begins. */
  readonly loadSdk: () => Promise<StageSdk>;
}

export function openRoom(world: RoomWorld): Room {
  const watchers = listeners();
  let visit: Visit | undefined;
  /** The latest token is the one to join with; leaving makes it worthless. */
  let joins = 0;
  let tellPhone: (event: RoomEvent) => void = () => undefined;
  const own = ownMedia(world, () => {
    visit?.refresh();
    changed();
  });
  let state: RoomState = { ...own.state(), parties: [], leftAlone: false };

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
      console.warn("The stage could not be joined.", error);
      tell({ is: "lost", callId, how: "broken" });
    }
  }

  return {
    state: () => state,
    subscribe: (listener) => watchers.subscribe(listener),
    prepare: (media) => own.begin(media),
    join: (callId, token) => void join(callId, token),
    leave() {
      leaveStage();
      own.end();
    },
    setMuted: (muted) => own.setMuted(muted),
    setCamera: (on) => own.setCamera(on),
    onEvent: (listener) => void (tellPhone = listener),
  };
}
