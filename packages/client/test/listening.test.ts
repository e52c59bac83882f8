/** What an app is told: once, only of changes, and whatever its other listeners do. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Call, type MediaAdapter, watchCall, withoutMedia } from "../src/index.ts";
import type { MediaEvent } from "../src/media.ts";
import { type Alone, answered, FIRST, NOW_MS, phoneAlone, push, rung, SECOND, wait } from "./phone-alone.ts";

beforeEach(() => void vi.useFakeTimers({ now: NOW_MS }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe.each([
  ["busy", { code: "callee_busy", title: "Busy", detail: "", callId: SECOND }],
  ["problem", { code: "no_such_client", title: "Gone", detail: "" }],
  ["declined", { code: "call_over", title: "Over", detail: "", callId: SECOND, endReason: "declined" }],
] as const)("an outgoing call that ends as %s", (reason, problem) => {
  test("is one object, and does not come in", async () => {
    const { phone, answers } = await phoneAlone();
    answers["initiateCall"] = () => problem;
    const cameIn: Call[] = [];
    phone.onCall((call) => void cameIn.push(call));
    const call = phone.call("carol");
    await wait();
    // The connection for live updates fails, and the phone tells of that.
    await wait(16_000);
    expect([call.state, call.reason]).toEqual(["ended", reason]);
    expect(phone.snapshot().call).toBe(call);
    expect(cameIn).toEqual([]);
  });
});

test("an outgoing call that is given up before the reply is one object", async () => {
  const { phone } = await phoneAlone();
  const cameIn: Call[] = [];
  phone.onCall((call) => void cameIn.push(call));
  const call = phone.call("carol");
  void call.hangUp();
  await wait(16_000);
  expect([phone.snapshot().call === call, cameIn.length]).toEqual([true, 0]);
  const next = phone.call("carol");
  expect([phone.snapshot().call === next, next === call]).toEqual([true, false]);
});

async function ring({ phone, calls }: Alone): Promise<void> {
  calls.set(FIRST, { status: "ringing", mine: "invited" });
  await phone.handlePush(push(FIRST));
  await wait();
}

describe("a listener that throws", () => {
  const error = new Error("the app's fault");
  const fail = (): never => {
    throw error;
  };

  test("keeps no other listener from hearing, and is reported as the platform reports errors", async () => {
    const reported: unknown[] = [];
    vi.stubGlobal("reportError", (one: unknown) => void reported.push(one));
    const alone = await phoneAlone();
    const heard: string[] = [];
    alone.phone.subscribe(fail);
    alone.phone.subscribe(() => void heard.push("phone"));
    alone.phone.onCall(fail);
    alone.phone.onCall((call) => {
      heard.push("call comes in");
      call.subscribe(fail);
      call.subscribe(() => void heard.push(`call ${call.state}`));
    });
    await ring(alone);
    expect(heard).toEqual(["phone", "call comes in", "call ringing"]);
    expect(reported).toEqual([error, error, error]);
  });

  test("is written to the console where there is no reportError", async () => {
    vi.stubGlobal("reportError", undefined);
    const logged = vi.spyOn(console, "error").mockReturnValue();
    const alone = await phoneAlone();
    alone.phone.subscribe(fail);
    await ring(alone);
    expect(logged).toHaveBeenCalledWith(error);
    expect(alone.phone.snapshot().call?.state).toBe("ringing");
  });
});

/** Media whose state is made anew for each look at it. */
function fickleMedia(): { media: MediaAdapter; tell: (event: MediaEvent) => void; level: { now: number } } {
  const told: ((event: MediaEvent) => void)[] = [];
  const level = { now: 0 };
  const measure = (): number => level.now;
  const media: MediaAdapter = {
    ...withoutMedia,
    join(token, call) {
      told.push(call.tell);
      const party = {
        participantId: "p",
        clientId: "alice",
        hasVideo: false,
        muted: false,
        hasMicrophone: true,
      };
      return {
        ...withoutMedia.join(token, call),
        state: () => ({
          parties: [{ ...party, level: measure }],
          own: { hasMicrophone: level.now < 1, muted: false, cameraOn: false, trouble: {} },
        }),
      };
    },
  };
  return { media, level, tell: (event) => told.at(-1)?.(event) };
}

test("who subscribes to a call is told of what has changed, and of nothing else", async () => {
  const { media, tell, level } = fickleMedia();
  const { phone } = await answered({ media });
  const { call } = phone.snapshot();
  const before = call?.snapshot();
  let told = 0;
  call?.subscribe(() => (told += 1));
  phone.subscribe(() => (told += 1));
  tell({ is: "changed" });
  tell({ is: "connected" });
  expect([told, call?.snapshot() === before]).toEqual([0, true]);
  level.now = 1;
  tell({ is: "changed" });
  expect([told, call?.snapshot().own.hasMicrophone]).toEqual([1, false]);
});

test("a view without a framework is shown the phone's call, each change of it, and the next one", async () => {
  const { phone } = await rung();
  const seen: string[] = [];
  const stop = watchCall(phone, ({ state, callId }, call) => {
    expect(call.callId).toBe(callId);
    seen.push(state);
  });
  void phone.snapshot().call?.decline();
  await wait();
  const next = phone.call("carol");
  await wait();
  stop();
  void next.hangUp();
  expect(seen).toEqual(["ringing", "ended", "calling"]);
});

test("a ring that the server has confirmed and that nobody answers is missed: one reason, told once", async () => {
  const { phone } = await rung();
  const { call } = phone.snapshot();
  const reasons: (string | undefined)[] = [];
  call?.subscribe(() => void reasons.push(call.reason));
  await wait(45_000);
  await phone.handlePush({ ...push(FIRST), type: "missed_call", reason: "missed" });
  expect(reasons).toEqual(["missed"]);
});
