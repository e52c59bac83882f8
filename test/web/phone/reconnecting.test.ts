/** A phone that loses its stage, or whose page is reloaded. */
import { afterEach, expect, test, vi } from "vitest";
import { REPEAT_DELAYS_MS } from "../../../packages/client/src/engine/call-requests.ts";
import { REJOIN_DELAYS_MS } from "../../../packages/client/src/engine/line.ts";
import {
  answeredView,
  BOB,
  CALL,
  NETWORK_DOWN,
  ok,
  phoneWorld,
  refused,
  view,
  type World,
} from "./phone-world.ts";

afterEach(() => void vi.useRealTimers());

/** Alice talks with Bob. */
async function talking(): Promise<World> {
  const world = phoneWorld();
  world.replies("initiateCall", ok({ ...view(), token: "t1" }));
  world.replies("getCall", ok(answeredView()));
  world.phone.dial({ clientId: BOB }, "video");
  await world.wait();
  world.stage({ is: "connected" });
  world.update({ status: "answered", version: 4, answeredAtMs: Date.now() });
  expect(world.kind()).toBe("in-call");
  return world;
}

test("media that is lost returns with another token", async () => {
  const world = await talking();
  world.replies("rejoinCall", NETWORK_DOWN, ok({ ...answeredView(), token: "t2" }));
  world.stage({ is: "lost" });
  expect(world.kind()).toBe("reconnecting");
  await world.wait(REJOIN_DELAYS_MS[0] + REJOIN_DELAYS_MS[1]);
  expect(world.room.at(-1)).toBe(`join ${CALL} t2`);
  world.stage({ is: "connected" });
  expect(world.kind()).toBe("in-call");
});

test("a connection that recovers by itself needs no other token", async () => {
  const world = await talking();
  world.stage({ is: "lost" });
  await world.wait(REJOIN_DELAYS_MS[0] / 2);
  world.stage({ is: "connected" });
  await world.wait(60_000);
  expect(world.kind()).toBe("in-call");
  expect(world.actions()).not.toContain("rejoinCall");
});

test("after the last attempt the phone says so, and hangs up", async () => {
  const world = await talking();
  world.replies("rejoinCall", NETWORK_DOWN);
  world.replies("endCall", ok({ ended: true }));
  world.stage({ is: "lost" });
  await world.wait(60_000);
  const tries = world.actions().filter((action) => action === "rejoinCall");
  expect(tries).toHaveLength(REJOIN_DELAYS_MS.length);
  expect(world.phone.screen()).toMatchObject({ kind: "ended", cause: { code: "network" } });
  expect(world.actions().at(-1)).toBe("endCall");
});

test("a connection that breaks at once each time is given up as well", async () => {
  const world = await talking();
  world.replies("rejoinCall", ok({ ...answeredView(), token: "t2" }));
  world.replies("endCall", ok({ ended: true }));
  for (let round = 0; round <= REJOIN_DELAYS_MS.length; round += 1) {
    world.stage({ is: "connected" });
    world.stage({ is: "lost" });
    await world.wait(8_000);
  }
  expect(world.phone.screen()).toMatchObject({ kind: "ended", cause: "lost" });
});

test("a call that has ended meanwhile shows its end reason", async () => {
  const world = await talking();
  world.replies("rejoinCall", refused({ code: "call_over", endReason: "dropped" }));
  world.stage({ is: "lost" });
  await world.wait(REJOIN_DELAYS_MS[0]);
  expect(world.phone.screen()).toMatchObject({ kind: "ended", ending: "dropped" });
  expect(world.actions()).not.toContain("endCall");
});

test("a removed person leaves the stage, learns of the removal, and does not rejoin", async () => {
  const world = await talking();
  const removed = answeredView();
  const legs = removed.legs.map((leg) =>
    leg.role === "caller" ? { ...leg, status: "left" as const, endReason: "removed" as const } : leg,
  );
  world.replies("getCall", ok({ ...removed, version: 9, legs }));
  world.stage({ is: "lost", how: "thrown-out" });
  await world.wait();
  expect(world.phone.screen()).toMatchObject({ kind: "ended", ending: "removed" });
  expect(world.room.at(-1)).toBe("leave");
  await world.wait(60_000);
  expect(world.actions()).not.toContain("rejoinCall");
  expect(world.actions()).not.toContain("endCall");
});

test("a phone that loses the stage of a call that goes on rejoins, because the stage was replaced", async () => {
  const world = await talking();
  world.replies("rejoinCall", ok({ ...answeredView(), token: "t2" }));
  world.stage({ is: "lost", how: "thrown-out" });
  await world.wait(3_000);
  expect(world.room.at(-1)).toBe(`join ${CALL} t2`);
});

test("a token that another page uses is not requested again", async () => {
  const world = await talking();
  world.stage({ is: "lost", how: "moved" });
  expect(world.phone.screen()).toMatchObject({ kind: "ended", cause: "moved" });
  expect(world.actions()).not.toContain("endCall");
});

test("a phone that is alone on the stage asks whether the call goes on", async () => {
  const world = await talking();
  world.stage({ is: "alone" });
  await world.wait();
  expect(world.kind()).toBe("in-call");
  world.replies("getCall", ok(answeredView({ status: "ended", endReason: "completed", version: 8 })));
  world.stage({ is: "alone" });
  await world.wait();
  expect(world.phone.screen()).toMatchObject({ kind: "ended", ending: "completed" });
});

test("a hang-up over a bad network is repeated until it succeeds", async () => {
  const world = await talking();
  world.replies("endCall", NETWORK_DOWN, NETWORK_DOWN, ok({ ended: true, endReason: "completed" }));
  world.phone.press("hang-up");
  expect(world.kind()).toBe("ended");
  await world.wait(REPEAT_DELAYS_MS[0] + REPEAT_DELAYS_MS[1]);
  const ends = world.sent.filter(({ action }) => action === "endCall");
  expect(ends.map(({ input }) => input["callId"])).toEqual([CALL, CALL, CALL]);
  expect(world.phone.screen()).toMatchObject({ ending: "completed" });
});

test("a page that is reloaded during a call comes back to it", async () => {
  const before = await talking();
  expect(before.memory()).toBe(CALL);
  before.phone.leavePage();
  expect(before.actions()).not.toContain("endCall");
  const world = phoneWorld({ remembered: CALL });
  world.replies("getCall", ok(answeredView()));
  world.replies("rejoinCall", ok({ ...answeredView(), token: "t5" }));
  world.phone.start();
  await world.wait();
  expect(world.room).toEqual(["prepare video", `join ${CALL} t5`]);
  world.stage({ is: "connected" });
  expect(world.kind()).toBe("in-call");
});

test("a page that is reloaded while it calls or rings goes on with that", async () => {
  const caller = phoneWorld({ remembered: CALL });
  caller.replies("getCall", ok(view({ status: "ringing" })));
  caller.replies("rejoinCall", ok({ ...view({ status: "ringing" }), token: "t5" }));
  caller.phone.start();
  await caller.wait();
  expect(caller.phone.screen()).toMatchObject({ kind: "calling", talk: { heard: true } });

  const callee = phoneWorld({ remembered: CALL, me: { clientId: BOB, deviceId: "web-1" } });
  callee.replies("getCall", ok(view({ status: "ringing" }, { status: "ringing" })));
  callee.replies("ackRinging", ok(view()));
  callee.phone.start();
  await callee.wait();
  expect(callee.kind()).toBe("ringing");
});

test("a page that is reloaded after the end shows no call", async () => {
  const world = phoneWorld({ remembered: CALL });
  world.replies("getCall", ok(view({ status: "ended", endReason: "completed" })));
  world.phone.start();
  await world.wait();
  expect(world.kind()).toBe("idle");
});

test("a call on another device of the same person stays there", async () => {
  const world = phoneWorld({ remembered: CALL, me: { clientId: BOB, deviceId: "web-2" } });
  world.replies("getCall", ok(answeredView({}, { deviceId: "web-1" })));
  world.phone.start();
  await world.wait();
  expect(world.phone.screen()).toMatchObject({ kind: "ended", ending: "answered_elsewhere" });
  expect(world.actions()).toEqual(["getCall"]);
});
