/** The stage of a call with this page's camera and microphone. */
import type { RoomEvent } from "../../../packages/client/src/engine/engine.ts";
import type { Captured as CapturedOf } from "../../../packages/client/src/ivs/own-media.ts";
import * as ivs from "../../../packages/client/src/ivs/room.ts";

export type { RoomEvent };
export type Room = ivs.Room<MediaStream>;
export type RoomState = ivs.RoomState<MediaStream>;
export type Captured = CapturedOf<MediaStreamTrack>;
export const openRoom = (world: ivs.RoomWorld<MediaStreamTrack, MediaStream>): Room =>
  ivs.openRoom({ failed: (error) => console.warn("The stage could not be joined.", error), ...world });
