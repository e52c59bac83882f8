/**
 * A stage as a page uses it: the part of the IVS web broadcast SDK (1.41) that the phone needs, under the SDK's names.
 *
 * The SDK's enums are strings at run time. Here they are unions of those strings, so that one code serves both stages:
 * `stage.on("stageParticipantJoined", …)`.
 */
import type { StageConnectionState, StageLeftReason, SubscribeType } from "../ivs/stage.ts";

export type { StageConnectionState, StageLeftReason, SubscribeType };

export type StageParticipantPublishState = "not_published" | "attempting_publish" | "published" | "errored";

export type StageParticipantSubscribeState =
  | "not_subscribed"
  | "attempting_subscribe"
  | "subscribed"
  | "errored";

export type StreamType = "audio" | "video";

export type StageErrorCategory = "JOIN_ERROR" | "PUBLISH_ERROR" | "SUBSCRIBE_ERROR";

/** What `join()` rejects with, and what the event `error` carries; a failed join does both. */
export interface StageError {
  readonly name: string;
  /** The SDK's `StageErrorCode`: `stage-error.ts` has them by name. `name` is the same for all. */
  readonly code: number;
  readonly category: StageErrorCategory;
  readonly message: string;
}

/** The stage changes the last three members in place, as the SDK does. */
export interface StageParticipantInfo {
  readonly id: string;
  readonly userId: string;
  /** Of the participant token: the signed attribute `callId` says whose call this participant belongs to. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly capabilities: ReadonlySet<"publish" | "subscribe">;
  readonly isLocal: boolean;
  videoStopped: boolean;
  audioMuted: boolean;
  isPublishing: boolean;
}

export interface StageStream {
  readonly id: string;
  readonly streamType: StreamType;
  readonly mediaStreamTrack: MediaStreamTrack;
  readonly isMuted: boolean;
}

/** A track of this page. The code that made the track also stops it: neither stage does. */
export interface LocalStageStream extends StageStream {
  setMuted(muted: boolean): void;
}

/** Asked on joining, when something changes on the stage, and on `refreshStrategy()`. */
export interface StageStrategy {
  /** At most one of each type. */
  stageStreamsToPublish(): LocalStageStream[];
  shouldPublishParticipant(participant: StageParticipantInfo): boolean;
  shouldSubscribeToParticipant(participant: StageParticipantInfo): SubscribeType;
}

type Heard<Rest extends unknown[] = []> = (participant: StageParticipantInfo, ...rest: Rest) => void;

/** By the values of the SDK's `StageEvents`. Those of a participant also tell of this page's own (`isLocal`). */
export interface StageEventMap {
  stageConnectionStateChanged: (state: StageConnectionState) => void;
  stageParticipantJoined: Heard;
  stageParticipantLeft: Heard;
  stageParticipantPublishStateChanged: Heard<[state: StageParticipantPublishState]>;
  stageParticipantSubscribeStateChanged: Heard<[state: StageParticipantSubscribeState]>;
  stageParticipantStreamsAdded: Heard<[streams: StageStream[]]>;
  stageParticipantStreamsRemoved: Heard<[streams: StageStream[]]>;
  stageStreamMuteChanged: Heard<[stream: StageStream]>;
  error: (error: StageError) => void;
  stageLeft: (reason: StageLeftReason) => void;
}

/**
 * A page's connection to a stage.
 *
 * When the connection is lost, its state becomes `errored` while media may go on. The SDK connects again by itself with the same
 * token, which an expired token does not allow; the local stage does not connect again. So the app does, for both: if the
 * state stays `errored` for some seconds, it asks `rejoinCall` for a fresh token, joins a new stage with it, and
 * leaves the old one. Until the service has noticed the loss, the others see both participants, which have the same `userId`.
 * After `stageLeft` with another reason than `user-initiated` it does not rejoin by itself: it asks `getCall` whether the
 * call goes on.
 */
export interface Stage {
  /** Rejects with a StageError. */
  join(): Promise<void>;
  leave(): void;
  /** Asks the strategy again and does what it now says: a camera switched off, one more subscription. */
  refreshStrategy(): void;
  on<Event extends keyof StageEventMap>(event: Event, callback: StageEventMap[Event]): void;
  off<Event extends keyof StageEventMap>(event: Event, callback: StageEventMap[Event]): void;
}

/** What `loadStage` gives: the classes of the SDK. */
export interface StageSdk {
  /** The SDK's throws a StageError at once if the token is malformed; the local one leaves that to `join()`. */
  readonly Stage: new (token: string, strategy: StageStrategy) => Stage;
  readonly LocalStageStream: new (track: MediaStreamTrack) => LocalStageStream;
}
