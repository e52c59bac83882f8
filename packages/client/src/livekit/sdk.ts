/**
 * The part of LiveKit's Web SDK (livekit-client 2.23) that is used, under its names. Its events and kinds are strings at run time, its
 * reasons numbers. `Track` is the SDK's MediaStreamTrack.
 */
import type { Track } from "../ivs/stage.ts";

/** By the values of the SDK's `DisconnectReason`, those that a phone acts on. */
export const DISCONNECTED = {
  DUPLICATE_IDENTITY: 2,
  PARTICIPANT_REMOVED: 4,
  ROOM_DELETED: 5,
  ROOM_CLOSED: 10,
} as const;

export interface SdkParticipant {
  readonly identity: string;
  /** Of the participant token. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface RemoteSdkParticipant<T extends Track> extends SdkParticipant {
  readonly trackPublications: ReadonlyMap<string, RemotePublication<T>>;
}

export interface RemotePublication<T extends Track> {
  readonly trackSid: string;
  readonly kind: string;
  readonly isMuted: boolean;
  readonly track?: { readonly mediaStreamTrack: T } | undefined;
  setSubscribed(subscribed: boolean): void;
}

export interface LocalPublication {
  mute(): Promise<unknown>;
  unmute(): Promise<unknown>;
}

export interface LocalSdkParticipant<T extends Track> extends SdkParticipant {
  publishTrack(track: T, options: { readonly source: "microphone" | "camera" }): Promise<LocalPublication>;
  unpublishTrack(track: T, stopOnUnpublish: boolean): Promise<unknown>;
}

/** By the values of the SDK's `RoomEvent`. */
export interface RoomEvents<T extends Track> {
  reconnected: () => void;
  disconnected: (reason?: number) => void;
  participantConnected: (who: RemoteSdkParticipant<T>) => void;
  participantDisconnected: (who: RemoteSdkParticipant<T>) => void;
  trackPublished: (what: RemotePublication<T>, who: RemoteSdkParticipant<T>) => void;
  trackSubscribed: (track: unknown, what: RemotePublication<T>, who: RemoteSdkParticipant<T>) => void;
  trackUnsubscribed: (track: unknown, what: RemotePublication<T>, who: RemoteSdkParticipant<T>) => void;
  trackMuted: (what: RemotePublication<T>, who: SdkParticipant) => void;
  trackUnmuted: (what: RemotePublication<T>, who: SdkParticipant) => void;
}

export interface SdkRoom<T extends Track> {
  readonly localParticipant: LocalSdkParticipant<T>;
  readonly remoteParticipants: ReadonlyMap<string, RemoteSdkParticipant<T>>;
  connect(url: string, token: string, options: { readonly autoSubscribe: boolean }): Promise<void>;
  disconnect(stopTracks: boolean): Promise<void>;
  on<E extends keyof RoomEvents<T>>(event: E, listener: RoomEvents<T>[E]): unknown;
}

export interface RoomOptions {
  readonly reconnectPolicy: {
    nextRetryDelayInMs(context: { readonly retryCount: number }): number | null;
  };
}

/** What an app passes: the module of LiveKit's Web SDK, or of the one for React Native. No more is asked of the types than this. */
export interface LiveKitSdk {
  readonly Room: new (options?: never) => object;
}

/** The names and values above are those of the SDK: see the comment at the top. */
export const newRoom = <T extends Track>(sdk: LiveKitSdk, options: RoomOptions): SdkRoom<T> =>
  new (sdk.Room as unknown as new (options: RoomOptions) => SdkRoom<T>)(options);
