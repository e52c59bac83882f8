/**
 * The part of the IVS Web SDK (amazon-ivs-web-broadcast 1.41) that is used, under its names. Its enums are strings at run time, and
 * unions of those strings here. `Track` is the SDK's MediaStreamTrack.
 */
export interface Track {
  readonly id: string;
  readonly kind: string;
  enabled: boolean;
  stop(): void;
}

export type StageConnectionState = "disconnected" | "connecting" | "connected" | "errored";
export type SubscribeType = "none" | "audio_only" | "audio_video";
export type StageLeftReason =
  | "unknown"
  | "user-initiated"
  | "token-reused"
  | "participant-disconnected"
  | "stage-deleted"
  | "failed-exchange"
  | "real-time-connection-forced-leave"
  | "real-time-connection-token-revocation";

export interface ParticipantInfo {
  readonly id: string;
  readonly userId: string;
  /** Of the participant token: the signed attribute `callId` says whose call this participant belongs to. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly isLocal: boolean;
}

export interface StageStream<T extends Track> {
  readonly id: string;
  readonly streamType: "audio" | "video";
  readonly mediaStreamTrack: T;
  readonly isMuted: boolean;
}

export interface LocalStream<T extends Track> extends StageStream<T> {
  setMuted(muted: boolean): void;
}

export interface Strategy<T extends Track> {
  stageStreamsToPublish(): LocalStream<T>[];
  shouldPublishParticipant(participant: ParticipantInfo): boolean;
  shouldSubscribeToParticipant(participant: ParticipantInfo): SubscribeType;
}

type Heard<Rest extends unknown[] = []> = (participant: ParticipantInfo, ...rest: Rest) => void;
/** By the values of the SDK's `StageEvents`. */
export interface StageEvents<T extends Track> {
  stageConnectionStateChanged: (state: StageConnectionState) => void;
  stageParticipantJoined: Heard;
  stageParticipantLeft: Heard;
  stageParticipantStreamsAdded: Heard<[streams: StageStream<T>[]]>;
  stageParticipantStreamsRemoved: Heard<[streams: StageStream<T>[]]>;
  stageStreamMuteChanged: Heard<[stream: StageStream<T>]>;
  stageLeft: (reason: StageLeftReason) => void;
}

export interface Stage<T extends Track> {
  join(): Promise<void>;
  leave(): void;
  refreshStrategy(): void;
  on<E extends keyof StageEvents<T>>(event: E, callback: StageEvents<T>[E]): void;
}

/** The SDK's classes, as this package uses them. */
export interface UsedSdk<T extends Track> {
  readonly Stage: new (token: string, strategy: Strategy<T>) => Stage<T>;
  readonly LocalStageStream: new (track: T) => LocalStream<T>;
}

/**
 * What an app passes: the module of the IVS Web SDK, or a stage of its own with the same names. The SDK's enums are no literals to
 * TypeScript, so no more is asked of the types than that the classes are there.
 */
export interface StageSdk {
  readonly Stage: new (token: string, strategy: never) => object;
  readonly LocalStageStream: new (track: never) => object;
}

/** The names and strings above are those of the SDK: see the comment at the top. */
export const used = <T extends Track>(sdk: StageSdk): UsedSdk<T> => sdk as unknown as UsedSdk<T>;
