/** The code inside a page of test/browser/media.test.ts: a stage, its visible videos, and its events. */
import { loadStage } from "../../../web/media/load-stage.ts";
import { openPeer, type Peer } from "../../../packages/client/src/local/peer.ts";
import type {
  LocalStageStream,
  Stage,
  StageStream,
  SubscribeType,
} from "../../../packages/client/src/local/stage.ts";

let stage: Stage;
let subscribeType: SubscribeType = "audio_video";
let published: LocalStageStream[] = [];
const videos = new Map<string, HTMLVideoElement>();
/** One line per event, such as `streamsAdded bob audio video`. */
const heard: string[] = [];

function show(streams: StageStream[]): void {
  for (const { streamType, mediaStreamTrack } of streams) {
    if (streamType !== "video") continue;
    const video = document.createElement("video");
    Object.assign(video, { muted: true, autoplay: true, srcObject: new MediaStream([mediaStreamTrack]) });
    document.body.append(video);
    videos.set(mediaStreamTrack.id, video);
  }
}

function hide(streams: StageStream[]): void {
  for (const { mediaStreamTrack } of streams) {
    videos.get(mediaStreamTrack.id)?.remove();
    videos.delete(mediaStreamTrack.id);
  }
}

const typesOf = (streams: StageStream[]): string => streams.map(({ streamType }) => streamType).join(" ");

function listen(): void {
  stage.on("stageConnectionStateChanged", (state) => heard.push(`connection ${state}`));
  stage.on("stageLeft", (reason) => heard.push(`left: ${reason}`));
  stage.on("error", ({ code, message }) => heard.push(`error ${code} ${message}`));
  stage.on("stageParticipantJoined", ({ userId }) => heard.push(`joined ${userId}`));
  stage.on("stageParticipantLeft", ({ userId }) => heard.push(`gone ${userId}`));
  stage.on("stageStreamMuteChanged", ({ userId }, { streamType, isMuted }) =>
    heard.push(`${isMuted ? "muted" : "unmuted"} ${userId} ${streamType}`),
  );
  stage.on("stageParticipantStreamsAdded", ({ userId, isLocal }, streams) => {
    heard.push(`streams of ${userId}: ${typesOf(streams)}`);
    if (!isLocal) show(streams);
  });
  stage.on("stageParticipantStreamsRemoved", ({ userId, isLocal }, streams) => {
    heard.push(`no more of ${userId}: ${typesOf(streams)}`);
    if (!isLocal) hide(streams);
  });
}

const media = {
  heard,
  async join(token: string): Promise<void> {
    const sdk = await loadStage("local");
    // Small frames, because the machine encodes and decodes those of every page.
    const video = { width: 320, height: 180, frameRate: 10 };
    const camera = await navigator.mediaDevices.getUserMedia({ audio: true, video });
    published = camera.getTracks().map((track) => new sdk.LocalStageStream(track));
    stage = new sdk.Stage(token, {
      stageStreamsToPublish: () => published,
      shouldPublishParticipant: () => true,
      shouldSubscribeToParticipant: () => subscribeType,
    });
    listen();
    await stage.join();
  },
  mute(streamType: "audio" | "video", muted: boolean): void {
    published.find((stream) => stream.streamType === streamType)?.setMuted(muted);
  },
  publishOnly(streamTypes: readonly string[]): void {
    const all = published;
    published = all.filter(({ streamType }) => streamTypes.includes(streamType));
    stage.refreshStrategy();
    published = all;
  },
  subscribe(type: SubscribeType): void {
    subscribeType = type;
    stage.refreshStrategy();
  },
  /** Two peers in this page, one of which sends its camera to the other. */
  async linkPeers(): Promise<void> {
    const quiet = { changed: () => undefined, failed: (why: string) => heard.push(why) };
    const camera = await navigator.mediaDevices.getUserMedia({ video: true });
    const [track] = camera.getVideoTracks();
    const sender: Peer = openPeer({ ...quiet, offers: true, say: (signal) => void receiver.hear(signal) });
    const receiver: Peer = openPeer({
      ...quiet,
      offers: false,
      say: (signal) => void sender.hear(signal),
      changed() {
        const { video } = receiver.received();
        if (video && videos.size === 0)
          show([{ streamType: "video", mediaStreamTrack: video } as StageStream]);
      },
    });
    receiver.send({});
    sender.send({ video: track });
    media.blink = () => {
      sender.send({});
      sender.send({ video: track });
    };
  },
  blink: (): void => undefined,
  painted: () => media.frames()[0] ?? 0,
  leave: () => stage.leave(),
  /** What an app does after it has lost the stage. */
  async rejoin(token: string): Promise<void> {
    const lost = stage;
    await media.join(token);
    lost.leave();
  },
  /** The number of painted frames of the others' videos. */
  frames: () => [...videos.values()].map((video) => video.getVideoPlaybackQuality().totalVideoFrames),
};
Object.assign(globalThis, { media, loadStage });
