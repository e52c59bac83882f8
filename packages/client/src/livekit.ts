/**
 * The media of a call by LiveKit's Web SDK, or by its SDK for React Native.
 *
 * While a participant in the room does not carry this call's id, the phone sends nothing and subscribes to nothing.
 */
import type { Track } from "./ivs/stage.ts";
import { type IvsOptions, ivsMedia } from "./ivs.ts";
import type { LiveKitSdk } from "./livekit/sdk.ts";
import { liveKitStage } from "./livekit/stage.ts";
import type { MediaAdapter } from "./media.ts";

export { browserCapture, browserLevel } from "./ivs.ts";
export type { Captured, CaptureWorld, Track } from "./ivs.ts";
export type { LiveKitSdk };

/** Capture, streams, levels and failures as with the other SDK. */
export interface LiveKitOptions<T extends Track, S> extends Omit<IvsOptions<T, S>, "sdk"> {
  /** The SDK: `livekit-client`, loaded when the first call begins if a function gives it. */
  readonly sdk: LiveKitSdk | (() => Promise<LiveKitSdk>);
  /** The server's address, if it is not the one that tokens name. */
  readonly url?: string;
}

export function liveKitMedia<T extends Track = Track, S = unknown>({
  sdk,
  url,
  ...options
}: LiveKitOptions<T, S>): MediaAdapter {
  const load = typeof sdk === "function" ? sdk : async () => sdk;
  return ivsMedia<T, S>({ ...options, sdk: async () => liveKitStage(await load(), url) });
}
