/** One time on the stage of a call, from joining it with a participant token until it is left. */
import type { Loss } from "../engine/events-and-deeds.ts";
import {
  type LocalStream,
  type ParticipantInfo,
  type Stage,
  type StageLeftReason,
  type StageSdk,
  type StageStream,
  type Track,
  used,
} from "./stage.ts";
import { type Party, stageParties } from "./stage-parties.ts";

export interface VisitOptions<T extends Track, S> {
  readonly callId: string;
  readonly token: string;
  readonly newStream: (tracks: T[]) => S;
  /** What is to be sent, as it is now. */
  readonly tracks: () => readonly T[];
  readonly muted: () => boolean;
  readonly tell: {
    readonly changed: () => void;
    readonly connected: () => void;
    readonly lost: (how: Loss) => void;
    /** The last of the others has gone. */
    readonly alone: () => void;
  };
}

export interface Visit<S> {
  readonly callId: string;
  join(): Promise<void>;
  /** Tells nothing more. */
  leave(): void;
  /** What is to be sent has changed. */
  refresh(): void;
  parties(): Party<S>[];
  isAlone(): boolean;
}

export function visitStage<T extends Track, S>(given: StageSdk, options: VisitOptions<T, S>): Visit<S> {
  const sdk = used<T>(given);
  const { callId, token, tracks, muted, tell } = options;
  const parties = stageParties(options.newStream);
  const streams = new Map<string, LocalStream<T>>();
  const streamOf = (track: T): LocalStream<T> => {
    const stream = streams.get(track.id) ?? new sdk.LocalStageStream(track);
    streams.set(track.id, stream);
    if (track.kind === "audio") stream.setMuted(muted());
    return stream;
  };
  // A participant of another call is a stranger: this page sends nothing while one is on the stage.
  const stage = new sdk.Stage(token, {
    stageStreamsToPublish: () => tracks().map(streamOf),
    shouldPublishParticipant(me) {
      parties.own(me);
      return tracks().length > 0 && parties.allOf(callId);
    },
    shouldSubscribeToParticipant: (info) =>
      parties.allOf(callId) && !parties.isOwn(info) ? "audio_video" : "none",
  });
  const mine = { connected: false, left: false, alone: false };

  function lose(how: Loss): void {
    const told = !mine.connected && how === "broken";
    mine.connected = false;
    if (!mine.left && !told) tell.lost(how);
  }
  hear(stage, {
    isLeft: () => mine.left,
    connected() {
      mine.connected = true;
      tell.connected();
    },
    lose,
    joined(info) {
      parties.joined(info);
      mine.alone = mine.alone && parties.isEmpty();
      stage.refreshStrategy();
    },
    gone(info) {
      const wasEmpty = parties.isEmpty();
      parties.left(info);
      if (wasEmpty || !parties.isEmpty()) return;
      mine.alone = true;
      tell.alone();
    },
    added: (info, those) => parties.added(info, those),
    removed: (info, those) => parties.removed(info, those),
    changed: tell.changed,
  });
  return {
    callId,
    join: () => stage.join(),
    leave() {
      mine.left = true;
      stage.leave();
    },
    refresh() {
      for (const track of tracks()) if (streams.has(track.id)) streamOf(track);
      if (mine.connected) stage.refreshStrategy();
    },
    parties: () => parties.list(),
    isAlone: () => mine.alone,
  };
}

/** What each reason means for the phone. Of leaving by itself it hears nothing. */
const LOSSES: Readonly<Record<StageLeftReason, Loss>> = {
  unknown: "broken",
  "user-initiated": "broken",
  "token-reused": "moved",
  "participant-disconnected": "thrown-out",
  "stage-deleted": "thrown-out",
  "failed-exchange": "broken",
  "real-time-connection-forced-leave": "broken",
  "real-time-connection-token-revocation": "thrown-out",
};

interface Ears<T extends Track> {
  readonly isLeft: () => boolean;
  readonly connected: () => void;
  readonly lose: (how: Loss) => void;
  readonly joined: (info: ParticipantInfo) => void;
  readonly gone: (info: ParticipantInfo) => void;
  readonly added: (info: ParticipantInfo, streams: StageStream<T>[]) => void;
  readonly removed: (info: ParticipantInfo, streams: StageStream<T>[]) => void;
  readonly changed: () => void;
}

/** Of the others only, and nothing after leaving: a stage that is left says of every participant that it goes. */
function hear<T extends Track>(stage: Stage<T>, ears: Ears<T>): void {
  const ofOthers =
    <Rest extends unknown[]>(happen: (info: ParticipantInfo, ...rest: Rest) => void) =>
    (info: ParticipantInfo, ...rest: Rest): void => {
      if (info.isLocal || ears.isLeft()) return;
      happen(info, ...rest);
      ears.changed();
    };
  stage.on("stageConnectionStateChanged", (state) => {
    if (ears.isLeft()) return;
    if (state === "connected") ears.connected();
    if (state === "errored") ears.lose("broken");
  });
  stage.on("stageLeft", (reason) => ears.lose(LOSSES[reason]));
  stage.on("stageParticipantJoined", ofOthers(ears.joined));
  stage.on("stageParticipantLeft", ofOthers(ears.gone));
  stage.on("stageParticipantStreamsAdded", ofOthers(ears.added));
  stage.on("stageParticipantStreamsRemoved", ofOthers(ears.removed));
  stage.on(
    "stageStreamMuteChanged",
    ofOthers(() => undefined),
  );
}
