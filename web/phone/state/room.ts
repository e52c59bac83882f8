/** The stage of a call as the phone uses it, with this page's camera and microphone. */
import type { Media } from "../../../calls/call.ts";

export type RoomEvent =
  | { readonly is: "connected"; readonly callId: string }
  /** `moved`: the same token was used somewhere else, so this page is not to come back. */
  | { readonly is: "lost"; readonly callId: string; readonly moved: boolean }
  /** Whoever was there has left. */
  | { readonly is: "alone"; readonly callId: string };

/** Why there is no camera or no microphone. */
export type CaptureTrouble = "refused" | "missing" | "in-use" | "failed";

export interface Party {
  readonly participantId: string;
  readonly stream: MediaStream;
  readonly hasVideo: boolean;
  readonly muted: boolean;
}

export interface RoomState {
  /** Own picture; undefined without a camera, or while it is off. */
  readonly ownVideo?: MediaStream | undefined;
  readonly hasMicrophone: boolean;
  readonly muted: boolean;
  readonly cameraOn: boolean;
  readonly trouble: { readonly camera?: CaptureTrouble; readonly microphone?: CaptureTrouble };
  readonly parties: readonly Party[];
  /** Somebody was on the stage with us and is gone for the moment. */
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
