/** Calls between two apps on a whole stack, as they should go. */
import { expect, test } from "vitest";
import {
  beginWorld,
  clientOf,
  handset,
  meanwhile,
  ringing,
  talking,
  two,
  wait,
  world,
} from "./client-world.ts";

beginWorld();

test("Bob's phone rings by its push, Alice hears it ring, he answers, they talk, she hangs up", async () => {
  const { alice, bob } = await two();
  bob.network.deaf = true;
  bob.network.cut();
  const call = alice.phone.call(clientOf(bob), { media: "video", name: "Bob" });
  expect(call.state).toBe("calling");
  await wait(2_000);
  const [pushed] = await bob.deliver();
  const [incoming] = bob.calls;
  expect(pushed).toEqual({ is: "incoming", call: incoming });
  expect(incoming?.state).toBe("incoming");
  await wait(2_000);
  expect(incoming?.snapshot()).toMatchObject({ state: "ringing", direction: "incoming", media: "video" });
  expect(call.state).toBe("ringing");
  await meanwhile(world, incoming?.answer() ?? Promise.reject(new Error("no call")));
  expect([call.state, incoming?.state]).toEqual(["connected", "connected"]);
  expect([alice.stage.present(), bob.stage.present()]).toEqual([true, true]);
  // Bob's live updates are down: he asks.
  await meanwhile(world, call.hangUp(), 7_000);
  expect([call.reason, incoming?.reason]).toEqual(["completed", "completed"]);
  expect([alice.stage.present(), bob.stage.present()]).toEqual([false, false]);
});

test("declining ends it on both phones", async () => {
  const { alice, bob } = await two();
  const { out, incoming } = await ringing(world, alice, bob);
  await meanwhile(world, incoming.decline());
  expect([out.reason, incoming.reason]).toEqual(["declined", "declined"]);
});

test("a caller who gives up stops the other phone, and a push that says so comes too late to matter", async () => {
  const { alice, bob } = await two();
  const { out, incoming } = await ringing(world, alice, bob);
  await meanwhile(world, out.hangUp());
  expect([out.reason, incoming.reason]).toEqual(["cancelled", "cancelled"]);
  const [stopped] = await bob.deliver();
  expect(stopped).toMatchObject({ is: "stopped", type: "call_cancelled" });
});

test("a ring that nobody answers ends on both phones as missed", async () => {
  const { alice, bob } = await two();
  const { out, incoming } = await ringing(world, alice, bob);
  const reasons: unknown[] = [];
  for (const call of [out, incoming]) call.subscribe(() => call.reason && reasons.push(call.reason));
  await wait(50_000);
  expect(reasons).toEqual(["missed", "missed"]);
  expect([out.reason, incoming.reason]).toEqual(["missed", "missed"]);
});

test("a client without a phone cannot be reached, and a phone in a call begins no other", async () => {
  const alice = await handset(world, "alice");
  const call = alice.phone.call(await strangerWithoutPhone());
  const second = alice.phone.call("somebody");
  expect(second.snapshot()).toMatchObject({ reason: "problem", problem: { code: "phone_in_call" } });
  await expect(second.until("connected")).resolves.toMatchObject({ state: "ended" });
  await wait(3_000);
  expect([call.reason, alice.phone.snapshot().call === call]).toEqual(["unreachable", true]);
});

async function strangerWithoutPhone(): Promise<string> {
  const carol = await handset(world, "carol");
  const clientId = clientOf(carol);
  await meanwhile(world, carol.phone.signOut());
  return clientId;
}

test("a phone that is in a call is busy for others, and the second caller is told so", async () => {
  const { alice, bob } = await two();
  await talking(world, alice, bob);
  const carol = await handset(world, "carol");
  const call = carol.phone.call(clientOf(bob));
  await wait(2_000);
  expect(call.reason).toBe("busy");
});

test("who calls somebody whose call rings answers it", async () => {
  const { alice, bob } = await two();
  const out = alice.phone.call(clientOf(bob));
  const back = bob.phone.call(clientOf(alice));
  await wait(4_000);
  expect([out.state, back.state]).toEqual(["connected", "connected"]);
  expect(back.callId).toBe(out.callId);
});

test("more people ring in a call, and who is in none is asked for by several at once", async () => {
  const { alice, bob } = await two();
  const [carol, dave] = [await handset(world, "carol"), await handset(world, "dave")];
  const { out } = await talking(world, alice, bob);
  await meanwhile(world, out.add(clientOf(carol)));
  await carol.deliver();
  await wait(1_000);
  await meanwhile(world, carol.calls[0]?.answer() ?? Promise.resolve());
  expect(carol.calls[0]?.state).toBe("connected");
  await meanwhile(world, out.hangUp());
  // Of a call of three, the others talk on.
  expect(carol.calls[0]?.state).toBe("connected");
  const group = alice.phone.call([clientOf(dave), await strangerWithoutPhone()]);
  await wait(2_000);
  await dave.deliver();
  await wait(2_000);
  expect([group.state, dave.calls[0]?.state]).toEqual(["ringing", "ringing"]);
});

test("a phone without a microphone says so on the stage", async () => {
  const { alice, bob } = await two();
  const { out } = await talking(world, alice, bob);
  expect(out.snapshot().own.trouble).toEqual({ microphone: "missing" });
  expect(alice.stage.announced).toEqual([false]);
});

test("a person who does not want to be disturbed is asked for by name of the command", async () => {
  const { bob } = await two();
  const untilMs = bob.phone.now() + 3_600_000;
  const settings = await bob.phone.send("setDoNotDisturb", { clientId: clientOf(bob), untilMs });
  expect(settings.doNotDisturbUntilMs).toBe(untilMs);
  await expect(
    bob.phone.send("getCall", { callId: "0190a5a0-0000-7000-8000-000000000000" }),
  ).rejects.toMatchObject({
    problem: { code: "no_such_call" },
  });
});
