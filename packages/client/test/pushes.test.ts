/** What docs/push.md asks of an app, with pushes that are lost, late, told twice, out of order, or of somebody else. */
import { describe, expect, test } from "vitest";
import {
  beginWorld,
  clientOf,
  type Handset,
  handset,
  meanwhile,
  open,
  ringing,
  shown,
  wait,
  world,
} from "./client-world.ts";

beginWorld();

/** Bob's phone hears of calls by its pushes alone. */
async function two(options: { aheadMs?: number } = {}): Promise<{ alice: Handset; bob: Handset }> {
  const alice = await handset(world, "alice");
  const bob = await handset(world, "bob", options);
  deafen(bob);
  return { alice, bob };
}

function deafen({ network }: Handset): void {
  network.deaf = true;
  network.cut();
}

/** What arrived first. */
const firstPush = (bob: Handset): Readonly<Record<string, string>> => bob.inbox()[0] ?? {};

test("a push that is lost: live updates ring the phone", async () => {
  const [alice, bob] = [await handset(world, "alice"), await handset(world, "bob")];
  alice.phone.call(clientOf(bob));
  await wait(3_000);
  expect(shown(bob).state).toBe("ringing");
});

test("a push that is lost, and updates that are down: the app asks when it is shown again", async () => {
  const { alice, bob } = await two();
  alice.phone.call(clientOf(bob));
  await wait(3_000);
  expect(bob.calls).toEqual([]);
  bob.network.deaf = false;
  bob.phone.resume();
  await wait(2_000);
  expect(shown(bob).state).toBe("ringing");
});

test("a push that is told twice is one call, which has said once that it rings", async () => {
  const { alice, bob } = await two();
  alice.phone.call(clientOf(bob));
  await wait(2_000);
  const twice = [bob.phone.handlePush(firstPush(bob)), bob.phone.handlePush(firstPush(bob))];
  const [one, other] = await Promise.all(twice);
  expect(other).toEqual(one);
  await wait(2_000);
  expect(bob.calls).toHaveLength(1);
  expect(bob.network.sent.filter(({ action }) => action === "ackRinging")).toHaveLength(1);
});

test("a push that is told again once the call is answered rings no more", async () => {
  const { alice, bob } = await two();
  alice.phone.call(clientOf(bob));
  await wait(2_000);
  const push = firstPush(bob);
  await bob.phone.handlePush(push);
  await wait(2_000);
  const [call] = bob.calls;
  if (call) await meanwhile(world, call.answer());
  await wait(2_000);
  expect(call?.state).toBe("connected");
  expect(await bob.phone.handlePush(push)).toMatchObject({ is: "ignored", why: "known" });
  if (call) await meanwhile(world, call.hangUp());
});

test("an answer that finds no network for five seconds is given when it is back", async () => {
  const { alice, bob } = await two();
  alice.phone.call(clientOf(bob));
  await wait(2_000);
  await bob.phone.handlePush(firstPush(bob));
  await wait(2_000);
  const [call] = bob.calls;
  bob.network.offline = true;
  void call?.answer();
  await wait(5_000);
  bob.network.offline = false;
  await wait(5_000);
  expect(call?.state).toBe("connected");
  if (call) await meanwhile(world, call.hangUp());
});

test("a push that arrives after the end of its call does not ring, whatever its time says", async () => {
  const { alice, bob } = await two();
  const call = alice.phone.call(clientOf(bob));
  await wait(2_000);
  const late = firstPush(bob);
  await meanwhile(world, call.hangUp());
  const told = await bob.phone.handlePush(late);
  expect(told.is).toBe("incoming");
  await wait(2_000);
  expect(bob.calls.map(({ state, reason }) => [state, reason])).toEqual([["ended", "cancelled"]]);
  expect(bob.network.sent.map(({ action }) => action)).not.toContain("ackRinging");
});

test("out of order: a call that was stopped before its push arrived never rings", async () => {
  const { alice, bob } = await two();
  const call = alice.phone.call(clientOf(bob));
  await wait(2_000);
  const incoming = firstPush(bob);
  await bob.phone.handlePush(incoming);
  await wait(2_000);
  await meanwhile(world, call.hangUp());
  const cancelled = bob.inbox().find(({ type }) => type === "call_cancelled") ?? {};
  const other = await handset(world, "bob-again", { as: bob });
  deafen(other);
  expect(await other.phone.handlePush(cancelled)).toMatchObject({ is: "stopped" });
  expect(await other.phone.handlePush(incoming)).toMatchObject({ is: "ignored", why: "known" });
  expect(other.calls).toEqual([]);
});

describe("a push that is none of this phone's", () => {
  test("for another client is dropped, and the system can be told to stop", async () => {
    const { alice, bob } = await two();
    const carol = await handset(world, "carol");
    alice.phone.call(clientOf(bob));
    await wait(2_000);
    const before = carol.network.sent.length;
    const told = await carol.phone.handlePush(firstPush(bob));
    expect(told).toMatchObject({ is: "ignored", why: "for-another-client" });
    await wait(2_000);
    expect(carol.network.sent).toHaveLength(before);
  });

  test("of another version, or of another service, is not read", async () => {
    const { bob } = await two();
    const push = { v: "2", type: "incoming_call" };
    expect(await bob.phone.handlePush(push)).toEqual({ is: "ignored", why: "not-ours" });
    expect(await bob.phone.handlePush({ message: "Sale!" })).toEqual({ is: "ignored", why: "not-ours" });
    expect(await bob.phone.handlePush(undefined)).toEqual({ is: "ignored", why: "not-ours" });
  });

  test("without the id of a call rings nowhere", async () => {
    const { alice, bob } = await two();
    alice.phone.call(clientOf(bob));
    await wait(2_000);
    const before = bob.network.sent.length;
    const told = await bob.phone.handlePush({ ...firstPush(bob), call_id: "call-1" });
    expect(told).toEqual({ is: "ignored", why: "not-ours" });
    await wait(2_000);
    expect([bob.calls, bob.network.sent.length]).toEqual([[], before]);
  });

  test("on a phone that nobody has registered is dropped", async () => {
    const { alice, bob } = await two();
    alice.phone.call(clientOf(bob));
    await wait(2_000);
    const blank = open(world, { owner: "nobody", deviceToken: "blank" });
    expect(await blank.phone.handlePush(firstPush(bob))).toEqual({ is: "ignored", why: "not-registered" });
  });
});

test("an expired push does not ring, by the server's clock", async () => {
  const { alice, bob } = await two();
  alice.phone.call(clientOf(bob));
  await wait(2_000);
  const push = firstPush(bob);
  await wait(60_000);
  expect(await bob.phone.handlePush(push)).toMatchObject({ is: "ignored", why: "expired" });
});

describe.each([-60, 60])("a phone whose clock is %i minutes ahead, woken by a push", (minutes) => {
  test("rings, as long as the server says, and no longer", async () => {
    const { alice, bob } = await two();
    alice.phone.call(clientOf(bob));
    await wait(2_000);
    const push = firstPush(bob);
    bob.network.offline = true;
    const woken = await wake(bob, minutes * 60_000);
    const told = await woken.phone.handlePush(push);
    expect(told).toMatchObject({ is: "incoming", call: { state: "incoming" } });
    await wait(2_000);
    expect(shown(woken).state).toBe("ringing");
    const leftMs = Number(push["ring_expires_at_ms"]) - world.clock.now();
    await wait(leftMs - 1);
    expect(shown(woken).state).toBe("ringing");
    await wait(2_000);
    expect(shown(woken).state).toBe("ended");
  });

  test("without the network rings for ten seconds from the push", async () => {
    const { alice, bob } = await two();
    alice.phone.call(clientOf(bob));
    await wait(2_000);
    const push = firstPush(bob);
    bob.network.offline = true;
    const woken = await wake(bob, minutes * 60_000);
    woken.network.offline = true;
    await woken.phone.handlePush(push);
    await wait(9_000);
    expect(shown(woken).state).toBe("ringing");
    await wait(1_100);
    expect([shown(woken).state, shown(woken).reason]).toEqual(["ended", "unconfirmed"]);
  });
});

/** The app was not running: the process begins with the push. */
async function wake(bob: Handset, aheadMs: number): Promise<Handset> {
  const woken = open(world, { owner: "bob", deviceToken: "woken", storage: bob.storage, aheadMs, as: bob });
  deafen(woken);
  return woken;
}

test("a server that says nothing rings no less, and a network that hangs does not delay the ring for long", async () => {
  const { alice, bob } = await two();
  alice.phone.call(clientOf(bob));
  await wait(2_000);
  bob.network.judge = () => "hanging";
  await bob.phone.handlePush(firstPush(bob));
  await wait(2_000);
  expect(shown(bob).state).toBe("ringing");
  // A reply within the ten seconds makes it ring on.
  bob.network.judge = () => "through";
  await wait(6_000);
  expect(shown(bob).state).toBe("ringing");
  await wait(10_000);
  expect(shown(bob).state).toBe("ringing");
});

test("answered on another phone: this one stops, by its push or because it asks", async () => {
  const { alice, bob } = await two();
  const tablet = await handset(world, "tablet", { as: bob });
  deafen(tablet);
  const third = await handset(world, "third", { as: bob });
  deafen(third);
  await ringing(world, alice, bob);
  await tablet.deliver();
  await third.deliver();
  await wait(1_000);
  expect([shown(tablet).state, shown(third).state]).toEqual(["ringing", "ringing"]);
  await meanwhile(world, shown(bob).answer(), 1_000);
  await tablet.deliver();
  expect([shown(tablet).reason, shown(third).state]).toEqual(["answered_elsewhere", "ringing"]);
  await wait(5_000);
  expect(shown(third).reason).toBe("answered_elsewhere");
  expect(shown(bob).state).toBe("connected");
});

test("two phones answer at once: one is in the call, the other is told that it was too late", async () => {
  const { alice, bob } = await two();
  const tablet = await handset(world, "tablet", { as: bob });
  await ringing(world, alice, bob);
  await tablet.deliver();
  await wait(1_000);
  await meanwhile(world, Promise.all([shown(bob).answer(), shown(tablet).answer()]));
  const states = [shown(bob), shown(tablet)].map(({ state, reason }) => reason ?? state);
  expect(states.toSorted()).toEqual(["answered_elsewhere", "connected"]);
});

test("declined on another phone: this one stops, and the call is over", async () => {
  const { alice, bob } = await two();
  const tablet = await handset(world, "tablet", { as: bob });
  deafen(tablet);
  const { out } = await ringing(world, alice, bob);
  await tablet.deliver();
  await wait(1_000);
  await meanwhile(world, shown(bob).decline());
  await tablet.deliver();
  expect([shown(tablet).reason, out.reason]).toEqual(["declined", "declined"]);
});

test("a decline from a cold start is one request, which the process waits for", async () => {
  const { alice, bob } = await two();
  const out = alice.phone.call(clientOf(bob));
  await wait(2_000);
  bob.network.offline = true;
  const woken = await wake(bob, 0);
  const told = await woken.phone.handlePush(firstPush(bob));
  if (told.is !== "incoming") throw new Error(`expected a call, got ${told.is}`);
  await meanwhile(world, told.call.decline());
  await meanwhile(world, woken.phone.settled());
  expect([told.call.reason, out.reason]).toEqual(["declined", "declined"]);
});
