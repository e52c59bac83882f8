/** Who else is on the stage, and what of them can be seen and heard. */
import type { ParticipantInfo, StageStream, Track } from "./stage.ts";

export interface Party<S> {
  readonly participantId: string;
  readonly clientId: string;
  readonly stream: S;
  readonly hasVideo: boolean;
  readonly muted: boolean;
  /** Whether any sound is sent, muted or not. */
  readonly hasMicrophone: boolean;
}

interface Present<T extends Track> {
  readonly info: ParticipantInfo;
  readonly streams: StageStream<T>[];
}

export interface StageParties<T extends Track, S> {
  /** The user's own participant. One from before a lost connection may still be there, and is not shown. */
  own(info: ParticipantInfo): void;
  isOwn(info: ParticipantInfo): boolean;
  joined(info: ParticipantInfo): void;
  left(info: ParticipantInfo): void;
  added(info: ParticipantInfo, streams: readonly StageStream<T>[]): void;
  removed(info: ParticipantInfo, streams: readonly StageStream<T>[]): void;
  /** True if every participant carries this call. Otherwise the phone sends and shows nothing. */
  allOf(callId: string): boolean;
  isEmpty(): boolean;
  /** One for each person: a person who rejoins is there twice until the stage has noticed that they had gone. */
  list(): Party<S>[];
}

/** `newStream` makes a MediaStream of tracks: a browser's, or a test's. */
export function stageParties<T extends Track, S>(newStream: (tracks: T[]) => S): StageParties<T, S> {
  const present = new Map<string, Present<T>>();
  let ownUserId: string | undefined;
  /** A new MediaStream would make a video element begin anew. */
  const made = new Map<string, { readonly key: string; readonly stream: S }>();

  function streamOf(id: string, streams: readonly StageStream<T>[]): S {
    const tracks = streams.map(({ mediaStreamTrack }) => mediaStreamTrack);
    const key = tracks.map((track) => track.id).join(" ");
    const known = made.get(id);
    if (known?.key === key) return known.stream;
    const stream = newStream(tracks);
    made.set(id, { key, stream });
    return stream;
  }

  const partyOf = ([id, { info, streams }]: [string, Present<T>]): Party<S> => ({
    participantId: id,
    clientId: info.userId,
    stream: streamOf(id, streams),
    hasVideo: streams.some(({ streamType, isMuted }) => streamType === "video" && !isMuted),
    muted: streams.some(({ streamType, isMuted }) => streamType === "audio" && isMuted),
    hasMicrophone: streams.some(({ streamType }) => streamType === "audio"),
  });

  const others = (): [string, Present<T>][] =>
    [...present].filter(([, { info }]) => info.userId !== ownUserId);

  return {
    own: ({ userId }) => void (ownUserId = userId),
    isOwn: ({ userId }) => userId === ownUserId,
    joined: (info) => void present.set(info.id, { info, streams: present.get(info.id)?.streams ?? [] }),
    left(info) {
      present.delete(info.id);
      made.delete(info.id);
    },
    added: ({ id }, streams) => void present.get(id)?.streams.push(...streams),
    removed({ id }, streams) {
      const those = new Set(streams.map((stream) => stream.id));
      const found = present.get(id);
      if (found) present.set(id, { ...found, streams: found.streams.filter((one) => !those.has(one.id)) });
    },
    allOf: (callId) => [...present.values()].every(({ info }) => info.attributes["callId"] === callId),
    isEmpty: () => others().length === 0,
    list() {
      const latest = new Map(others().map((entry) => [entry[1].info.userId, entry]));
      return [...latest.values()].map(partyOf);
    },
  };
}
