/** Puts the page together: the stack, who is signed in, and then their phone with everything it needs of the browser. */
import { loadStage } from "../media/load-stage.ts";
import { openSession } from "../sign-in/session.ts";
import { loadSiteConfig, type SiteConfig } from "../site-config.ts";
import { browserClock } from "./edge/browser-clock.ts";
import { browserCapture } from "../../packages/client/src/ivs/browser-capture.ts";
import { type Device, openDevice } from "./edge/device.ts";
import { callsOf, peopleOf } from "./edge/graphql.ts";
import { listenForPushes } from "./edge/local-pushes.ts";
import { graphqlApi } from "../../packages/client/src/wire/graphql.ts";
import { liveUpdates } from "../../packages/client/src/wire/live-updates.ts";
import { type Commands, type HttpWorld, restApi } from "../../packages/client/src/wire/rest-api.ts";
import { openRingtone, type Ringtone } from "./edge/ringtone.ts";
import { type Account, type AccountState, type AccountWorld, openAccount } from "./state/account.ts";
import type { Clock } from "../../packages/client/src/time/clock.ts";
import { type Directory, openDirectory } from "./state/directory.ts";
import { type History, openHistory } from "./state/history.ts";
import { openPeace, type Peace } from "./state/peace.ts";
import type { OwnCalls, People } from "./state/people.ts";
import { factsOfUpdate } from "../../packages/client/src/engine/call-facts.ts";
import { createPhone, type Phone } from "./state/phone.ts";
import { openRoom, type Room } from "./state/room.ts";

export interface Site {
  readonly config: SiteConfig;
  readonly account: Account;
  /** The phone of a user who is ready. */
  readonly home: (ready: Ready) => Home;
}

type Ready = Extract<AccountState, { kind: "ready" }>;

/** What a signed-in person has. */
export interface Home {
  readonly phone: Phone;
  readonly room: Room;
  readonly directory: Directory;
  readonly history: History;
  readonly peace: Peace;
  readonly ringtone: Ringtone;
  readonly clock: Clock;
}

/** What it gives in a browser. */
type Capture = Parameters<typeof openRoom>[0]["capture"];
/** `fetch` wants to be called as the window's. */
const fetching: HttpWorld["fetch"] = (url, init) => fetch(url, init);

export async function openSite(): Promise<Site> {
  const config = await loadSiteConfig();
  const local = config.runtime === "local";
  const session = openSession(config, { perTab: local });
  const http = {
    accessToken: (wanted: { readonly refresh: boolean }) => session.accessToken(wanted),
    fetch: fetching,
    clock: browserClock,
  };
  const timeHeard = (serverNowMs: number): void => browserClock.heard(serverNowMs);
  const commands = restApi({ ...http, url: config.apiUrl, timeHeard });
  const graphql = graphqlApi({ ...http, url: config.graphqlUrl });
  const live = liveUpdates({
    ...http,
    graphqlUrl: config.graphqlUrl,
    WebSocket,
    chance: () => Math.random(),
  });
  // Only what is signed in is told of changes: the network comes back, or the page is shown again.
  addEventListener("online", () => live.retry());
  addEventListener("visibilitychange", () => document.visibilityState === "visible" && live.retry());
  const people = peopleOf(graphql, live);
  const asked = new URLSearchParams(location.search);
  const readyMade = config.people?.find(({ username }) => username === asked.get("as"));
  let device: Device | undefined;
  const deviceOf: AccountWorld["deviceOf"] = async (username) => {
    device = await openDevice(`${username}.${local ? (asked.get("device") ?? "1") : "1"}`, local);
    // A local runtime's inboxes stand for FCM; elsewhere no push reaches a page.
    return { ...device, notifyType: local ? "GCM" : "WEB" };
  };
  const account = openAccount({ session, commands, people, deviceOf, readyMade });
  let opened: { readonly clientId: string; readonly home: Home } | undefined;
  return {
    config,
    account,
    home({ me, person }) {
      if (!device) throw new Error("A phone is registered before it is used.");
      const clientId = me.clientId;
      if (opened?.clientId !== clientId) {
        const calls = callsOf({ clientId, graphql, live, timeHeard });
        opened = {
          clientId,
          home: openHome({ config, commands, people, calls, me, device, personId: person.id }),
        };
      }
      return opened.home;
    },
  };
}

interface HomeOptions {
  readonly config: SiteConfig;
  readonly commands: Commands;
  readonly people: People;
  readonly calls: OwnCalls;
  readonly me: Ready["me"];
  readonly device: Device;
  readonly personId: string;
}

function openHome({ config, commands, people, calls, me, device, personId }: HomeOptions): Home {
  const newStream = (tracks: MediaStreamTrack[]): MediaStream => new MediaStream(tracks);
  const room = openRoom({
    capture: browserCapture as Capture,
    newStream,
    loadSdk: () => loadStage(config.runtime, { liveKitUrl: config.mediaUrl }),
  });
  const clock = browserClock;
  const newKey = (): string => crypto.randomUUID();
  const phone = createPhone({ me, clock, commands, room, memory: device.memory, newKey });
  const directory = openDirectory(people, clock, personId);
  const history = openHistory(calls, seenMark(me.clientId), clock);
  const ringtone = openRingtone();
  calls.follow({
    updated(call) {
      phone.updated(factsOfUpdate(call));
      if (call.status === "ended") history.ended(call.callId);
    },
    connected() {
      phone.subscribed();
      history.refresh();
    },
  });
  if (config.runtime === "local") listenForPushes(device.deviceToken, (push) => phone.pushed(push));
  phone.subscribe(() => ringtone.play(toneOf(phone)));
  addEventListener("pagehide", () => phone.leavePage());
  // Out of the browser's cache comes a page whose connections are gone.
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
  phone.start();
  const peace = openPeace(commands, clock, me.clientId);
  return { phone, room, directory, history, peace, ringtone, clock };
}

function toneOf(phone: Phone): Parameters<Ringtone["play"]>[0] {
  const screen = phone.screen();
  if (screen.kind === "ringing") return "incoming";
  return screen.kind === "calling" && screen.talk.heard ? "outgoing" : undefined;
}

function seenMark(clientId: string) {
  const key = `ringmaster.seen.${clientId}`;
  return {
    read: () => Number(localStorage.getItem(key) ?? 0),
    write: (untilMs: number) => localStorage.setItem(key, String(untilMs)),
  };
}
