/** What a page publishes follows its strategy, its token, and the service's grant. */
import { expect, test } from "vitest";
import { signallingUrlOf } from "../../../packages/client/src/local/local-stage.ts";
import { createLocalStream } from "../../../packages/client/src/local/local-stream.ts";
import { createPublication } from "../../../packages/client/src/local/publication.ts";
import type { StageParticipantInfo } from "../../../packages/client/src/local/stage.ts";

// These are the only members of a track that matter here.
const trackOf = (kind: string): MediaStreamTrack =>
  ({ id: `${kind}-track`, kind, enabled: true }) as unknown as MediaStreamTrack;

function world(capability: "publish" | "subscribe" = "publish") {
  const info: StageParticipantInfo = {
    id: "call-1-1-1",
    userId: "alice",
    attributes: {},
    capabilities: new Set([capability]),
    isLocal: true,
    videoStopped: true,
    audioMuted: true,
    isPublishing: false,
  };
  const told: string[] = [];
  const note = (line: string) => (): void => void told.push(line);
  const wish = {
    streams: [createLocalStream(trackOf("audio")), createLocalStream(trackOf("video"))],
    publish: true,
  };
  const strategy = {
    stageStreamsToPublish: () => wish.streams,
    shouldPublishParticipant: () => wish.publish,
    shouldSubscribeToParticipant: () => "none" as const,
  };
  const publication = createPublication(info, strategy, {
    publish: note("publish"),
    unpublish: note("unpublish"),
    mute: () =>
      told.push(`audio ${info.audioMuted ? "off" : "on"}, video ${info.videoStopped ? "off" : "on"}`),
    tracksChanged: () => undefined,
    stateChanged: (state) => told.push(state),
    added: (streams) => told.push(`+${streams.map(({ streamType }) => streamType).join()}`),
    removed: (streams) => told.push(`-${streams.map(({ streamType }) => streamType).join()}`),
    muteChanged: ({ streamType }) => told.push(`mute of ${streamType}`),
  });
  return { publication, told, wish, info };
}

test("no track is sent before the service has granted publishing", () => {
  const { publication, told, info } = world();
  publication.refresh();
  expect(told).toEqual(["+audio,video", "attempting_publish", "publish"]);
  expect([publication.tracks(), info.isPublishing]).toEqual([{}, false]);
  publication.granted();
  expect([Object.keys(publication.tracks()), info.isPublishing]).toEqual([["audio", "video"], true]);
});

test("a stream that is muted or removed is reported once, and a refresh changes nothing", () => {
  const { publication, told, wish } = world();
  const [audio, video] = wish.streams;
  publication.refresh();
  publication.granted();
  told.length = 0;
  video?.setMuted(true);
  video?.setMuted(true);
  wish.streams = wish.streams.slice(0, 1);
  publication.refresh();
  publication.refresh();
  expect(told).toEqual(["audio on, video off", "mute of video", "-video"]);
  expect(publication.tracks()).toEqual({ audio: audio?.mediaStreamTrack });
  video?.setMuted(false);
  expect(told).toHaveLength(3);
});

test("a token without PUBLISH requests nothing", () => {
  const { publication, told } = world("subscribe");
  publication.refresh();
  expect(told).toEqual([]);
});

test("a page that is refused may ask again, and one that stops publishing withdraws its request", () => {
  const { publication, told, wish } = world();
  publication.refresh();
  publication.refused();
  expect(told.slice(3)).toEqual(["errored", "-audio,video"]);
  publication.refresh();
  publication.granted();
  told.length = 0;
  wish.publish = false;
  publication.refresh();
  expect(told).toEqual(["not_published", "-audio,video", "unpublish"]);
  publication.granted();
  expect(publication.tracks()).toEqual({});
});

test("the signalling is on the origin of the page, behind TLS if the page is", () => {
  expect(signallingUrlOf("http://127.0.0.1:4000/phone?as=alice")).toBe(
    "ws://127.0.0.1:4000/local/ivs/signalling",
  );
  expect(signallingUrlOf("https://localhost:4443/phone")).toBe("wss://localhost:4443/local/ivs/signalling");
});
