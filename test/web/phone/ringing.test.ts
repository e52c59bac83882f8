/** A phone that is called. */
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  answeredView,
  BOB,
  CALL,
  NETWORK_DOWN,
  ok,
  phoneWorld,
  refused,
  RING_UNTIL_MS,
  view,
  type World,
} from "./phone-world.ts";

afterEach(() => void vi.useRealTimers());

const rings = view({ status: "ringing", version: 2 }, { status: "ringing", deviceId: undefined });

async function ringing(): Promise<World> {
  const world = phoneWorld({ me: { clientId: BOB, deviceId: "web-1" } });
  world.replies("getCall", ok(view()));
  world.replies("ackRinging", ok(rings));
  world.replies(
    "declineCall",
    ok(view({ status: "ended", endReason: "declined", version: 4 }, { status: "left" })),
  );
  world.push({});
  await world.wait();
  return world;
}

test("a push is checked, acknowledged, and rings", async () => {
  const world = await ringing();
  expect(world.phone.screen()).toMatchObject({ kind: "ringing", talk: { other: { name: "Alice Adams" } } });
  expect(world.actions()).toEqual(["getCall", "ackRinging"]);
  expect(world.sent.at(-1)?.input).toEqual({ callId: CALL, clientId: BOB, deviceId: "web-1" });
});

test("the same push again changes nothing", async () => {
  const world = await ringing();
  const shown = world.phone.screen();
  world.push({});
  await world.wait();
  expect(world.phone.screen()).toBe(shown);
  expect(world.sent).toHaveLength(2);
});

test("an answer joins the stage, and the call begins once the stage is connected", async () => {
  const world = await ringing();
  world.replies("answerCall", ok({ ...answeredView({}, { deviceId: "web-1" }), token: "t2" }));
  world.phone.press("answer");
  expect(world.kind()).toBe("connecting");
  await world.wait();
  expect(world.room).toEqual(["prepare video", `join ${CALL} t2`]);
  world.stage({ is: "connected" });
  expect(world.kind()).toBe("in-call");
});

test("a decline reaches the server", async () => {
  const world = await ringing();
  world.phone.press("decline");
  await world.wait();
  expect(world.phone.screen()).toMatchObject({ kind: "ended", cause: "declined", ending: "declined" });
  expect(world.actions().at(-1)).toBe("declineCall");
});

test("the caller cancels", async () => {
  const world = await ringing();
  world.push({ type: "call_cancelled", reason: "cancelled" });
  expect(world.phone.screen()).toMatchObject({ kind: "ended", ending: "cancelled" });
});

test("another device answers: by push or by update", async () => {
  const byPush = await ringing();
  byPush.push({ type: "answered_elsewhere", reason: "answered" });
  expect(byPush.phone.screen()).toMatchObject({ kind: "ended", ending: "answered_elsewhere" });

  const byUpdate = await ringing();
  byUpdate.update({ role: "callee", status: "answered", legStatus: "joined", version: 5 });
  expect(byUpdate.phone.screen()).toMatchObject({ kind: "ended", ending: "answered_elsewhere" });
});

test("another device answers a moment earlier", async () => {
  const world = await ringing();
  world.replies("answerCall", refused({ code: "call_over", endReason: "answered_elsewhere" }));
  world.phone.press("answer");
  await world.wait();
  expect(world.phone.screen()).toMatchObject({ kind: "ended", ending: "answered_elsewhere" });
  expect(world.room.at(-1)).toBe("leave");
});

test("the ring stops after its time, with or without a push", async () => {
  const world = await ringing();
  await world.wait(RING_UNTIL_MS - Date.now() - 1);
  expect(world.kind()).toBe("ringing");
  await world.wait(1);
  expect(world.phone.screen()).toMatchObject({ kind: "ended", cause: "ring-over" });
  world.push({ type: "missed_call", reason: "missed" });
  expect(world.phone.screen()).toMatchObject({ kind: "ended", ending: "missed" });
});

test("a push after the end does not ring", async () => {
  const world = await ringing();
  world.push({ type: "call_cancelled", reason: "cancelled" });
  world.phone.press("dismiss");
  world.push({});
  await world.wait();
  expect(world.kind()).toBe("idle");
  expect(world.sent).toHaveLength(2);
});

test("a push of an ended call or for another client does not ring", async () => {
  const world = phoneWorld({ me: { clientId: BOB, deviceId: "web-1" } });
  world.replies("getCall", ok(view({ status: "ended", endReason: "cancelled" })));
  world.push({ receiver_id: "carol-client" });
  world.push({ ring_expires_at_ms: String(Date.now()) });
  world.push({ v: "2" });
  expect(world.sent).toEqual([]);
  world.push({});
  await world.wait();
  expect(world.kind()).toBe("idle");
});

test("the push is enough if the call cannot be read", async () => {
  const world = phoneWorld({ me: { clientId: BOB, deviceId: "web-1" } });
  world.replies("getCall", NETWORK_DOWN);
  world.push({});
  await world.wait();
  expect(world.kind()).toBe("ringing");
});

describe("a call that cannot be read", () => {
  const unread = async (left?: string) => {
    const world = phoneWorld({ me: { clientId: BOB, deviceId: "web-1" } });
    world.replies("getCall", NETWORK_DOWN);
    world.push(left === undefined ? {} : { ring_seconds_left: left });
    await world.wait();
    return world;
  };

  test("rings for ten seconds if neither a reply nor an update confirms it", async () => {
    const world = await unread("45");
    await world.wait(9_999);
    expect(world.kind()).toBe("ringing");
    await world.wait(1);
    expect(world.phone.screen()).toMatchObject({ kind: "ended", cause: "ring-over" });
  });

  test("rings no longer than the push says", async () => {
    const world = await unread("4");
    await world.wait(3_999);
    expect(world.kind()).toBe("ringing");
    await world.wait(1);
    expect(world.kind()).toBe("ended");
  });

  test("rings for the server's time once an update gives it", async () => {
    const world = await unread("45");
    await world.wait(5_000);
    world.update({ role: "callee", status: "ringing", legStatus: "ringing", version: 3 });
    await world.wait(39_999);
    expect(world.kind()).toBe("ringing");
    await world.wait(1);
    expect(world.kind()).toBe("ended");
  });
});

test("without pushes an update rings the phone", async () => {
  const world = phoneWorld({ me: { clientId: BOB, deviceId: "web-1" } });
  world.replies("getCall", ok(view()));
  world.update({ role: "callee", legStatus: "invited" });
  await world.wait();
  expect(world.kind()).toBe("ringing");
});

test("a hang-up while the call connects ends it, and a late reply to the answer does not bring it back", async () => {
  const world = await ringing();
  world.replies("answerCall", ok({ ...answeredView(), token: "t2" }));
  world.replies("endCall", ok({ ended: true, endReason: "completed" }));
  world.phone.press("answer");
  world.phone.press("hang-up");
  await world.wait();
  expect(world.phone.screen()).toMatchObject({ kind: "ended", cause: "hung-up", ending: "completed" });
  expect(world.actions().slice(-2)).toEqual(["answerCall", "endCall"]);
  expect(world.room).toEqual(["prepare video", "leave"]);
});

test("a page that opens or wakes up while a call rings reads it and rings", async () => {
  const world = phoneWorld({ me: { clientId: BOB, deviceId: "web-1" } });
  world.replies("getClient", ok({ id: BOB, blockedIds: [], activeCallId: CALL }));
  world.replies("getCall", ok(view()));
  world.replies("ackRinging", ok(rings));
  world.phone.subscribed();
  await world.wait();
  expect(world.kind()).toBe("ringing");
  expect(world.actions()).toEqual(["getClient", "getCall", "ackRinging"]);
});

test("a call on another device of the client, or one that is over here, is left alone", async () => {
  const world = phoneWorld({ me: { clientId: BOB, deviceId: "web-1" } });
  world.replies("getClient", ok({ id: BOB, blockedIds: [], activeCallId: CALL }));
  world.replies("getCall", ok(answeredView({}, { deviceId: "phone-1" })));
  world.phone.subscribed();
  await world.wait();
  expect(world.kind()).toBe("idle");

  const declined = await ringing();
  declined.phone.press("decline");
  await declined.wait();
  declined.phone.press("dismiss");
  declined.replies("getClient", ok({ id: BOB, blockedIds: [], activeCallId: CALL }));
  declined.phone.subscribed();
  await declined.wait();
  expect(declined.kind()).toBe("idle");
});

test("a client without a call, or a network that is down, changes nothing", async () => {
  const world = phoneWorld({ me: { clientId: BOB, deviceId: "web-1" } });
  world.phone.subscribed();
  await world.wait();
  world.replies("getClient", ok({ id: BOB, blockedIds: [] }));
  world.phone.subscribed();
  await world.wait();
  expect(world.actions()).toEqual(["getClient", "getClient"]);
  expect(world.kind()).toBe("idle");
});
