/** A network that loses requests, replies and connections, and a server that is away for a moment. */
import { describe, expect, test } from "vitest";
import {
  beginWorld,
  clientOf,
  type Fate,
  type Handset,
  handset,
  type Judge,
  meanwhile,
  ringing,
  shown,
  talking,
  two,
  wait,
  world,
} from "./client-world.ts";
import { withoutMedia } from "../src/without-media.ts";

beginWorld();

/** The user pool gives a quarter of an hour. */
const TOKEN_LASTS_MS = 16 * 60_000;

/** The first so many requests of this action meet this fate, the others go through. */
function first(count: number, action: string, fate: Fate): Judge {
  let met = 0;
  return (request) => (request.action === action && (met += 1) <= count ? fate : "through");
}
const sent = ({ network }: Handset, action: string) => network.sent.filter((one) => one.action === action);
/** Repeating the request repeats its event. */
function callsBegun(alice: Handset): number {
  const begun = world.events("CallInitiated").filter((detail) => detail["callerId"] === clientOf(alice));
  return new Set(begun.map((detail) => detail["callId"])).size;
}

describe.each<[string, Fate]>([
  ["is lost", "lost"],
  ["is done and never answered", "unanswered"],
  ["hangs until it has waited too long", "hanging"],
  ["is met by 503", { status: 503, body: { message: "Service Unavailable" } }],
  ["is met by the gateway's 429", { status: 429, body: { message: "Too Many Requests" } }],
])("a request to call that %s", (_, fate) => {
  test("is sent again with the same key, and makes one call", async () => {
    const { alice, bob } = await two();
    alice.network.judge = first(1, "initiateCall", fate);
    const call = alice.phone.call(clientOf(bob));
    await wait(14_000);
    const asked = sent(alice, "initiateCall");
    expect(asked).toHaveLength(2);
    expect(new Set(asked.map(({ key }) => key)).size).toBe(1);
    expect(callsBegun(alice)).toBe(1);
    expect(call.state).toBe("ringing");
    expect(shown(bob).callId).toBe(call.callId);
  });
});

test("a server that asks for a pause is given it", async () => {
  const { alice, bob } = await two();
  const problem = { code: "try_again", title: "Busy", detail: "Others were faster", retryAfterSeconds: 4 };
  alice.network.judge = first(1, "initiateCall", { status: 503, body: problem });
  const call = alice.phone.call(clientOf(bob));
  await wait(3_900);
  expect(sent(alice, "initiateCall")).toHaveLength(1);
  await wait(2_100);
  expect([sent(alice, "initiateCall").length, call.state]).toEqual([2, "ringing"]);
});

test("two calls are two keys", async () => {
  const { alice, bob } = await two();
  await meanwhile(world, alice.phone.call(clientOf(bob)).hangUp());
  const second = alice.phone.call(clientOf(bob));
  await wait(2_000);
  const keys = sent(alice, "initiateCall").map(({ key }) => key);
  expect(new Set(keys).size).toBe(2);
  expect(second.state).toBe("ringing");
});

test("who gives up before any reply leaves no phone ringing", async () => {
  const { alice, bob } = await two();
  alice.network.judge = ({ action }) => (action === "initiateCall" ? "unanswered" : "through");
  const call = alice.phone.call(clientOf(bob));
  await wait(600);
  await meanwhile(world, call.hangUp(), 5_000);
  expect(call.state).toBe("ended");
  expect(shown(bob).reason).toBe("cancelled");
});

test("a call that is never answered by the server is over as a problem, and rings nowhere", async () => {
  const { alice, bob } = await two();
  alice.network.judge = first(3, "initiateCall", "unanswered");
  const call = alice.phone.call(clientOf(bob));
  await wait(2_000);
  expect(call.snapshot()).toMatchObject({ state: "ended", reason: "problem", problem: { code: "network" } });
  await wait(5_000);
  expect(shown(bob).state).toBe("ended");
});

test("an answer that is done and never answered is sent again, and is the one answer", async () => {
  const { alice, bob } = await two();
  const { out, incoming } = await ringing(world, alice, bob);
  bob.network.judge = first(1, "answerCall", "unanswered");
  await meanwhile(world, incoming.answer());
  expect([out.state, incoming.state]).toEqual(["connected", "connected"]);
  expect(sent(bob, "answerCall")).toHaveLength(2);
});

test.each(["hangUp", "decline"] as const)("%s is said until the server has heard it", async (deed) => {
  const { alice, bob } = await two();
  const { out, incoming } = await ringing(world, alice, bob);
  const [handy, call] = deed === "hangUp" ? [alice, out] : [bob, incoming];
  handy.network.offline = true;
  const done = call[deed]();
  expect(call.state).toBe("ended");
  await wait(3_000);
  handy.network.offline = false;
  await meanwhile(world, done, 9_000);
  expect(out.reason).toBe(deed === "hangUp" ? "cancelled" : "declined");
});

test("an access token that has expired is renewed, and nobody notices", async () => {
  const { alice, bob } = await two();
  await wait(TOKEN_LASTS_MS);
  const before = alice.tokensAsked.length;
  const call = alice.phone.call(clientOf(bob));
  await wait(3_000);
  expect(alice.tokensAsked.slice(before)).toContainEqual({ refresh: true });
  expect(call.state).toBe("ringing");
});

test("a person who is signed out of everything is told so once, not for ever", async () => {
  const { alice, bob } = await two();
  alice.network.judge = () => ({ status: 401, body: { message: "Unauthorized" } });
  const call = alice.phone.call(clientOf(bob));
  await wait(1_000);
  expect(call.snapshot()).toMatchObject({ reason: "problem", problem: { code: "access_token_required" } });
  expect(sent(alice, "initiateCall")).toHaveLength(2);
});

describe("live updates", () => {
  test("that break come back, and what was missed meanwhile is read", async () => {
    const { alice, bob } = await two();
    const { out, incoming } = await ringing(world, alice, bob);
    const dials = alice.network.dials();
    alice.network.cut();
    expect(alice.phone.snapshot().connection).toBe("interrupted");
    await incoming.answer();
    await wait(3_000);
    expect(alice.phone.snapshot().connection).toBe("connected");
    expect(alice.network.dials()).toBe(dials + 1);
    expect(out.state).toBe("connected");
  });

  test("are dialled more and more rarely while nothing answers, and at once when the app says that the network is back", async () => {
    const { alice } = await two();
    alice.network.offline = true;
    alice.network.cut();
    await wait(10 * 60_000);
    const dials = alice.network.dials();
    expect(dials).toBeLessThan(45);
    alice.network.offline = false;
    alice.phone.resume();
    await wait(100);
    expect(alice.phone.snapshot().connection).toBe("connected");
    expect(alice.network.dials()).toBe(dials + 1);
  });

  test("of a connection that has gone silent are dialled anew, whatever the socket says", async () => {
    const { alice, bob } = await two();
    alice.network.silence();
    const dials = alice.network.dials();
    await wait(4 * 60_000);
    expect(alice.network.dials()).toBe(dials);
    await wait(2 * 60_000);
    expect(alice.network.dials()).toBe(dials + 1);
    bob.phone.call(clientOf(alice));
    await wait(3_000);
    expect(shown(alice).state).toBe("ringing");
  });

  test("that break when the access token has expired come back with one that was renewed", async () => {
    const { alice, bob } = await two();
    await wait(TOKEN_LASTS_MS);
    const before = alice.tokensAsked.length;
    alice.network.cut();
    await wait(5_000);
    expect(alice.tokensAsked.slice(before)).toContainEqual({ refresh: true });
    expect(alice.phone.snapshot().connection).toBe("connected");
    bob.phone.call(clientOf(alice));
    await wait(3_000);
    expect(shown(alice).state).toBe("ringing");
  });

  test("tell of a push token that rings for somebody else now", async () => {
    const bob = await handset(world, "bob", { token: "handed-on" });
    const lost: string[] = [];
    bob.phone.onDeviceLost(({ deviceId }) => void lost.push(deviceId));
    await handset(world, "mallory", { token: "handed-on" });
    await wait(2_000);
    expect(lost).toEqual([bob.phone.snapshot().me?.deviceId]);
  });
});

describe("a phone in a call", () => {
  test("that loses the stage comes back to it with another token", async () => {
    const { alice, bob } = await two();
    const { out, incoming } = await talking(world, alice, bob);
    alice.stage.lose();
    expect(out.state).toBe("reconnecting");
    await wait(3_000);
    expect([out.state, incoming.state]).toEqual(["connected", "connected"]);
    expect(alice.stage.joins()).toBe(2);
  });

  test("that cannot come back leaves, and says so", async () => {
    const { alice, bob } = await two();
    const { out, incoming } = await talking(world, alice, bob);
    alice.stage.refuses = true;
    alice.stage.lose();
    await wait(45_000);
    expect(out.state).toBe("ended");
    expect(incoming.state).toBe("ended");
  });

  test("whose app ends and starts again is in the call again", async () => {
    const { alice, bob } = await two();
    const { incoming } = await talking(world, alice, bob);
    const again = await alice.restart();
    await wait(5_000);
    expect([shown(again).state, incoming.state]).toEqual(["connected", "connected"]);
    expect(again.phone.snapshot().me?.clientId).toBe(clientOf(alice));
  });

  test("leaves it to another phone of the same person that takes it over, and takes it back", async () => {
    const { alice, bob } = await two();
    const tablet = await handset(world, "tablet", { as: bob });
    const { out, incoming } = await talking(world, alice, bob);
    await tablet.deliver();
    await meanwhile(world, tablet.phone.takeOver(incoming.callId ?? ""), 6_000);
    expect([shown(tablet).state, incoming.state, incoming.reason]).toEqual(["connected", "ended", "moved"]);
    expect([bob.stage.present(), tablet.stage.present(), out.state]).toEqual([false, true, "connected"]);
    await meanwhile(world, incoming.rejoin(), 6_000);
    expect([incoming.state, shown(tablet).reason, out.state]).toEqual(["connected", "moved", "connected"]);
  });
});

describe("a phone without media, from which another phone of the same person takes the call over", () => {
  test.each([
    ["by its update", 6_000, false],
    ["by asking, while updates are down", 6_000, true],
    ["before its user hangs up, while updates are down", 500, true],
  ])("leaves the other's part alone: it hears of that %s", async (_, forMs, isDeaf) => {
    const alice = await handset(world, "alice");
    const bob = await handset(world, "bob", { media: withoutMedia });
    const tablet = await handset(world, "tablet", { as: bob });
    const { out, incoming } = await talking(world, alice, bob);
    bob.network.deaf = isDeaf;
    if (isDeaf) bob.network.cut();
    await meanwhile(world, tablet.phone.takeOver(incoming.callId ?? ""), forMs);
    const before = incoming.state;
    await meanwhile(world, incoming.hangUp());
    const isLate = forMs < 5_000;
    expect([before, incoming.reason]).toEqual(isLate ? ["connected", "hung_up"] : ["ended", "moved"]);
    expect([shown(tablet).state, out.state]).toEqual(["connected", "connected"]);
  });
});

describe("a second call", () => {
  test("rings once the first is over, whose end nobody had told this phone", async () => {
    const { alice, bob } = await two();
    const { out } = await talking(world, alice, bob);
    bob.network.deaf = true;
    bob.network.cut();
    const first = shown(bob);
    // Alice's phone hangs up, and Bob's hears nothing of it until Carol calls.
    const ended = alice.phone.snapshot().call === out ? out.hangUp() : Promise.resolve();
    await meanwhile(world, ended, 500);
    const carol = await handset(world, "carol");
    const call = carol.phone.call(clientOf(bob));
    await wait(1_500);
    const told = await bob.deliver();
    expect(told.at(-1)?.is).toBe("incoming");
    await wait(2_000);
    expect([first.reason, shown(bob).callId, shown(bob).state]).toEqual([
      "completed",
      call.callId,
      "ringing",
    ]);
  });
});
