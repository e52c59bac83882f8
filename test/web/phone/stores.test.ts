/** The stores of the phone: people, past calls, do-not-disturb, and the signed-in person. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type AccountWorld, openAccount } from "../../../web/phone/state/account.ts";
import type { Outcome } from "../../../packages/client/src/wire/problem.ts";
import type { Commands } from "../../../packages/client/src/wire/rest-api.ts";
import { openDirectory } from "../../../web/phone/state/directory.ts";
import { openHistory } from "../../../web/phone/state/history.ts";
import { morningAfter, openPeace } from "../../../web/phone/state/peace.ts";
import type { OwnCall } from "../../../packages/client/src/wire/own-call.ts";
import { nameOf, type People, type Person } from "../../../web/phone/state/people.ts";
import { ALICE, BOB, clock, NETWORK_DOWN, NOW_MS, ok, refused } from "./phone-world.ts";

beforeEach(() => void vi.useFakeTimers({ now: NOW_MS }));
afterEach(() => void vi.useRealTimers());
const wait = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

const person = (name: string, clientId: string | null = `${name}-client`): Person => {
  const [firstName = "", lastName = ""] = name.split(" ");
  return { id: name, firstName, lastName, clientId };
};
const everybody = [person("Alice Adams"), person("Bob Brown", BOB), person("Carol Albright")];

/** A directory with two people per page. */
function peopleWorld(found: readonly Person[] = everybody) {
  const searches: string[] = [];
  let tell: Parameters<People["follow"]>[0] = { changed: () => undefined, connected: () => undefined };
  const people: People = {
    async search(name, by, { nextToken }) {
      searches.push(`${by} ${name}`);
      const all = found.filter((one) => one[by].toLowerCase().startsWith(name.toLowerCase()));
      const from = Number(nextToken ?? 0);
      const rest = from + 2 < all.length ? { nextToken: String(from + 2) } : {};
      return { ok: true, value: { items: all.slice(from, from + 2), ...rest } };
    },
    ofClient: async (clientId) => ({ ok: true, value: found.find((one) => one.clientId === clientId) }),
    get: async (id) => ({ ok: true, value: found.find((one) => one.id === id) }),
    create: async (created) => ({ ok: true, value: created }),
    update: async (changed) => ({ ok: true, value: { ...person("Alice Adams"), ...changed } }),
    follow(heard) {
      tell = heard;
      return () => undefined;
    },
  };
  return {
    people,
    searches,
    tell: (changed: Person, gone = false) => tell.changed({ person: changed, gone }),
    connected: () => tell.connected(),
  };
}

test("people are listed page by page, without the person themselves", async () => {
  const { people } = peopleWorld();
  const directory = openDirectory(people, clock, "Alice Adams");
  await wait();
  expect(directory.state()).toMatchObject({ status: "ready", hasMore: true });
  directory.more();
  await wait();
  expect(directory.state().people.map(nameOf)).toEqual(["Bob Brown", "Carol Albright"]);
  expect(directory.state().hasMore).toBe(false);
});

test("a search finds first and last names, once the typing pauses", async () => {
  const { people, searches } = peopleWorld();
  const directory = openDirectory(people, clock, "nobody");
  await wait();
  directory.type("a");
  directory.type("al");
  await wait(200);
  expect(searches.slice(1)).toEqual(["firstName al", "lastName al"]);
  expect(directory.state().people.map(nameOf)).toEqual(["Alice Adams", "Carol Albright"]);
  directory.type("carol al");
  await wait(200);
  expect(directory.state().people.map(nameOf)).toEqual(["Carol Albright"]);
});

test("a person who signed up before the first update, or while updates were interrupted, is found", async () => {
  const found = [person("Bob Brown", BOB)];
  const { people, connected } = peopleWorld(found);
  const directory = openDirectory(people, clock, "nobody");
  await wait();
  found.push(person("Dora Dent"));
  connected();
  expect(directory.state().people.map(nameOf)).toEqual(["Bob Brown"]);
  await wait();
  expect(directory.state().people.map(nameOf)).toEqual(["Bob Brown", "Dora Dent"]);
});

test("the list changes by itself when people sign up or leave", async () => {
  const { people, tell } = peopleWorld([]);
  const directory = openDirectory(people, clock, "nobody");
  await wait();
  tell(person("Bob Brown", BOB));
  expect(directory.state().people.map(nameOf)).toEqual(["Bob Brown"]);
  expect(directory.nameOf(BOB)).toBe("Bob Brown");
  tell(person("Bob Brown", BOB), true);
  expect(directory.state().people).toEqual([]);
});

test("the name of a client that is in no list is read once", async () => {
  const { people } = peopleWorld();
  const asked = vi.spyOn(people, "ofClient");
  const directory = openDirectory(people, clock, "nobody");
  expect(directory.nameOf("Carol Albright-client")).toBeUndefined();
  directory.nameOf("Carol Albright-client");
  await wait();
  expect(directory.nameOf("Carol Albright-client")).toBe("Carol Albright");
  expect(asked).toHaveBeenCalledTimes(1);
});

const past = (callId: string, call: Partial<OwnCall>): OwnCall => ({
  callId,
  version: 9,
  status: "ended",
  role: "callee",
  endReason: "missed",
  otherClientId: BOB,
  media: "audio",
  createdAtMs: NOW_MS,
  ringUntilMs: NOW_MS,
  serverNowMs: NOW_MS,
  ...call,
});

const UNSEEN = { read: () => 0, write: () => undefined };

test("missed calls count until the list is opened", async () => {
  const calls = [
    past("c4", { endReason: "cancelled", createdAtMs: 40 }),
    past("c3", { role: "caller", createdAtMs: 30 }),
    past("c2", { endReason: "completed", createdAtMs: 20 }),
    past("c1", { createdAtMs: 10 }),
  ];
  let seenMs = 5;
  const seen = { read: () => seenMs, write: (untilMs: number) => void (seenMs = untilMs) };
  const history = openHistory({ list: async () => ({ ok: true, value: { items: calls } }) }, seen, clock);
  await wait();
  expect(history.state().missed).toBe(2);
  history.looked();
  expect(history.state().missed).toBe(0);
  expect(seenMs).toBe(40);
});

test("a list that cannot be read shows that, and is read again", async () => {
  const pages = [NETWORK_DOWN, ok({ items: [past("c1", {})] })];
  const list = async () => pages.shift() as Outcome<{ items: OwnCall[] }>; // one of the two
  const history = openHistory({ list }, UNSEEN, clock);
  await wait();
  expect(history.state()).toMatchObject({ status: "failed", problem: { code: "network" } });
  history.refresh();
  await wait();
  expect(history.state()).toMatchObject({ status: "ready", calls: [{ callId: "c1" }] });
});

test("after a call the list is read until it contains the call, but not for ever", async () => {
  let reads = 0;
  const list = async (): Promise<Outcome<{ items: OwnCall[] }>> => {
    reads += 1;
    return { ok: true, value: { items: reads < 4 ? [] : [past("c1", {})] } };
  };
  const history = openHistory({ list }, UNSEEN, clock);
  history.ended("c1");
  await wait();
  expect([reads, history.state().missed]).toEqual([2, 0]);
  await wait(3_000);
  expect([reads, history.state().missed]).toEqual([4, 1]);
  history.ended("never");
  await wait(3_600_000);
  expect(reads).toBe(9);
});

test("do-not-disturb ends on the screen when it ends on the server", async () => {
  const settings = { id: ALICE, blockedIds: [BOB], doNotDisturbUntilMs: NOW_MS + 1_000 };
  const commands = { send: async () => ok(settings) } as unknown as Commands; // one reply is enough
  const peace = openPeace(commands, clock, ALICE);
  await wait();
  expect(peace.state()).toMatchObject({ silentUntilMs: NOW_MS + 1_000, blocked: new Set([BOB]) });
  await wait(1_000);
  expect(peace.state().silentUntilMs).toBeUndefined();
});

test("the morning is eight o'clock today if it is night, else tomorrow", () => {
  const at = (day: number, hour: number): number => new Date(2027, 0, day, hour).getTime();
  expect(morningAfter(at(1, 3))).toBe(at(1, 8));
  expect(morningAfter(at(1, 22))).toBe(at(2, 8));
});

function accountWorld(found: readonly Person[], replies: Outcome<unknown>[]) {
  const sent: object[] = [];
  let present: string | undefined;
  const session: AccountWorld["session"] = {
    username: async () => present,
    userId: async () => "sub-of-alice",
    async signIn({ username, password }) {
      if (password !== "right") throw new Error("Incorrect username or password.");
      present = username;
      return "signed-in";
    },
    signUp: async () => "confirm-email",
    confirm: async () => undefined,
    resendCode: async () => undefined,
    signOut: async () => void (present = undefined),
  };
  const commands = {
    async send(action: string, input: object) {
      sent.push({ action, ...input });
      return replies.shift() ?? ok({ id: ALICE, removed: true });
    },
  } as Commands; // the test gives the replies
  const { people } = peopleWorld(found);
  const deviceOf = async () => ({ deviceId: "web-1", deviceToken: "secret", notifyType: "WEB" as const });
  return { account: openAccount({ session, commands, people, deviceOf }), sent };
}

const alice = { username: "alice", password: "right" };

test("a wrong password is shown above the form", async () => {
  const { account } = accountWorld([], []);
  await wait();
  await account.signIn({ ...alice, password: "wrong" });
  expect(account.state()).toMatchObject({
    kind: "signed-out",
    busy: false,
    wrong: "Incorrect username or password.",
  });
});

test("a new person is asked for a name, and all their phones ring for the same client", async () => {
  const first = accountWorld([], []);
  await wait();
  await first.account.signIn(alice);
  expect(first.account.state()).toMatchObject({ kind: "naming", proposed: { firstName: "Alice" } });
  await first.account.takeName({ firstName: "Alice", lastName: "Adams" });
  expect(first.account.state()).toMatchObject({ kind: "ready", me: { clientId: ALICE } });
  expect(first.sent).toEqual([
    { action: "register", notifyType: "WEB", deviceToken: "secret", deviceId: "web-1" },
  ]);

  const second = accountWorld([{ ...person("Alice Adams", ALICE), id: "sub-of-alice" }], []);
  await wait();
  await second.account.signIn(alice);
  expect(second.sent).toMatchObject([{ action: "register", clientId: ALICE }]);
});

test("a name that the directory would refuse is asked for again, with the reason", async () => {
  const { account } = accountWorld([], []);
  await wait();
  await account.signIn(alice);
  const name = { firstName: "Alice", lastName: "Adams\u202E" };
  await account.takeName(name);
  expect(account.state()).toMatchObject({
    kind: "naming",
    proposed: name,
    busy: false,
    wrong: expect.stringMatching(/^The last name must have 1 to 64 visible characters/),
  });
});

test("a name that was stored before the rule is shown without harmful characters", () => {
  expect(nameOf({ firstName: "Mom\u2028", lastName: "\u202EknaB" })).toBe("Mom knaB");
  expect(nameOf({ firstName: "\u200B", lastName: "\u3164" })).toBe("Someone");
});

test("a deleted client is replaced in the directory", async () => {
  const old = { ...person("Alice Adams", "gone"), id: "sub-of-alice" };
  const { account } = accountWorld([old], [refused({ code: "no_such_client" }), ok({ id: ALICE })]);
  await wait();
  await account.signIn(alice);
  expect(account.state()).toMatchObject({
    kind: "ready",
    me: { clientId: ALICE },
    person: { clientId: ALICE },
  });
});

test("signing out unregisters the phone first", async () => {
  const { account, sent } = accountWorld([{ ...person("Alice Adams", ALICE), id: "sub-of-alice" }], []);
  await wait();
  await account.signIn(alice);
  await account.signOut();
  expect(sent.at(-1)).toEqual({ action: "unregister", clientId: ALICE, deviceId: "web-1" });
  expect(account.state().kind).toBe("signed-out");
});
