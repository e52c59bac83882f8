/** Puts the page together: the stack, who is signed in, and then their phone with everything it needs of the browser. */
import { loadStage } from "../media/load-stage.ts";
import { openSession } from "../sign-in/session.ts";
import { loadSiteConfig, type SiteConfig } from "../site-config.ts";
import { browserClock } from "./edge/browser-clock.ts";
import { browserCapture } from "../../packages/client/src/ivs/browser-capture.ts";
import { type Device, openDevice } from "./edge/device.ts";
import { callsOf, peopleOf } from "./edge/graphql.ts";
import { listenForPushes } from "./edge/local-pushes.ts";
import { browserNetwork, isHidden, onHidden } from "./edge/network.ts";
import { type Notifications, openNotifications } from "./edge/notifications.ts";
import { graphqlApi } from "../../packages/client/src/wire/graphql.ts";
import { type LiveUpdates, liveUpdates } from "../../packages/client/src/wire/live-updates.ts";
import { type Commands, type HttpWorld, restApi } from "../../packages/client/src/wire/rest-api.ts";
import { openRingtone, type Ringtone } from "./edge/ringtone.ts";
import { type Account, type AccountState, type AccountWorld, openAccount } from "./state/account.ts";
import { type Company, openCompany, withEars } from "./state/company.ts";
import { type ConnectionWatch, watchConnection } from "./state/connection.ts";
import type { Clock } from "../../packages/client/src/time/clock.ts";
import { type Directory, openDirectory } from "./state/directory.ts";
import { type Elsewhere, openElsewhere } from "./state/elsewhere.ts";
import { type History, openHistory } from "./state/history.ts";
import type { Languages } from "./state/language.ts";
import { type Lines, openLines } from "./state/lines.ts";
import { notifyOfCalls } from "./state/notices.ts";
import { openPeace, type Peace } from "./state/peace.ts";
import type { OwnCalls, People } from "./state/people.ts";
import { factsOfUpdate } from "../../packages/client/src/engine/call-facts.ts";
import { createPhone, type Phone } from "./state/phone.ts";
import { openRoom, type Room } from "./state/room.ts";
import { watchSession } from "./state/session-watch.ts";
import { headlineOf } from "./state/words.ts";

export interface Site {
  readonly config: SiteConfig;
  readonly account: Account;
  /** The phone of a user who is ready. */
  readonly home: (ready: Ready) => Home;
}

type Ready = Extract<AccountState, { kind: "ready" }>;

/** What a signed-in person has. */
export interface Home {
  readonly me: Ready["me"];
  readonly phone: Phone;
  readonly room: Room;
  readonly company: Company;
  readonly elsewhere: Elsewhere;
  readonly connection: ConnectionWatch;
  readonly directory: Directory;
  readonly history: History;
  readonly peace: Peace;
  readonly lines: Lines;
  readonly notifications: Notifications;
  readonly ringtone: Ringtone;
  readonly clock: Clock;
}

/** What it gives in a browser. */
type Capture = Parameters<typeof openRoom>[0]["capture"];
/** `fetch` wants to be called as the window's. */
const fetching: HttpWorld["fetch"] = (url, init) => fetch(url, init);

export async function openSite(reading: Promise<SiteConfig>, languages: Languages): Promise<Site> {
  const config = await reading;
  const local = config.runtime === "local";
  const session = openSession(config, { perTab: local });
  const watch = watchSession(session, () => void ended());
  const http = { accessToken: watch.accessToken, fetch: fetching, clock: browserClock };
  const timeHeard = (serverNowMs: number): void => browserClock.heard(serverNowMs);
  const commands = watch.commands(restApi({ ...http, url: config.apiUrl, timeHeard }));
  const graphql = watch.graphql(graphqlApi({ ...http, url: config.graphqlUrl }));
  const live = liveUpdates({
    ...http,
    graphqlUrl: config.graphqlUrl,
    WebSocket,
    chance: () => Math.random(),
  });
  // Only what is signed in is told of changes: the network comes back, or the page is shown again.
  addEventListener("online", () => live.redial());
  addEventListener("visibilitychange", () => document.visibilityState === "visible" && live.retry());
  const people = peopleOf(graphql, live);
  const asked = new URLSearchParams(location.search);
  const readyMade = config.people?.find(({ username }) => username === asked.get("as"));
  let device: (Device & { readonly notifyType: "GCM" | "WEB" }) | undefined;
  const deviceOf: AccountWorld["deviceOf"] = async (username) => {
    const opened = await openDevice(`${username}.${local ? (asked.get("device") ?? "1") : "1"}`, local);
    // A local runtime's inboxes stand for FCM; elsewhere no push reaches a page.
    device = { ...opened, notifyType: local ? "GCM" : "WEB" };
    return { ...device, line: device.line.read() };
  };
  const account = openAccount({ session, commands, people, clock: browserClock, deviceOf, readyMade });

  /** A stack that was made anew has another user pool: the page begins anew with it. */
  async function ended(): Promise<void> {
    const now = await loadSiteConfig().catch(() => config);
    if (now.userPoolClientId === config.userPoolClientId) return account.ended();
    session.forget();
    location.reload();
  }

  let opened: { readonly clientId: string; readonly home: Home } | undefined;
  return {
    config,
    account,
    home({ me, person }) {
      if (!device) throw new Error("A phone is registered before it is used.");
      const { clientId } = me;
      if (opened && opened.clientId !== clientId) location.reload(); // nothing of the earlier user stays
      if (opened?.clientId !== clientId) {
        const calls = callsOf({ clientId, graphql, live, timeHeard });
        const world = { config, commands, people, calls, live, me, device, personId: person.id, languages };
        opened = { clientId, home: openHome(world) };
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
  readonly live: LiveUpdates;
  readonly me: Ready["me"];
  readonly device: Device & { readonly notifyType: "GCM" | "WEB" };
  readonly personId: string;
  readonly languages: Languages;
}

function openHome(options: HomeOptions): Home {
  const { config, people, calls, live, me, device, personId } = options;
  const clock = browserClock;
  const commands = withEars(options.commands, (view) => {
    company.heard(view);
    elsewhere.heard(view);
  });
  const company = openCompany({ commands, clientId: me.clientId });
  const room = openRoom({
    capture: browserCapture as Capture,
    newStream: (tracks: MediaStreamTrack[]) => new MediaStream(tracks),
    loadSdk: () => loadStage(config.runtime, { liveKitUrl: config.mediaUrl }),
  });
  const newKey = (): string => crypto.randomUUID();
  const phone = createPhone({ me, clock, commands, room, memory: device.memory, newKey });
  const elsewhere = openElsewhere({ me, phone, commands });
  const directory = openDirectory(people, clock, personId);
  const history = openHistory(calls, seenMark(me.clientId), clock);
  const peace = openPeace(commands, clock, me.clientId);
  calls.follow({
    updated(call) {
      phone.updated(factsOfUpdate(call));
      company.updated(call);
      elsewhere.updated(call);
      if (call.status === "ended") history.ended(call.callId);
    },
    connected() {
      phone.subscribed();
      history.refresh();
      peace.refresh();
    },
  });
  if (config.runtime === "local") listenForPushes(device.deviceToken, (push) => phone.pushed(push));
  const ringtone = openRingtone();
  phone.subscribe(() => ringtone.play(toneOf(phone)));
  addEventListener("pagehide", () => phone.leavePage());
  // Out of the browser's cache comes a page whose connections are gone.
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
  const notifications = openNotifications();
  notifyOfCalls({
    phone,
    isHidden,
    onHidden,
    titleOf(screen) {
      const { clientId, name = "" } = screen.talk.other;
      const { t } = options.languages.state();
      return headlineOf(t, screen, {
        name: directory.nameOf(clientId) || name || t.app.someone,
        isGroup: false,
      });
    },
    show: (notice) => notifications.show(notice),
    remove: (callId) => notifications.remove(callId),
  });
  phone.start();
  return {
    me,
    phone,
    room,
    company,
    elsewhere,
    connection: watchConnection({ live, network: browserNetwork, clock }),
    directory,
    history,
    peace,
    lines: openLines({ commands, device, choose: (clientId) => chooseLine(device, clientId) }),
    notifications,
    ringtone,
    clock,
  };
}

function chooseLine({ line }: Device, clientId: string): void {
  line.write(clientId);
  location.reload();
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
