/** Who else is on the stage, and what of them can be seen and heard. */
import type { StageParticipantInfo, StageStream } from "../../media/stage.ts";

export interface Party {
  readonly participantId: string;
  readonly stream: MediaStream;
  readonly hasVideo: boolean;
  readonly muted: boolean;
}

interface Present {
  readonly info: StageParticipantInfo;
  readonly streams: StageStream[];
}

export interface StageParties {
  /** The user's own participant. One from before a lost connection may still be there, and is not shown. */
  own(info: StageParticipantInfo): void;
  isOwn(info: StageParticipantInfo): boolean;
  joined(info: StageParticipantInfo): void;
  left(info: StageParticipantInfo): void;
  added(info: StageParticipantInfo, streams: readonly StageStream[]): void;
  removed(info: StageParticipantInfo, streams: readonly StageStream[]): void;
  /** True if every participant carries this call. Otherwise the page sends and shows nothing. */
  allOf(callId: string): boolean;
  isEmpty(): boolean;
  /** One for each person: a person who rejoins is there twice until the stage has noticed that they had gone. */
  list(): Party[];
}

/** `newStream` makes a MediaStream of tracks: a browser's, or a test's. */
export function stageParties(newStream: (tracks: MediaStreamTrack[]) => MediaStream): StageParties {
  const present = new Map<string, Present>();
  let ownUserId: string | undefined;
  /** A new MediaStream would make a video element begin anew. */
  const made = new Map<string, { readonly key: string; readonly stream: MediaStream }>();

  function streamOf(id: string, streams: readonly StageStream[]): MediaStream {
    const tracks = streams.map(({ mediaStreamTrack }) => mediaStreamTrack);
    const key = tracks.map((track) => track.id).join(" ");
    const known = made.get(id);
    if (known?.key === key) return known.stream;
    const stream = newStream(tracks);
    made.set(id, { key, stream });
    return stream;
  }

  const partyOf = ([id, { streams }]: [string, Present]): Party => ({
    participantId: id,
    stream: streamOf(id, streams),
    hasVideo: streams.some(({ streamType, isMuted }) => streamType === "video" && !isMuted),
    muted: streams.some(({ streamType, isMuted }) => streamType === "audio" && isMuted),
  });

  const others = (): [string, Present][] => [...present].filter(([, { info }]) => info.userId !== ownUserId);

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
