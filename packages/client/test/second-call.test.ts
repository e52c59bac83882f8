/** A phone in a call that hears of another one: what it shows, and what its buttons do. No server: it says what a test tells it to say. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Alone, answered, FIRST, NOW_MS, push, SECOND, wait } from "./phone-alone.ts";

beforeEach(() => void vi.useFakeTimers({ now: NOW_MS }));
afterEach(() => void vi.useRealTimers());

/** Bob talks in the first call, which goes on, and the push of the second has come. */
async function called(): Promise<Alone> {
  const alone = await answered();
  alone.calls.set(SECOND, { status: "ringing", mine: "invited" });
  expect(alone.phone.snapshot().call?.state).toBe("connected");
  await alone.phone.handlePush(push(SECOND));
  await wait();
  return alone;
}

test("it waits beside the first, without saying to its caller that it rings", async () => {
  const { phone, sent } = await called();
  const { call, waiting } = phone.snapshot();
  expect([call?.callId, call?.state]).toEqual([FIRST, "connected"]);
  expect([waiting?.callId, waiting?.state]).toEqual([SECOND, "incoming"]);
  expect(sent).toContain(`getCall ${FIRST}`);
  expect(sent).not.toContain(`ackRinging ${SECOND}`);
});

test("answering it hangs up the first", async () => {
  const { phone, sent } = await called();
  const { call: first, waiting: second } = phone.snapshot();
  const answered = second?.answer();
  await wait();
  await answered;
  expect([first?.state, first?.reason]).toEqual(["ended", "completed"]);
  expect([phone.snapshot().call === second, second?.state]).toEqual([true, "connected"]);
  expect(phone.snapshot().waiting).toBeUndefined();
  expect(sent).toEqual(expect.arrayContaining([`endCall ${FIRST}`, `answerCall ${SECOND}`]));
});

test("declining it leaves the first as it is", async () => {
  const { phone, sent } = await called();
  const { call: first, waiting: second } = phone.snapshot();
  const declined = second?.decline();
  await wait();
  await declined;
  expect([first?.state, second?.state]).toEqual(["connected", "ended"]);
  expect(sent).toContain(`declineCall ${SECOND}`);
  await phone.handlePush(push(SECOND));
  expect(phone.snapshot().waiting).toBeUndefined();
});

test("it rings once the first is hung up", async () => {
  const { phone } = await called();
  const { call: first, waiting: second } = phone.snapshot();
  void first?.hangUp();
  await wait();
  expect([first?.reason, second?.state]).toEqual(["completed", "ringing"]);
  expect(phone.snapshot().call).toBe(second);
});

test.each<[string, string, (alone: Alone) => unknown]>([
  ["its ring is over", "missed", () => wait(45_000)],
  [
    "its caller gives up",
    "cancelled",
    ({ phone }) => phone.handlePush({ ...push(SECOND), type: "call_cancelled", reason: "cancelled" }),
  ],
  ["it is declined", "declined", ({ phone }) => phone.snapshot().waiting?.decline()],
])("it is over when %s, for one reason: %s", async (_, reason, happens) => {
  const alone = await called();
  const { call, waiting } = alone.phone.snapshot();
  const reasons: unknown[] = [];
  waiting?.subscribe(() => void reasons.push(waiting.reason));
  await happens(alone);
  await wait();
  expect(reasons).toEqual([reason]);
  expect(alone.phone.snapshot()).toMatchObject({ waiting: undefined, call: { state: "connected" } });
  expect(alone.phone.snapshot().call).toBe(call);
});
