/** The stage of a call with this page's camera and microphone, over an SDK that the test controls. */
import { expect, test } from "vitest";
import type {
  Stage,
  StageEventMap,
  StageParticipantInfo,
  StageSdk,
  StageStrategy,
} from "../../../packages/client/src/local/stage.ts";
import { type Captured, openRoom, type Room, type RoomEvent } from "../../../web/phone/state/room.ts";

const CALL = "call-1";

interface PlayedStage {
  readonly token: string;
  readonly strategy: StageStrategy;
  readonly tell: <E extends keyof StageEventMap>(event: E, ...told: Parameters<StageEventMap[E]>) => void;
  refreshed: number;
  left: boolean;
}

interface RoomWorld {
  readonly room: Room;
  readonly stages: PlayedStage[];
  readonly events: RoomEvent[];
  readonly made: Track[];
}

type Track = MediaStreamTrack & { stopped: boolean };

let tracksMade = 0;
function track(kind: "audio" | "video"): Track {
  tracksMade += 1;
  const made = { id: `${kind}-${tracksMade}`, kind, enabled: true, stopped: false };
  return Object.assign(made, { stop: () => void (made.stopped = true) }) as unknown as Track; // the members that the room uses
}

const newStream = (tracks: MediaStreamTrack[]) => ({ getTracks: () => tracks }) as MediaStream; // the only member that the room uses

function roomWorld(trouble: Captured["trouble"] = {}): RoomWorld {
  const [stages, events, made]: [PlayedStage[], RoomEvent[], Track[]] = [[], [], []];
  const sdk = {
    Stage: function (token: string, strategy: StageStrategy) {
      const heard = new Map<string, (...told: never[]) => void>();
      const played: PlayedStage = {
        token,
        strategy,
        tell: (event, ...told) => heard.get(event)?.(...(told as unknown as never[])), // each listener takes what its event tells
        refreshed: 0,
        left: false,
      };
      stages.push(played);
      const stage: Stage = {
        join: async () => undefined,
        leave: () => void (played.left = true),
        refreshStrategy: () => void (played.refreshed += 1),
        on: (event, callback) => void heard.set(event, callback as (...told: never[]) => void),
        off: () => undefined,
      };
      return stage;
    },
    LocalStageStream: function (of: MediaStreamTrack) {
      return { mediaStreamTrack: of, setMuted: (muted: boolean) => void (of.enabled = !muted) };
    },
  } as unknown as StageSdk; // functions stand for its classes
  const room = openRoom({
    loadSdk: async () => sdk,
    newStream,
    capture: async (wanted) => {
      const kinds =
        wanted === "video"
          ? (["audio", "video"] as const)
          : ([wanted === "camera" ? "video" : "audio"] as const);
      const got = kinds
        .filter((kind) => !(kind === "video" ? trouble.camera : trouble.microphone))
        .map(track);
      made.push(...got);
      return { tracks: got, trouble };
    },
  });
  room.onEvent((event) => void events.push(event));
  return { room, stages, events, made };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function inCall(trouble: Captured["trouble"] = {}): Promise<RoomWorld & { stage: PlayedStage }> {
  const world = roomWorld(trouble);
  world.room.prepare("video");
  world.room.join(CALL, "t1");
  await settled();
  const [stage] = world.stages;
  if (!stage) throw new Error("no stage was joined");
  stage.tell("stageConnectionStateChanged", "connected");
  return { ...world, stage };
}

function participant(id: string, callId = CALL, userId = id): StageParticipantInfo {
  const capabilities = new Set(["publish", "subscribe"] as const);
  const seen = { videoStopped: false, audioMuted: false, isPublishing: true };
  return { id, userId, attributes: { callId }, capabilities, isLocal: false, ...seen };
}

const kinds = ({ strategy }: PlayedStage) =>
  strategy.stageStreamsToPublish().map(({ mediaStreamTrack }) => mediaStreamTrack.kind);

test("camera and microphone are sent, muted, switched off, and released at the end", async () => {
  const { room, stage, made, events } = await inCall();
  expect(events).toEqual([{ is: "connected", callId: CALL }]);
  expect(kinds(stage)).toEqual(["audio", "video"]);
  room.setMuted(true);
  expect(made[0]).toMatchObject({ enabled: false });
  room.setCamera(false);
  expect(kinds(stage)).toEqual(["audio"]);
  expect(made[1]).toMatchObject({ stopped: true });
  room.setCamera(true);
  await settled();
  expect(kinds(stage)).toEqual(["audio", "video"]);
  room.leave();
  expect(made.every(({ stopped }) => stopped)).toBe(true);
  expect(stage.left).toBe(true);
  expect(room.state()).toMatchObject({ cameraOn: false, muted: false, parties: [] });
});

test("without a camera the call goes on with sound, and shows the reason", async () => {
  const { room, stage } = await inCall({ camera: "refused" });
  expect(kinds(stage)).toEqual(["audio"]);
  expect(room.state()).toMatchObject({
    trouble: { camera: "refused" },
    hasMicrophone: true,
    cameraOn: false,
  });
});

test("without a camera and a microphone the page only listens", async () => {
  const { stage, room } = await inCall({ camera: "missing", microphone: "missing" });
  expect(stage.strategy.shouldPublishParticipant(participant("me"))).toBe(false);
  expect(room.state()).toMatchObject({ hasMicrophone: false });
});

test("while a stranger is on the stage, no stream is sent or requested", async () => {
  const { stage } = await inCall();
  const bob = participant("bob");
  const stranger = participant("mallory", "another call");
  stage.tell("stageParticipantJoined", bob);
  expect(stage.strategy.shouldSubscribeToParticipant(bob)).toBe("audio_video");
  stage.tell("stageParticipantJoined", stranger);
  expect(stage.strategy.shouldPublishParticipant(participant("me"))).toBe(false);
  expect(stage.strategy.shouldSubscribeToParticipant(bob)).toBe("none");
  stage.tell("stageParticipantLeft", stranger);
  expect(stage.strategy.shouldPublishParticipant(participant("me"))).toBe(true);
});

test("a person who comes back is shown once, as the latest participant", async () => {
  const { room, stage } = await inCall();
  stage.tell("stageParticipantJoined", participant("bob-1", CALL, "bob"));
  stage.tell("stageParticipantJoined", participant("bob-2", CALL, "bob"));
  expect(room.state().parties.map(({ participantId }) => participantId)).toEqual(["bob-2"]);
});

test("the person's own lost connection is not shown, and its end leaves them not alone", async () => {
  const { room, stage, events } = await inCall();
  stage.strategy.shouldPublishParticipant(participant("alice-2", CALL, "alice"));
  const before = participant("alice-1", CALL, "alice");
  stage.tell("stageParticipantJoined", before);
  stage.tell("stageParticipantJoined", participant("bob"));
  expect(room.state().parties.map(({ participantId }) => participantId)).toEqual(["bob"]);
  stage.tell("stageParticipantLeft", before);
  expect(events).toHaveLength(1);
});

test("the page learns that it is alone once all others have left", async () => {
  const { room, stage, events } = await inCall();
  const bob = participant("bob");
  stage.tell("stageParticipantJoined", bob);
  stage.tell("stageParticipantLeft", bob);
  expect(events.at(-1)).toEqual({ is: "alone", callId: CALL });
  expect(room.state().leftAlone).toBe(true);
});

test("a loss is reported once, and so is a connection that recovers", async () => {
  const { stage, events } = await inCall();
  stage.tell("stageConnectionStateChanged", "errored");
  stage.tell("stageLeft", "unknown");
  expect(events.slice(1)).toEqual([{ is: "lost", callId: CALL, how: "broken" }]);
  stage.tell("stageConnectionStateChanged", "connected");
  expect(events.at(-1)).toMatchObject({ is: "connected" });
});

test("a token that another page uses means that the call has moved", async () => {
  const { stage, events } = await inCall();
  stage.tell("stageLeft", "token-reused");
  expect(events.at(-1)).toEqual({ is: "lost", callId: CALL, how: "moved" });
});

test.each(["participant-disconnected", "stage-deleted"] as const)(
  "%s: the stage has disconnected the phone",
  async (why) => {
    const { stage, events } = await inCall();
    stage.tell("stageLeft", why);
    expect(events.at(-1)).toEqual({ is: "lost", callId: CALL, how: "thrown-out" });
  },
);

test("a second join leaves the first stage, whose events no longer count", async () => {
  const { room, stage, stages, events } = await inCall();
  room.join(CALL, "t2");
  await settled();
  expect(stage.left).toBe(true);
  expect(stages.at(-1)).toMatchObject({ token: "t2" });
  stage.tell("stageLeft", "user-initiated");
  stage.tell("stageConnectionStateChanged", "errored");
  expect(events).toHaveLength(1);
});

test("a call that is given up while the SDK loads joins no stage", async () => {
  const { room, stages } = roomWorld();
  room.join(CALL, "t1");
  room.leave();
  await settled();
  expect(stages).toEqual([]);
});
