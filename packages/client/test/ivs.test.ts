/** The media of a call by the IVS Web SDK, which a test plays. */
import { afterEach, expect, test, vi } from "vitest";
import { browserLevel, type Captured, ivsMedia, type StageSdk, type Track } from "../src/ivs.ts";
import type { ParticipantInfo, StageEvents, StageStream, Strategy } from "../src/ivs/stage.ts";
import type { MediaEvent } from "../src/media.ts";

const CALL = "call-1";
type Made = Track & { stopped: boolean };

/** As the SDK's own declarations are: with enums, and with more than is used. */
declare enum SdkEvents {
  STAGE_PARTICIPANT_JOINED = "stageParticipantJoined",
}
declare enum SdkSubscribe {
  NONE = "none",
}
declare class SdkStream {
  constructor(track: { readonly id: string }, config?: object);
  setMuted(muted: boolean): void;
}
declare class SdkStage {
  constructor(
    token: string,
    strategy: { shouldSubscribeToParticipant(who: object): SdkSubscribe },
    more?: object,
  );
  join(): Promise<void>;
  on<E extends SdkEvents>(event: E, callback: () => void): void;
}

test("the types of the real SDK will do", () => {
  const accepts = (sdk: {
    readonly Stage: typeof SdkStage;
    readonly LocalStageStream: typeof SdkStream;
  }): StageSdk => sdk;
  expect(accepts).toBeTypeOf("function");
});

interface Played {
  readonly token: string;
  readonly strategy: Strategy<Track>;
  readonly tell: <E extends keyof StageEvents<Track>>(
    event: E,
    ...told: Parameters<StageEvents<Track>[E]>
  ) => void;
  left: boolean;
}

function world(trouble: Captured<Track>["trouble"] = {}) {
  const [stages, made, events]: [Played[], Made[], MediaEvent[]] = [[], [], []];
  const sdk = {
    Stage: function (token: string, strategy: Strategy<Track>) {
      const heard = new Map<string, (...told: never[]) => void>();
      const played: Played = {
        token,
        strategy,
        tell: (event, ...told) => heard.get(event)?.(...(told as unknown as never[])), // each takes what its event tells
        left: false,
      };
      stages.push(played);
      return {
        join: async () => undefined,
        leave: () => void (played.left = true),
        refreshStrategy: () => undefined,
        on: (event: string, callback: (...told: never[]) => void) => void heard.set(event, callback),
      };
    },
    LocalStageStream: function (of: Track) {
      return { mediaStreamTrack: of, setMuted: (muted: boolean) => void (of.enabled = !muted) };
    },
  } as unknown as StageSdk; // functions stand for its classes
  const track = (kind: string): Made => {
    const one: Made = {
      id: `${kind}-${made.length}`,
      kind,
      enabled: true,
      stopped: false,
      stop: () => void (one.stopped = true),
    };
    made.push(one);
    return one;
  };
  const media = ivsMedia<Track, string>({
    sdk: async () => sdk,
    newStream: (tracks) => tracks.map(({ id }) => id).join("+"),
    levelOf: (stream) => stream.length / 100,
    capture: async (wanted) => {
      const kinds = wanted === "audio" ? ["audio"] : wanted === "camera" ? ["video"] : ["audio", "video"];
      const got = kinds.filter((kind) => !(kind === "video" ? trouble.camera : trouble.microphone));
      return { tracks: got.map(track), trouble };
    },
  });
  const join = (token: string) =>
    media.join(token, { callId: CALL, media: "video", tell: (event) => void events.push(event) });
  return { media, join, stages, made, events };
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const told = (events: readonly MediaEvent[]) => events.filter(({ is }) => is !== "changed");
const participant = (id: string, callId = CALL): ParticipantInfo => ({
  id,
  userId: `${id}-client`,
  attributes: { callId },
  isLocal: false,
});
const stream = (kind: "audio" | "video", isMuted = false): StageStream<Track> => ({
  id: `theirs-${kind}`,
  streamType: kind,
  isMuted,
  mediaStreamTrack: { id: `theirs-${kind}`, kind, enabled: true, stop: () => undefined },
});

test("one sees oneself while it rings, and the others once they are there", async () => {
  const { media, join, stages, events } = world();
  let changes = 0;
  media.prepare?.("video", () => (changes += 1));
  await settled();
  expect(media.own?.()).toMatchObject({ picture: "video-1", hasMicrophone: true, cameraOn: true });
  expect(changes).toBeGreaterThan(0);
  const session = join("token-1");
  await settled();
  const [stage] = stages;
  stage?.tell("stageConnectionStateChanged", "connected");
  const bob = participant("bob");
  stage?.tell("stageParticipantJoined", bob);
  stage?.tell("stageParticipantStreamsAdded", bob, [stream("audio", true), stream("video")]);
  expect(stage?.token).toBe("token-1");
  expect(told(events)).toEqual([{ is: "connected", callId: CALL }]);
  const { parties } = session.state();
  expect(parties).toMatchObject([
    {
      clientId: "bob-client",
      picture: "theirs-audio+theirs-video",
      hasVideo: true,
      muted: true,
      hasMicrophone: true,
    },
  ]);
  expect(parties[0]?.level?.()).toBeCloseTo(0.25);
  expect(session.state()).toBe(session.state());
});

test("who sends no sound has no microphone, as far as the others see", async () => {
  const { join, stages } = world();
  const session = join("t");
  await settled();
  const bob = participant("bob");
  stages[0]?.tell("stageParticipantJoined", bob);
  stages[0]?.tell("stageParticipantStreamsAdded", bob, [stream("video")]);
  expect(session.state().parties[0]?.hasMicrophone).toBe(false);
});

test("while somebody of another call is on the stage nothing is sent to them", async () => {
  const { media, join, stages } = world();
  media.prepare?.("video", () => undefined);
  join("t");
  await settled();
  const [stage] = stages;
  expect(stage?.strategy.shouldPublishParticipant(participant("me"))).toBe(true);
  stage?.tell("stageParticipantJoined", participant("mallory", "another call"));
  expect(stage?.strategy.shouldPublishParticipant(participant("me"))).toBe(false);
});

test("a session that is left says nothing more, keeps the camera for the next one, and the end lets it go", async () => {
  const { media, join, stages, made, events } = world();
  media.prepare?.("video", () => undefined);
  const first = join("t1");
  await settled();
  first.leave();
  expect([stages[0]?.left, made.some(({ stopped }) => stopped)]).toEqual([true, false]);
  stages[0]?.tell("stageLeft", "stage-deleted");
  expect(told(events)).toEqual([]);
  const second = join("t2");
  await settled();
  second.setMuted?.(true);
  expect(second.state().own.muted).toBe(true);
  stages[1]?.tell("stageLeft", "token-reused");
  expect(told(events)).toMatchObject([{ is: "lost", how: "moved" }]);
  media.release?.();
  expect(made.every(({ stopped }) => stopped)).toBe(true);
});

afterEach(() => vi.unstubAllGlobals());

test("a browser measures how loud a stream is, with one analyser for each; elsewhere it is silent", () => {
  expect(browserLevel({})).toBe(0);
  let analysers = 0;
  vi.stubGlobal(
    "AudioContext",
    class {
      createMediaStreamSource = () => ({ connect: () => undefined });
      createAnalyser() {
        analysers += 1;
        return { fftSize: 0, getFloatTimeDomainData: (samples: Float32Array) => void samples.fill(0.25) };
      }
    },
  );
  const sound = (tracks: number) => ({ getAudioTracks: () => Array.from({ length: tracks }, () => ({})) });
  const stream = sound(1);
  expect([browserLevel(stream), browserLevel(stream), analysers]).toEqual([0.25, 0.25, 1]);
  expect([browserLevel(sound(1)), analysers]).toEqual([0.25, 2]);
  expect([browserLevel(sound(0)), browserLevel(undefined), analysers]).toEqual([0, 0, 2]);
});
