/** The media of a call by LiveKit's Web SDK, which a test plays. */
import { expect, test, vi } from "vitest";
import { liveKitMedia, type Track } from "../src/livekit.ts";
import { DISCONNECTED, type LiveKitSdk, type RoomEvents } from "../src/livekit/sdk.ts";
import { serverUrlOf } from "../src/livekit/server-url.ts";
import type { MediaEvent } from "../src/media.ts";

const CALL = "call-1";
const URL_IN_TOKEN = "wss://media.example.com";
const tokenWith = (claims: object): string =>
  ["{}", JSON.stringify(claims), "signature"]
    .map((part) => Buffer.from(part).toString("base64url"))
    .join(".");
const TOKEN = tokenWith({ server_url: URL_IN_TOKEN, name: "Zoë?" });

interface PlayedPublication {
  readonly trackSid: string;
  readonly kind: string;
  isMuted: boolean;
  subscribed: boolean;
  track?: { mediaStreamTrack: Track };
  setSubscribed(on: boolean): void;
}

/** A room of the SDK: whom it has, and what the page published into it. */
function world(options: { readonly url?: string } = {}) {
  const listeners = new Map<string, (...told: never[]) => void>();
  const published = new Map<string, { source: string; muted: boolean }>();
  const others = new Map<string, ReturnType<typeof person>>();
  const state = { connected: [] as string[], left: 0, refuses: false };
  const [events, made]: [MediaEvent[], Track[]] = [[], []];
  const track = (kind: string): Track => {
    const one: Track = { id: `${kind}-${made.length}`, kind, enabled: true, stop: () => undefined };
    made.push(one);
    return one;
  };
  function person(clientId: string, callId: string, ...kinds: string[]) {
    const publications = kinds.map((kind): [string, PlayedPublication] => {
      const one: PlayedPublication = {
        trackSid: `${clientId}-${kind}`,
        kind,
        isMuted: false,
        subscribed: false,
        setSubscribed: (on) => void (one.subscribed = on),
      };
      return [one.trackSid, one];
    });
    const attributes = { callId, clientId };
    return { identity: `${callId}-${clientId}`, attributes, trackPublications: new Map(publications) };
  }
  const sdk = {
    Room: function () {
      return {
        localParticipant: {
          identity: `${CALL}-alice`,
          attributes: { callId: CALL, clientId: "alice" },
          async publishTrack(given: Track, { source }: { source: string }) {
            const one = { source, muted: false };
            published.set(given.id, one);
            return {
              mute: async () => void (one.muted = true),
              unmute: async () => void (one.muted = false),
            };
          },
          unpublishTrack: async (given: Track) => void published.delete(given.id),
        },
        remoteParticipants: others,
        async connect(url: string) {
          if (state.refuses) throw new Error("401");
          state.connected.push(url);
        },
        disconnect: async () => void (state.left += 1),
        on: (event: string, listener: (...told: never[]) => void) => void listeners.set(event, listener),
      };
    },
  } as unknown as LiveKitSdk; // a function stands for its class
  const media = liveKitMedia<Track, Track[]>({
    sdk: async () => sdk,
    ...options,
    capture: async (wanted) => ({
      tracks: wanted === "video" ? [track("audio"), track("video")] : [track("audio")],
      trouble: {},
    }),
    newStream: (tracks) => tracks,
    failed: () => undefined,
  });
  const tell = <E extends keyof RoomEvents<Track>>(event: E, ...told: unknown[]) =>
    listeners.get(event)?.(...(told as never[])); // each takes what its event tells
  return {
    state,
    published,
    events,
    tell,
    join: () => media.join(TOKEN, { callId: CALL, media: "video", tell: (event) => void events.push(event) }),
    prepare: () => media.prepare?.("video", () => undefined),
    add(clientId: string, callId: string, ...kinds: string[]) {
      const one = person(clientId, callId, ...kinds);
      others.set(one.identity, one);
      return one;
    },
    leaves(one: ReturnType<typeof person>) {
      others.delete(one.identity);
      tell("participantDisconnected", one);
    },
    receive(one: ReturnType<typeof person>, kind: string) {
      const what = one.trackPublications.get(`${one.attributes.clientId}-${kind}`);
      if (!what) throw new Error(`no ${kind}`);
      what.track = { mediaStreamTrack: track(kind) };
      tell("trackSubscribed", what.track, what, one);
      return what;
    },
    said: () => events.map(({ is }) => is),
    kinds: () => [...published.values()].map(({ source }) => source),
  };
}
const lost = (events: MediaEvent[]) => events.flatMap((event) => (event.is === "lost" ? [event.how] : []));
const settled = () => vi.waitFor(() => undefined);

test("a phone joins the server that its token names, sends microphone and camera, and shows the other", async () => {
  const it = world();
  const bob = it.add("bob", CALL, "audio", "video");
  it.prepare();
  const session = it.join();
  await vi.waitFor(() => expect(it.kinds()).toEqual(["microphone", "camera"]));
  expect(it.state.connected).toEqual([URL_IN_TOKEN]);
  expect(it.said()).toContain("connected");
  expect([...bob.trackPublications.values()].map(({ subscribed }) => subscribed)).toEqual([true, true]);
  it.receive(bob, "audio");
  const video = it.receive(bob, "video");
  expect(session.state().parties).toMatchObject([{ clientId: "bob", hasVideo: true, muted: false }]);
  video.isMuted = true;
  it.tell("trackMuted", video, bob);
  expect(session.state().parties).toMatchObject([{ clientId: "bob", hasVideo: false }]);
});

test("while a participant of another call is there, nothing is sent and nothing received", async () => {
  const it = world();
  const bob = it.add("bob", CALL, "audio");
  const stranger = it.add("mallory", "call-2", "audio");
  it.prepare();
  it.join();
  await vi.waitFor(() => expect(it.state.connected).toHaveLength(1));
  await settled();
  expect([it.kinds(), bob.trackPublications.get("bob-audio")?.subscribed]).toEqual([[], false]);
  it.leaves(stranger);
  await vi.waitFor(() => expect(it.kinds()).toEqual(["microphone", "camera"]));
  expect(bob.trackPublications.get("bob-audio")?.subscribed).toBe(true);
});

test("muting is told to the others, and a camera that is switched off is sent no more", async () => {
  const it = world();
  it.prepare();
  const session = it.join();
  await vi.waitFor(() => expect(it.kinds()).toHaveLength(2));
  session.setMuted?.(true);
  await vi.waitFor(() => expect([...it.published.values()][0]?.muted).toBe(true));
  session.setCamera?.(false);
  await vi.waitFor(() => expect(it.kinds()).toEqual(["microphone"]));
});

test.each([
  [DISCONNECTED.DUPLICATE_IDENTITY, "moved"],
  [DISCONNECTED.PARTICIPANT_REMOVED, "thrown-out"],
  [DISCONNECTED.ROOM_DELETED, "thrown-out"],
  [undefined, "broken"],
] as const)("the SDK's reason %s means that the phone is %s", async (reason, how) => {
  const it = world();
  it.prepare();
  it.join();
  await vi.waitFor(() => expect(it.said()).toContain("connected"));
  it.tell("disconnected", reason);
  expect(lost(it.events)).toEqual([how]);
});

test("a connection that the SDK mends by itself is connected again", async () => {
  const it = world();
  it.join();
  await vi.waitFor(() => expect(it.said()).toContain("connected"));
  it.tell("reconnected");
  expect(it.said().filter((is) => is === "connected")).toHaveLength(2);
});

test("the last other who leaves leaves the phone alone, and leaving oneself tells nothing", async () => {
  const it = world();
  const bob = it.add("bob", CALL, "audio");
  const session = it.join();
  await vi.waitFor(() => expect(it.said()).toContain("connected"));
  it.leaves(bob);
  expect(it.said()).toContain("alone");
  session.leave();
  it.tell("disconnected", 1);
  expect([it.state.left, lost(it.events)]).toEqual([1, []]);
});

test("a server that refuses the token is a lost connection, which the phone mends with another token", async () => {
  const it = world();
  it.state.refuses = true;
  it.join();
  await vi.waitFor(() => expect(lost(it.events)).toEqual(["broken"]));
});

test("an address that the app gives goes before the token's", async () => {
  const it = world({ url: "ws://127.0.0.1:7880" });
  it.join();
  await vi.waitFor(() => expect(it.state.connected).toEqual(["ws://127.0.0.1:7880"]));
});

test("a token that names no server, or is none, names none", () => {
  expect([serverUrlOf(tokenWith({})), serverUrlOf("hello"), serverUrlOf(TOKEN)]).toEqual([
    undefined,
    undefined,
    URL_IN_TOKEN,
  ]);
});
