/** A phone that calls another client. */
import { afterEach, expect, test, vi } from "vitest";
import { REJOIN_DELAYS_MS } from "../../../packages/client/src/engine/line.ts";
import { readOwnCall } from "../../../packages/client/src/wire/own-call.ts";
import { saidOfEnd, shortened } from "../../../web/phone/state/words.ts";
import { en } from "../../../web/phone/texts/en.ts";
import {
  answeredView,
  BOB,
  CALL,
  NETWORK_DOWN,
  ok,
  ownCall,
  phoneWorld,
  refused,
  RING_UNTIL_MS,
  view,
  type World,
} from "./phone-world.ts";

afterEach(() => void vi.useRealTimers());

test("a sentence takes the beginning of a long name, and no half letters", () => {
  expect(shortened("Alice Adams")).toBe("Alice Adams");
  expect(shortened("\u{1F469}\u200D\u{1F680}".repeat(40))).toBe(`${"\u{1F469}\u200D\u{1F680}".repeat(31)}…`);
});

const bob = { clientId: BOB, name: "Bob Brown" };

/** The headline of a call that is over. */
function saidOfScreen({ phone }: World): string {
  const screen = phone.screen();
  if (screen.kind !== "ended") throw new Error(`expected the call to be over, it is ${screen.kind}`);
  return saidOfEnd(en, screen, { name: bob.name, isGroup: false }).title;
}

/** Alice has called and is on the stage. */
async function calling(): Promise<World> {
  const world = phoneWorld();
  world.replies("initiateCall", ok({ ...view(), token: "t1" }));
  world.replies("getCall", ok(view()));
  world.replies("endCall", ok({ ended: true, endReason: "cancelled" }));
  world.phone.dial(bob, "video");
  await world.wait();
  world.stage({ is: "connected" });
  return world;
}

test("a call goes out, rings, is answered, and ends when the other side hangs up", async () => {
  const world = await calling();
  expect(world.kind()).toBe("calling");
  expect(world.room).toEqual(["prepare video", `join ${CALL} t1`]);
  world.update({ status: "ringing", version: 3 });
  expect(world.phone.screen()).toMatchObject({ kind: "calling", talk: { heard: true } });
  world.update({ status: "answered", version: 4, answeredAtMs: 7 });
  expect(world.kind()).toBe("in-call");
  world.update({ status: "ended", legStatus: "left", endReason: "completed", version: 5 });
  expect(world.phone.screen()).toMatchObject({ kind: "ended", ending: "completed" });
  expect(world.room.at(-1)).toBe("leave");
});

test("an update that is older than the last one changes nothing", async () => {
  const world = await calling();
  world.update({ status: "answered", version: 4, answeredAtMs: 7 });
  const shown = world.phone.screen();
  world.update({ status: "ringing", version: 3 });
  world.update({ status: "answered", version: 4, answeredAtMs: 8 });
  expect(world.phone.screen()).toBe(shown);
});

test("the other phone declines", async () => {
  const world = await calling();
  world.update({ status: "ended", legStatus: "left", endReason: "declined", version: 3 });
  expect(world.phone.screen()).toMatchObject({ kind: "ended", ending: "declined" });
});

test("an operator ends the call: the phone does not say that the other side did", async () => {
  const world = await calling();
  world.update({ status: "ended", legStatus: "left", endReason: "ended_by_operator", version: 3 });
  expect(saidOfScreen(world)).toBe("An operator ended the call");
});

test("a person removed from a call that goes on learns it, at once or when they rejoin", async () => {
  const removed = { legStatus: "left", legEndReason: "removed", version: 3 } as const;
  const group = await calling();
  group.update({ status: "answered", ...removed });
  expect(saidOfScreen(group)).toBe("You were removed from the call");

  const refusal = await calling();
  refusal.replies("rejoinCall", refused({ code: "removed_from_call", endReason: "removed" }));
  refusal.stage({ is: "connected" });
  refusal.update({ status: "answered", version: 3, answeredAtMs: 5 });
  refusal.stage({ is: "lost" });
  await refusal.wait(REJOIN_DELAYS_MS[0]);
  expect(saidOfScreen(refusal)).toBe("You were removed from the call");
});

test("in a call of two, only the removed person learns of the removal", async () => {
  const world = await calling();
  const end = { status: "ended", legStatus: "left", endReason: "removed", version: 3 } as const;
  world.update({ ...end, legEndReason: "ended_by_operator" });
  expect(saidOfScreen(world)).toBe("An operator ended the call");
});

test("an end reason that the page does not know ends the call, too", async () => {
  const world = await calling();
  const { endReason } = readOwnCall({ ...ownCall(), endReason: "newer than this page" });
  world.update({ status: "ended", legStatus: "left", endReason, version: 3 });
  expect(saidOfScreen(world)).toBe("The call is over");
});

test("a cancel reaches the server, and a late answer does not bring the call back", async () => {
  const world = await calling();
  world.phone.press("hang-up");
  await world.wait();
  expect(world.sent.at(-1)).toMatchObject({ action: "endCall", input: { callId: CALL } });
  expect(world.phone.screen()).toMatchObject({ kind: "ended", cause: "hung-up", ending: "cancelled" });
  world.update({ status: "answered", version: 9, answeredAtMs: 7 });
  expect(world.kind()).toBe("ended");
});

test("a cancel before the server's reply ends the call as soon as it has an id", async () => {
  const world = phoneWorld();
  let reply: (value: ReturnType<typeof ok>) => void = () => undefined;
  world.replies("initiateCall", new Promise((resolve) => void (reply = resolve)));
  world.replies("endCall", ok({ ended: true }));
  world.phone.dial(bob, "audio");
  world.phone.press("hang-up");
  expect(world.kind()).toBe("ended");
  reply(ok({ ...view(), token: "t1" }));
  await world.wait();
  expect(world.sent.at(-1)).toMatchObject({ action: "endCall", input: { callId: CALL } });
  expect(world.room).not.toContain(`join ${CALL} t1`);
});

test("a request without an answer is sent again, as the same call", async () => {
  const world = phoneWorld();
  world.replies("initiateCall", NETWORK_DOWN, ok({ ...view(), token: "t1" }));
  world.phone.dial(bob, "audio");
  await world.wait(500);
  expect(world.sent.map(({ key }) => key)).toEqual(["key-1", "key-1"]);
  expect(world.kind()).toBe("calling");
});

test("two clients that call each other at the same moment are connected", async () => {
  const world = phoneWorld({ me: { clientId: BOB, deviceId: "web-1" } });
  world.replies("initiateCall", ok({ ...answeredView(), token: "t2" }));
  world.phone.dial({ clientId: "alice-client" }, "video");
  world.push({});
  await world.wait();
  expect(world.phone.screen()).toMatchObject({ kind: "connecting", talk: { outgoing: false, callId: CALL } });
  world.stage({ is: "connected" });
  expect(world.kind()).toBe("in-call");
  expect(world.actions()).not.toContain("ackRinging");
});

test("a busy callee is shown as busy, and camera and microphone are released", async () => {
  const world = phoneWorld();
  world.replies("initiateCall", refused({ code: "callee_busy" }));
  world.phone.dial(bob, "video");
  await world.wait();
  expect(world.phone.screen()).toMatchObject({ kind: "ended", ending: "busy" });
  expect(world.room).toEqual(["prepare video", "leave"]);
});

test("a person in another call may go back to it", async () => {
  const world = phoneWorld();
  world.replies("initiateCall", refused({ code: "caller_in_call", callId: "call-0" }));
  world.replies("getCall", ok(answeredView({ callId: "call-0" })));
  world.replies("rejoinCall", ok({ ...answeredView({ callId: "call-0" }), token: "t9" }));
  world.phone.dial(bob, "audio");
  await world.wait();
  expect(world.kind()).toBe("ended");
  world.phone.press("go-back");
  await world.wait();
  expect(world.room.at(-1)).toBe("join call-0 t9");
});

test("without an update at the end of the ring, the phone reads the call", async () => {
  const world = await calling();
  world.replies("getCall", ok(view({ status: "ended", endReason: "missed", version: 6 })));
  await world.wait(RING_UNTIL_MS - Date.now() + 2_999);
  expect(world.kind()).toBe("calling");
  await world.wait(1);
  expect(world.phone.screen()).toMatchObject({ kind: "ended", ending: "missed" });
});

test("after an interruption of the updates, the phone reads the call once", async () => {
  const world = await calling();
  world.replies("getCall", ok(answeredView()));
  world.phone.subscribed();
  await world.wait();
  expect(world.kind()).toBe("in-call");
});
