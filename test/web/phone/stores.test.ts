/** The stores of the phone: people, past calls, do-not-disturb, and the signed-in person. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type AccountWorld, openAccount } from "../../../web/phone/state/account.ts";
import { Refusal } from "../../../web/sign-in/cognito.ts";
import type { Outcome } from "../../../packages/client/src/wire/problem.ts";
import type { Commands } from "../../../packages/client/src/wire/rest-api.ts";
import { openDirectory } from "../../../web/phone/state/directory.ts";
import { openHistory } from "../../../web/phone/state/history.ts";
import { morningAfter, nextTime, openPeace } from "../../../web/phone/state/peace.ts";
import { openLines } from "../../../web/phone/state/lines.ts";
import type { OwnCall } from "../../../packages/client/src/wire/own-call.ts";
import { plainText } from "../../../web/phone/state/search-text.ts";
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
      const all = found.filter((one) => plainText(one[by]).startsWith(plainText(name)));
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

test("a search ignores accents, case and the order of words", async () => {
  const { people, searches } = peopleWorld([
    person("Zo\u00EB M\u00FCller"),
    person("Zora Novak"),
    person("S\u00F8ren Zola"),
  ]);
  const directory = openDirectory(people, clock, "nobody");
  const found = async (typed: string): Promise<string[]> => {
    directory.type(typed);
    await wait(200);
    return directory.state().people.map(nameOf);
  };
  for (const typed of ["zoe", "ZO\u00CB", "Zoe\u0308", "muller zoe", "zo m"])
    expect(await found(typed)).toEqual(["Zo\u00EB M\u00FCller"]);
  expect(searches.slice(-4)).toEqual(["firstName zo", "lastName zo", "firstName m", "lastName m"]);
  expect(await found("soren")).toEqual(["S\u00F8ren Zola"]);
  expect(await found("zoe novak")).toEqual([]);
});

test("a search among thousands passes over pages without a match", async () => {
  const many = Array.from({ length: 12 }, (_, at) => person(`Maria Name-${at}`));
  const { people } = peopleWorld([...many, person("Maria Zimmer")]);
  const directory = openDirectory(people, clock, "nobody");
  directory.type("maria zimm");
  await wait(200);
  expect(directory.state()).toMatchObject({ status: "ready", people: [{ lastName: "Zimmer" }] });
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

test("a search that had no network is right once updates flow again", async () => {
  const { people, connected } = peopleWorld();
  const directory = openDirectory(people, clock, "nobody");
  await wait();
  const search = vi.spyOn(people, "search").mockResolvedValue(NETWORK_DOWN as Outcome<never>); // a failure of any type
  directory.type("bob");
  await wait(200);
  expect(directory.state()).toMatchObject({ status: "failed", problem: { code: "network" } });
  search.mockRestore();
  connected();
  await wait();
  expect(directory.state()).toMatchObject({ status: "ready", people: [{ firstName: "Bob" }] });
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

test("a time of the clock is the next one: today, or tomorrow", () => {
  const at = (day: number, hour: number, minute = 0): number =>
    new Date(2027, 0, day, hour, minute).getTime();
  expect(nextTime(at(1, 9), "14:30")).toBe(at(1, 14, 30));
  expect(nextTime(at(1, 15), "14:30")).toBe(at(2, 14, 30));
  expect(nextTime(at(1, 15), "")).toBeUndefined();
});

interface AccountOptions {
  readonly readyMade?: AccountWorld["readyMade"];
  readonly line?: string;
}

function accountWorld(
  found: readonly Person[],
  replies: (Outcome<unknown> | Promise<Outcome<unknown>>)[],
  { readyMade, line }: AccountOptions = {},
) {
  const sent: object[] = [];
  let present: string | undefined;
  const session: AccountWorld["session"] = {
    username: () => present,
    userId: () => "sub-of-alice",
    async signIn({ username, password }) {
      if (password !== "right")
        throw new Refusal("NotAuthorizedException", "Incorrect username or password.");
      present = username;
      return "signed-in";
    },
    signUp: async () => "confirm-email",
    confirm: async () => undefined,
    resendCode: async () => undefined,
    forgotPassword: async () => undefined,
    setPassword: async () => undefined,
    signOut: async () => void (present = undefined),
    forget: () => void (present = undefined),
  };
  const commands = {
    async send(action: string, input: object) {
      sent.push({ action, ...input });
      return replies.shift() ?? ok({ id: ALICE, removed: true });
    },
  } as Commands; // the test gives the replies
  const { people } = peopleWorld(found);
  const deviceOf = async () => ({
    deviceId: "web-1",
    deviceToken: "secret",
    notifyType: "WEB" as const,
    line,
  });
  const account = openAccount({ session, commands, people, clock, deviceOf, readyMade });
  return { account, sent, session };
}

const alice = { username: "alice", password: "right" };

test("a wrong password is shown above the form", async () => {
  const { account } = accountWorld([], []);
  await wait();
  await account.signIn({ ...alice, password: "wrong" });
  expect(account.state()).toMatchObject({
    kind: "signed-out",
    busy: false,
    wrong: { code: "NotAuthorizedException" },
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
    wrong: { code: "last_name" },
  });
});

test("a name that was stored before the rule is shown without harmful characters", () => {
  expect(nameOf({ firstName: "Mom\u2028", lastName: "\u202EknaB" })).toBe("Mom knaB");
  expect(nameOf({ firstName: "\u200B", lastName: "\u3164" })).toBe("");
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

const ofAlice = { ...person("Alice Adams", ALICE), id: "sub-of-alice" };

test("when the session ends, the page asks to sign in and says why", async () => {
  const { account } = accountWorld([ofAlice], []);
  await wait();
  await account.signIn(alice);
  account.ended();
  expect(account.state()).toMatchObject({ kind: "signed-out", wrong: { code: "session_ended" } });
  await account.signIn(alice);
  expect(account.state().kind).toBe("ready");
});

test("a ready-made person is signed in again silently, but not for ever", async () => {
  const { account } = accountWorld([ofAlice], [], { readyMade: alice });
  await wait();
  expect(account.state().kind).toBe("ready");
  // Several requests are refused at once.
  account.ended();
  account.ended();
  await wait();
  expect(account.state().kind).toBe("ready");
  account.ended();
  await wait();
  expect(account.state()).toMatchObject({ kind: "signed-out", wrong: { code: "session_ended" } });
});

test("a session that ends while the phone is being registered asks to sign in as well", async () => {
  let refuse: (outcome: Outcome<unknown>) => void = () => undefined;
  const late = new Promise<Outcome<unknown>>((resolve) => (refuse = resolve));
  const { account } = accountWorld([ofAlice], [late]);
  await wait();
  const signingIn = account.signIn(alice);
  await wait();
  account.ended();
  refuse(refused({ code: "access_token_required" }));
  await signingIn;
  expect(account.state()).toMatchObject({ kind: "signed-out", wrong: { code: "session_ended" } });
});

test("signing out waits no longer than two seconds for a server that does not answer", async () => {
  const never = new Promise<Outcome<unknown>>(() => undefined);
  const { account, session } = accountWorld([ofAlice], [ok({ id: ALICE }), never]);
  await wait();
  await account.signIn(alice);
  const signingOut = account.signOut();
  await wait(2_000);
  await signingOut;
  expect([account.state().kind, session.username()]).toEqual(["signed-out", undefined]);
});

test("a person whose phone could not be registered can sign out", async () => {
  const { account, session } = accountWorld([ofAlice], [NETWORK_DOWN]);
  await wait();
  await account.signIn(alice);
  expect(account.state()).toMatchObject({ kind: "failed", problem: { code: "network" } });
  await account.signOut();
  expect(session.username()).toBeUndefined();
});

test("a code sets a forgotten password anew, and the person is signed in", async () => {
  const { account } = accountWorld([ofAlice], []);
  await wait();
  account.forgetPassword();
  await account.sendResetCode("alice");
  expect(account.state()).toEqual({ kind: "resetting", username: "alice", busy: false });
  await account.setPassword("123456", "right");
  expect(account.state().kind).toBe("ready");
});

test("a person changes their own name, unless the directory would refuse it", async () => {
  const { account } = accountWorld([ofAlice], []);
  await wait();
  await account.signIn(alice);
  expect(await account.rename({ firstName: " ", lastName: "Adams" })).toMatchObject({ code: "first_name" });
  expect(await account.rename({ firstName: "Alicia", lastName: "Adams" })).toBeUndefined();
  expect(account.state()).toMatchObject({ person: { firstName: "Alicia" } });
});

test("a phone that uses another line rings for that one, and the directory keeps the first", async () => {
  const { account, sent } = accountWorld([ofAlice], [ok({ id: "second-line" })], { line: "second-line" });
  await wait();
  await account.signIn(alice);
  expect(sent).toMatchObject([{ action: "register", clientId: "second-line" }]);
  expect(account.state()).toMatchObject({ me: { clientId: "second-line" }, person: { clientId: ALICE } });
});

test("a person's lines are listed, and the phone changes to one of them or to a new one", async () => {
  const chosen: string[] = [];
  const sent: object[] = [];
  const replies = [ok({ clients: [{ id: ALICE }, { id: "second" }] }), ok({ id: "third" })];
  const commands = {
    async send(action: string, input: object) {
      sent.push({ action, ...input });
      return replies.shift() ?? refused({ code: "too_many_clients" });
    },
  } as Commands; // replies are what the test says
  const device = { notifyType: "WEB", deviceToken: "secret", deviceId: "web-1" };
  const lines = openLines({ commands, device, choose: (clientId) => void chosen.push(clientId) });
  lines.read();
  await wait();
  expect(lines.state().clientIds).toEqual([ALICE, "second"]);
  lines.use("second");
  lines.open();
  await wait();
  expect(sent.at(-1)).toEqual({ action: "register", ...device, anotherClient: true });
  expect(chosen).toEqual(["second", "third"]);
  lines.open();
  await wait();
  expect(lines.state()).toMatchObject({ busy: false, problem: { code: "too_many_clients" } });
});
