/** Puts the page together: the stack, who is signed in, and then their phone with everything it needs of the browser. */
import { loadStage } from "../media/load-stage.ts";
import { openSession } from "../sign-in/session.ts";
import { loadSiteConfig, type SiteConfig } from "../site-config.ts";
import { browserClock } from "./edge/browser-clock.ts";
import { capture } from "./edge/capture.ts";
import { type Device, openDevice } from "./edge/device.ts";
import { callsOf, people } from "./edge/graphql.ts";
import { listenForPushes } from "./edge/local-pushes.ts";
import { dialLocally } from "./edge/local-sockets.ts";
import { restApi } from "./edge/rest-api.ts";
import { openRingtone, type Ringtone } from "./edge/ringtone.ts";
import { type Account, type AccountState, type AccountWorld, openAccount } from "./state/account.ts";
import type { Clock } from "./state/clock.ts";
import type { Commands } from "./state/commands.ts";
import { type Directory, openDirectory } from "./state/directory.ts";
import { type History, openHistory } from "./state/history.ts";
import { openPeace, type Peace } from "./state/peace.ts";
import { factsOfUpdate } from "./state/people.ts";
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

export async function openSite(): Promise<Site> {
  const config = await loadSiteConfig();
  const local = config.runtime === "local";
  if (local) dialLocally(config.apiUrl);
  const session = openSession(config, { perTab: local });
  const commands = restApi({
    url: config.apiUrl,
    accessToken: () => session.accessToken(),
    timeHeard: (serverNowMs) => browserClock.heard(serverNowMs),
  });
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
      if (opened?.clientId !== clientId)
        opened = { clientId, home: openHome({ config, commands, me, device, personId: person.id }) };
      return opened.home;
    },
  };
}

interface HomeOptions {
  readonly config: SiteConfig;
  readonly commands: Commands;
  readonly me: Ready["me"];
  readonly device: Device;
  readonly personId: string;
}

function openHome({ config, commands, me, device, personId }: HomeOptions): Home {
  const newStream = (tracks: MediaStreamTrack[]): MediaStream => new MediaStream(tracks);
  const room = openRoom({ capture, newStream, loadSdk: () => loadStage(config.runtime) });
  const clock = browserClock;
  const newKey = (): string => crypto.randomUUID();
  const phone = createPhone({ me, clock, commands, room, memory: device.memory, newKey });
  const directory = openDirectory(people, clock, personId);
  const calls = callsOf(me.clientId, (serverNowMs) => clock.heard(serverNowMs));
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
