/** A phone that its app is done with: what it still says, and that it leaves nothing behind. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Alone, answered, FIRST, NOW_MS, phoneAlone, push, rung, SECOND, wait } from "./phone-alone.ts";

beforeEach(() => void vi.useFakeTimers({ now: NOW_MS }));
afterEach(() => void vi.useRealTimers());

const shown = ({ phone }: Alone) => {
  const { call } = phone.snapshot();
  if (!call) throw new Error("the phone shows no call");
  return call;
};

describe("no timer is left", () => {
  test("after a call that was answered and hung up", async () => {
    const alone = await answered();
    const done = shown(alone).hangUp();
    await wait();
    await done;
    await alone.phone.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("while a call rings, and while a second one waits", async () => {
    const ringing = await rung();
    await ringing.phone.close();
    const talking = await answered();
    talking.calls.set(SECOND, { status: "ringing", mine: "invited" });
    await talking.phone.handlePush(push(SECOND));
    await talking.phone.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("while a phone comes back to its stage, and while requests are repeated: each has one last try", async () => {
    const alone = await answered();
    alone.answers["endCall"] = () => Promise.reject(new Error("no network"));
    const hungUp = shown(alone).hangUp();
    await wait(600);
    const before = alone.sent.length;
    const closed = alone.phone.close();
    await wait();
    await Promise.all([hungUp, closed]);
    expect(vi.getTimerCount()).toBe(0);
    expect(alone.sent.slice(before)).toEqual([`endCall ${FIRST}`]);
  });

  test("of a registration that finds no network: it rejects", async () => {
    const alone = await phoneAlone();
    alone.answers["register"] = () => Promise.reject(new Error("no network"));
    const failed = alone.phone.register().catch((error: unknown) => error);
    await wait(100);
    await alone.phone.close();
    expect(await failed).toMatchObject({ problem: { code: "network" } });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe.each(["close", "signOut"] as const)("%s", (deed) => {
  test("hangs up the call that the phone is in, and the reason is the server's", async () => {
    const alone = await answered();
    const call = shown(alone);
    const done = alone.phone[deed]();
    await wait();
    await done;
    expect(alone.sent).toContain(`endCall ${FIRST}`);
    expect([call.state, call.reason]).toEqual(["ended", "completed"]);
    expect(alone.phone.snapshot().call).toBeUndefined();
  });

  test("leaves a call that rings to the other phones of its person", async () => {
    const alone = await rung();
    const call = shown(alone);
    const done = alone.phone[deed]();
    await wait();
    await done;
    expect([call.state, call.reason]).toEqual(["ended", "closed"]);
    expect(alone.sent).not.toContain(`endCall ${FIRST}`);
    expect(alone.sent).not.toContain(`declineCall ${FIRST}`);
  });
});

test("a phone that was closed can be registered again", async () => {
  const alone = await rung();
  await alone.phone.close();
  const registered = alone.phone.register();
  await wait();
  await registered;
  alone.calls.set(SECOND, { status: "ringing", mine: "invited" });
  await alone.phone.handlePush(push(SECOND));
  await wait();
  expect(shown(alone).state).toBe("ringing");
});

test("a socket that is closed before it has opened ends no process", async () => {
  const sockets: EarlyClosed[] = [];
  /** Node's `ws` tells of it as an error, which ends the process if nothing listens. */
  class EarlyClosed {
    onopen = null;
    onmessage = null;
    onclose = null;
    onerror: ((event: never) => void) | null = null;
    unheard = 0;
    constructor() {
      sockets.push(this);
    }
    send(): void {}
    close(): void {
      if (this.onerror) this.onerror({} as never);
      else this.unheard += 1;
    }
  }
  const { phone } = await phoneAlone({ WebSocket: EarlyClosed });
  await wait();
  await phone.close();
  expect(sockets.map(({ unheard }) => unheard)).toEqual([0]);
});
