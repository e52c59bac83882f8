/** A phone in a call that hears of another one: what it shows, and what its buttons do. No server: it says what a test tells it to say. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createPhone, type Phone } from "../src/index.ts";
import { withoutMedia } from "../src/without-media.ts";
import { memoryStorage } from "./memory-storage.ts";

const NOW_MS = 1_767_258_000_000;
beforeEach(() => void vi.useFakeTimers({ now: NOW_MS }));
afterEach(() => void vi.useRealTimers());

interface Server {
  readonly phone: Phone;
  readonly sent: string[];
  /** How calls stand, as `getCall` says it. */
  readonly calls: Map<string, { status: string; mine: string }>;
}

async function bobsPhone(): Promise<Server> {
  const calls: Server["calls"] = new Map();
  const sent: string[] = [];
  const view = (callId: string) => {
    const { status = "ended", mine = "left" } = calls.get(callId) ?? {};
    return {
      callId,
      status,
      media: "audio",
      callerId: "alice",
      calleeId: "bob",
      version: 2,
      ringUntilMs: NOW_MS + 45_000,
      ...(status === "answered" && { answeredAtMs: NOW_MS }),
      legs: [
        { clientId: "alice", role: "caller", status: "joined" },
        { clientId: "bob", role: "callee", status: mine },
      ],
    };
  };
  const answers: Record<string, (callId: string) => object> = {
    register: () => ({ id: "bob", deviceId: "phone-1" }),
    getClient: () => ({ id: "bob", blockedIds: [] }),
    answerCall(callId) {
      calls.set(callId, { status: "answered", mine: "joined" });
      return { ...view(callId), token: `token of ${callId}` };
    },
    endCall(callId) {
      calls.delete(callId);
      return { ended: true, endReason: "completed" };
    },
  };
  const phone = createPhone({
    apiUrl: "https://api",
    graphqlUrl: "https://api/graphql",
    accessToken: async () => "token",
    media: withoutMedia,
    storage: memoryStorage(),
    fetch: async (_url, { body }) => {
      const { action, callId } = JSON.parse(body) as { action: string; callId: string };
      sent.push(callId ? `${action} ${callId}` : action);
      const reply = { ...(answers[action] ?? view)(callId), serverNowMs: Date.now() };
      return { ok: true, status: 200, json: async () => reply };
    },
    WebSocket: class {
      onopen = null;
      onmessage = null;
      onclose = null;
      onerror = null;
      send(): void {}
      close(): void {}
    },
  });
  await phone.register();
  return { phone, sent, calls };
}

const push = (callId: string) => ({
  v: "1",
  type: "incoming_call",
  call_id: callId,
  caller_id: "alice",
  caller_name: "Alice",
  receiver_id: "bob",
  media: "audio",
  ring_expires_at_ms: String(NOW_MS + 45_000),
  ring_seconds_left: "45",
});
const wait = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** Bob talks in the first call, which goes on, and the push of the second has come. */
async function called(): Promise<Server> {
  const server = await bobsPhone();
  for (const callId of ["first", "second"]) server.calls.set(callId, { status: "ringing", mine: "invited" });
  await server.phone.handlePush(push("first"));
  await wait();
  const answered = server.phone.snapshot().call?.answer();
  await wait();
  await answered;
  expect(server.phone.snapshot().call?.state).toBe("connected");
  await server.phone.handlePush(push("second"));
  await wait();
  return server;
}

test("it waits beside the first, without saying to its caller that it rings", async () => {
  const { phone, sent } = await called();
  const { call, waiting } = phone.snapshot();
  expect([call?.callId, call?.state]).toEqual(["first", "connected"]);
  expect([waiting?.callId, waiting?.state]).toEqual(["second", "incoming"]);
  expect(sent).toContain("getCall first");
  expect(sent).not.toContain("ackRinging second");
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
  expect(sent).toEqual(expect.arrayContaining(["endCall first", "answerCall second"]));
});

test("declining it leaves the first as it is", async () => {
  const { phone, sent } = await called();
  const { call: first, waiting: second } = phone.snapshot();
  const declined = second?.decline();
  await wait();
  await declined;
  expect([first?.state, second?.state]).toEqual(["connected", "ended"]);
  expect(sent).toContain("declineCall second");
  await phone.handlePush(push("second"));
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

test("it is over when its ring is, and when its caller gives up", async () => {
  const late = await called();
  const { waiting: unanswered } = late.phone.snapshot();
  await wait(45_000);
  expect(unanswered?.state).toBe("ended");

  vi.setSystemTime(NOW_MS);
  const { phone } = await called();
  const { waiting: cancelled } = phone.snapshot();
  await phone.handlePush({ ...push("second"), type: "call_cancelled", reason: "cancelled" });
  expect(cancelled?.state).toBe("ended");
  expect(phone.snapshot()).toMatchObject({ waiting: undefined, call: { state: "connected" } });
});
