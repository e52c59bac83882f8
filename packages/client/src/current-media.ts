/** The way from the phone's state to the media of a call: one session at a time, and nothing heard of an earlier one. */
import type { EngineRoom, RoomEvent } from "./engine/engine.ts";
import { type MediaAdapter, type MediaSession, type MediaState, NO_MEDIA } from "./media.ts";
import type { MediaKind } from "./wire/contract.ts";

export interface CurrentMedia extends EngineRoom {
  state(): MediaState;
  setMuted(muted: boolean): void;
  setCamera(on: boolean): void;
}

export function currentMedia(adapter: MediaAdapter, changed: () => void): CurrentMedia {
  let session: MediaSession | undefined;
  let state = NO_MEDIA;
  let kind: MediaKind = "audio";
  /** What the person wants, from before there is a session and across sessions of one call. */
  let wished: { muted?: boolean; camera?: boolean } = {};
  let turn = 0;
  let announced: boolean | undefined;
  let tellPhone: (event: RoomEvent) => void = () => undefined;

  function look(): void {
    const own = adapter.own?.() ?? NO_MEDIA.own;
    state = session?.state() ?? { ...NO_MEDIA, own: { ...own, muted: wished.muted ?? own.muted } };
    announce();
    changed();
  }

  function announce(): void {
    const { hasMicrophone } = state.own;
    if (!session?.announce || announced === hasMicrophone) return;
    announced = hasMicrophone;
    session.announce({ hasMicrophone });
  }

  function leaveSession(): void {
    turn += 1;
    const left = session;
    session = undefined;
    announced = undefined;
    left?.leave();
  }

  return {
    state: () => state,
    prepare(media) {
      kind = media;
      wished = {};
      adapter.prepare?.(media, look);
      look();
    },
    join(callId, token) {
      leaveSession();
      const mine = turn;
      session = adapter.join(token, {
        callId,
        media: kind,
        tell(event) {
          if (mine !== turn) return;
          if (session) look();
          if (event.is !== "changed") tellPhone({ ...event, callId });
        },
      });
      if (wished.muted !== undefined) session.setMuted?.(wished.muted);
      if (wished.camera !== undefined) session.setCamera?.(wished.camera);
      look();
    },
    leave() {
      leaveSession();
      wished = {};
      adapter.release?.();
      state = NO_MEDIA;
      changed();
    },
    setMuted(muted) {
      wished = { ...wished, muted };
      session?.setMuted?.(muted);
      look();
    },
    setCamera(on) {
      wished = { ...wished, camera: on };
      session?.setCamera?.(on);
      look();
    },
    onEvent: (listener) => void (tellPhone = listener),
  };
}
