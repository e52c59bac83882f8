import { describe, expect, test } from "vitest";
import type { Call, Leg } from "../../calls/call.ts";
import { participantId } from "../../calls/ids.ts";
import { CHECK_CONCURRENCY } from "../../handlers/media/ivs/quotas.ts";
import type { Hint } from "../../calls/presence.ts";
import { verifyLegs } from "../../handlers/media/verify-legs.ts";
import { answered, at, CALL, callId, completed, stage } from "../builders.ts";
import {
  ALICES_PLACE,
  BOBS_PLACE,
  fakeDoubts,
  fakeChecks,
  fakePresence,
  fakeQueue,
  message,
} from "../fake-presence.ts";
import { fakeCalls, fakeEdge, fakePublisher } from "../fakes.ts";

const unpublished = (of = CALL, leg = 2): Hint => ({
  kind: "unpublished",
  callId: of,
  leg,
  tokenNumber: 1,
  atMs: at(40),
});
const again: Hint = { kind: "doubted", callId: CALL };
const people = (...ids: string[]) => ids.map((id) => ({ participantId: id }));

function world(...stored: Call[]) {
  const calls = fakeCalls(...stored);
  const edge = fakeEdge(at(60));
  const presence = fakePresence(calls);
  for (const [leg, atMs] of [at(1), at(6)].entries())
    presence.traces.set(participantId(CALL, leg + 1, 1), {
      leg: leg + 1,
      tokenNumber: 1,
      publishedAtMs: atMs,
    });
  const tools = {
    calls,
    publisher: fakePublisher(),
    presence,
    removals: presence.list,
    wakes: fakeQueue<{ kind: "due" }>(),
    checks: fakeChecks(edge),
    doubts: fakeDoubts(),
    edge,
  };
  tools.checks.people.set(stage().arn, people(ALICES_PLACE));
  const verify = (...hints: Hint[]) =>
    verifyLegs(
      tools,
      hints.map((hint, index) => message(hint, `message-${index}`)),
    );
  return { ...tools, verify, call: () => calls.items.get(CALL) };
}

describe("one call", () => {
  test("a leg that two checks do not find is dropped, and only the second check publishes", async () => {
    const it = world(answered());
    expect((await it.verify(unpublished())).outcomes).toEqual({ doubted: 1 });
    expect(it.doubts.passed).toEqual([{ hint: again, delaySeconds: 20 }]);
    expect(it.publisher.names()).toEqual([]);
    it.edge.setNow(at(81));
    expect((await it.verify(again)).outcomes).toEqual({ dropped: 1 });
    expect(it.call()).toMatchObject({ status: "ended", endReason: "dropped" });
    expect(it.publisher.names()).toEqual(["LegEnded", "LegEnded", "LegUpdated", "LegUpdated"]);
    expect(it.doubts.passed).toHaveLength(1);
  });

  test("a participant whose leg has ended and whom a check finds is listed for removal, once", async () => {
    const carols = { ...(answered().legs[2] as Leg), status: "left", tokensOver: 1 } as const;
    const it = world({ ...answered(), legs: { ...answered().legs, 3: carols } });
    const carolsPlace = participantId(CALL, 3, 1);
    it.checks.people.set(stage().arn, people(ALICES_PLACE, BOBS_PLACE, carolsPlace));
    const expired: Hint = { kind: "expired", callId: CALL };
    expect((await it.verify(expired)).outcomes).toEqual({ there: 1 });
    await it.verify(expired);
    expect([...it.presence.removals.keys()]).toEqual([carolsPlace]);
    expect(it.wakes.passed).toHaveLength(1);
  });

  test("a leg that is back by the second check stays", async () => {
    const it = world(answered());
    await it.verify(unpublished());
    it.edge.setNow(at(81));
    it.checks.people.set(stage().arn, people(ALICES_PLACE, BOBS_PLACE));
    expect((await it.verify(again)).outcomes).toEqual({ there: 1 });
    expect(it.call()?.legs).toEqual(answered().legs);
  });

  test("one check serves both legs and all hints about the call", async () => {
    const it = world(answered());
    it.checks.people.clear();
    expect((await it.verify(unpublished(), unpublished(CALL, 1), unpublished())).outcomes).toEqual({
      doubted: 1,
    });
    expect(it.checks.asked).toHaveLength(1);
    expect([it.call()?.legs[1]?.doubt, it.call()?.legs[2]?.doubt]).toEqual([
      { sinceMs: at(60), tokenCount: 1 },
      { sinceMs: at(60), tokenCount: 1 },
    ]);
  });

  test("a hint that is settled meanwhile costs no check", async () => {
    const back = world(answered());
    back.presence.traces.set(BOBS_PLACE, { leg: 2, tokenNumber: 1, publishedAtMs: at(45) });
    const over = world(completed());
    for (const it of [back, over, world()]) {
      expect((await it.verify(unpublished())).outcomes).toEqual({ settled: 1 });
      expect([it.checks.asked, it.doubts.passed, it.edge.pauses]).toEqual([[], [], []]);
    }
  });

  test("a hint about a leg that was doubted just now waits for the second check", async () => {
    const it = world(answered());
    await it.verify(unpublished());
    it.edge.setNow(at(65));
    expect((await it.verify(unpublished())).outcomes).toEqual({ "too early": 1 });
    expect(it.checks.asked).toHaveLength(1);
    expect(it.doubts.passed.at(-1)).toEqual({ hint: unpublished(), delaySeconds: 15 });
  });

  test("a stage that the list shows without a session puts both legs in doubt, and never ends the call", async () => {
    const it = world(answered());
    const listed = (atMs: number): Hint => ({ kind: "no_session", callId: CALL, atMs });
    it.checks.people.set(stage().arn, people(ALICES_PLACE, BOBS_PLACE));
    expect((await it.verify(listed(at(59)))).outcomes).toEqual({ doubted: 1 });
    expect(it.checks.asked).toEqual([]);
    it.edge.setNow(at(120));
    expect((await it.verify(listed(at(119)))).outcomes).toEqual({ there: 1 });
    expect(it.checks.asked).toHaveLength(1);
  });

  test("a hang-up between the check and its write wins", async () => {
    const it = world(answered());
    it.calls.others.push(completed);
    expect((await it.verify(unpublished())).outcomes).toEqual({ there: 1 });
    expect(it.call()).toEqual(completed());
  });
});

describe("an IVS that throttles or fails", () => {
  test("is asked no further question, and every call goes back to the queue", async () => {
    const it = world(answered(), { ...answered(), callId: callId(2) });
    it.checks.state.throttled = 1;
    const { failed, outcomes } = await it.verify(unpublished(), unpublished(callId(2)));
    expect(failed).toEqual(["message-0", "message-1"]);
    expect(outcomes).toEqual({ throttled: 1 });
    expect(it.checks.asked).toHaveLength(1);
    expect(it.call()).toEqual(answered());
  });

  test("holds up only the call for which it fails", async () => {
    const it = world(answered(), { ...answered(), callId: callId(2) });
    it.checks.state.failures = 1;
    expect((await it.verify(unpublished(), unpublished(callId(2)))).failed).toEqual(["message-0"]);
    expect(it.checks.asked.map(({ atMs }) => atMs)).toEqual([at(60), at(60.5)]);
  });
});

describe("20,000 phones that stop publishing for a moment", () => {
  /** The size of the batches that Lambda hands over. */
  const BATCH = 10;
  const AT_ONCE = 100;

  test("cost two checks a second per run, so that each call is checked in its turn, and none is dropped", async () => {
    const ids = Array.from({ length: AT_ONCE }, (_, index) => callId(index + 100));
    const calls = ids.map((id, index) => ({ ...answered(), callId: id, stage: stage(index + 100) }));
    const it = world(...calls);
    for (const { callId: id, stage: own } of calls) {
      it.checks.people.set(own.arn, people(participantId(id, 1, 1), participantId(id, 2, 1)));
    }
    const startMs = it.edge.now();
    for (let from = 0; from < AT_ONCE; from += BATCH) {
      const batch = ids.slice(from, from + BATCH).map((id) => unpublished(id));
      expect(await it.verify(...batch)).toEqual({ failed: [], outcomes: { there: BATCH } });
    }
    // One of the runs that share the queue.
    const secondsEach = (it.edge.now() - startMs) / 1000 / AT_ONCE;
    expect(secondsEach).toBe(0.5);
    expect((20_000 * secondsEach) / CHECK_CONCURRENCY).toBe(5_000);
    expect([...it.calls.items.values()]).toEqual(calls);
  });

  test("do not keep a run longer than its function may take: the rest goes back to the queue", async () => {
    const ids = Array.from({ length: 40 }, (_, index) => callId(index + 100));
    const it = world(...ids.map((id) => ({ ...answered(), callId: id })));
    const { failed } = await it.verify(...ids.map((id) => unpublished(id)));
    expect(failed).toHaveLength(10);
    expect(it.edge.now() - at(60)).toBe(15_000);
  });
});
