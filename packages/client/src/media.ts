/**
 * What a phone needs of the media of a call. An adapter fills it: `@ringmaster/client/ivs` for the IVS Web SDK, a native module
 * of one's own for React Native. Nothing of a browser is named here, so pictures are whatever the adapter shows them with.
 */
import type { Loss } from "./engine/events-and-deeds.ts";
import type { MediaKind } from "./wire/contract.ts";

export interface MediaAdapter {
  /** A call is placed or answered: microphone and camera will be wanted. The token comes a moment later. `changed`: `own()` did. */
  prepare?(media: MediaKind, changed: () => void): void;
  /** The person's own side before there is a session: a picture of oneself while it rings. */
  own?(): OwnMediaState;
  /** Joins the stage of a call. A failure is told, not thrown. */
  join(token: string, call: JoinedCall): MediaSession;
  /** The call is over: microphone and camera are let go, also if nothing was joined. */
  release?(): void;
}

export interface JoinedCall {
  readonly callId: string;
  readonly media: MediaKind;
  tell(this: void, event: MediaEvent): void;
}

export type MediaEvent =
  /** On the stage, at first and after each loss that mended by itself. */
  | { readonly is: "connected" }
  | { readonly is: "lost"; readonly how: Loss }
  /** The last other participant has left: they may have hung up, or lost the network. */
  | { readonly is: "alone" }
  /** `state()` gives something else now. */
  | { readonly is: "changed" };

/** One time on the stage. The phone leaves it before it joins with another token. */
export interface MediaSession {
  state(): MediaState;
  leave(): void;
  setMuted?(muted: boolean): void;
  setCamera?(on: boolean): void;
  /** Tells the others that this phone has no microphone, if the stage has a way to; else they see that no sound is sent. */
  announce?(own: Pick<OwnMediaState, "hasMicrophone">): void;
}

export interface MediaState {
  readonly parties: readonly RemoteParty[];
  readonly own: OwnMediaState;
}

/** Another participant on the stage. */
export interface RemoteParty {
  readonly participantId: string;
  readonly clientId: string;
  /** What the adapter's views show: a MediaStream in a browser. */
  readonly picture?: unknown;
  readonly hasVideo: boolean;
  readonly muted: boolean;
  /** Whether any sound is sent, muted or not. */
  readonly hasMicrophone: boolean;
  /** How loud, from 0 to 1, as of now; where the adapter can measure it. */
  level?(): number;
}

export interface OwnMediaState {
  readonly picture?: unknown;
  readonly hasMicrophone: boolean;
  readonly muted: boolean;
  readonly cameraOn: boolean;
  /** Why there is no camera or no microphone. */
  readonly trouble: { readonly camera?: CaptureTrouble; readonly microphone?: CaptureTrouble };
}

export type CaptureTrouble = "refused" | "missing" | "in-use" | "failed";

export const NO_MEDIA: MediaState = {
  parties: [],
  own: { hasMicrophone: false, muted: false, cameraOn: false, trouble: {} },
};
