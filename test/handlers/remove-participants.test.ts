/** The order and the pace of removals, and what the remover does when a removal fails. */
import { describe, expect, test } from "vitest";
import type { Call } from "../../calls/call.ts";
import type { CallId } from "../../calls/ids.ts";
import type { Hint } from "../../calls/presence.ts";
import type { Removal } from "../../calls/removals.ts";
import { endLeg } from "../../calls/ending.ts";
import { removalsOf } from "../../handlers/media/ivs/stage-replacing.ts";
import { type RemoveParticipants, removeParticipants } from "../../handlers/media/remove-participants.ts";
import {
  after,
  answered,
  at,
  CALL,
  CALLEE,
  CALLER,
  completed,
  freeStage,
  leasedStage,
  stage,
} from "../builders.ts";
import { ALICES_PLACE, BOBS_PLACE, fakePresence, fakeQueue } from "../fake-presence.ts";
import { fakeCalls, fakeEdge, fakePublisher, fakeStages } from "../fakes.ts";

type Reply = "disconnected" | "not joined" | "throttled" | Error;

function world(call: Call, ...listed: Removal[]) {
  const calls = fakeCalls(call);
  const edge = fakeEdge(at(100));
  const presence = fakePresence(calls);
  for (const [leg, place] of [ALICES_PLACE, BOBS_PLACE].entries())
    presence.traces.set(place, { leg: leg + 1, tokenNumber: 1, publishedAtMs: at(6) });
  for (const one of listed) presence.removals.set(one.target, one);
  const asked: { readonly what: string; readonly atMs: number }[] = [];
  const replies: Reply[] = [];
  const state = { held: false };
  const ask = (what: string) => {
    asked.push({ what, atMs: edge.now() });
    const reply = replies.shift() ?? "disconnected";
    if (reply instanceof Error) throw reply;
    return reply;
  };
  const stages = fakeStages(leasedStage(1), freeStage(2, at(0)));
  const tools: RemoveParticipants = {
    calls,
    publisher: fakePublisher(),
    presence,
    removals: presence.list,
    lease: { take: async () => !state.held, release: async () => undefined },
    rooms: removalsOf({
      stages,
      ivs: {
        disconnect: async (_arn, participant) => ask(participant),
        remove: async (arn) => (ask(arn) === "throttled" ? "throttled" : "removed"),
      },
      edge,
    }),
    doubts: fakeQueue<Hint>(),
    wakes: fakeQueue<{ kind: "due" }>(),
    edge,
  };
  const woken = () =>
    (tools.wakes as ReturnType<typeof fakeQueue>).passed.map(({ delaySeconds }) => delaySeconds);
  return {
    ...tools,
    stages,
    replies,
    state,
    presence,
    asked,
    woken,
    run: () => removeParticipants(tools),
    calls,
    edge,
  };
}
const removal = (target: string, more: Partial<Removal> = {}): Removal => ({
  callId: CALL as CallId,
  target,
  stage: { stageId: stage().stageId, arn: stage().arn },
  priority: "going_on",
  step: "remove",
  dueAtMs: at(99),
  tokenUntilMs: at(165),
  ...more,
});
/** The call goes on, so that each listed removal is carried out. */
const goingOn = answered;
const place = (n: number): string => `${CALL}-2-${n}`;
const whatOf = ({ asked }: ReturnType<typeof world>) => asked.map(({ what }) => what);

describe("the list", () => {
  test("is worked through by priority, and within a priority the longest wait first (R5)", async () => {
    const it = world(
      goingOn(),
      removal(place(1), { priority: "ended", dueAtMs: at(1) }),
      removal(place(2), { dueAtMs: at(98) }),
      removal(place(3), { dueAtMs: at(97) }),
      removal(place(4), { priority: "person", dueAtMs: at(99) }),
      removal(place(5), { dueAtMs: at(130) }),
    );
    const { outcomes, waitedMs } = await it.run();
    expect(whatOf(it)).toEqual([place(4), place(3), place(2), place(1)]);
    expect([outcomes, waitedMs]).toEqual([{ removed: 4 }, 99_000]);
    expect(it.presence.removals.get(place(1))).toMatchObject({ outcome: "removed" });
    expect(it.presence.removals.get(place(1))).not.toHaveProperty("dueAtMs");
  });

  test("is worked through at four requests a second", async () => {
    const all = Array.from({ length: 9 }, (_, n) => removal(place(n + 1)));
    const it = world(goingOn(), ...all);
    await it.run();
    const times = it.asked.map(({ atMs }) => atMs);
    for (const from of times)
      expect(times.filter((ms) => ms >= from && ms < from + 1_000).length).toBeLessThan(5);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBe(2_000);
  });

  test("with nothing due takes no lease", async () => {
    const it = world(goingOn());
    it.state.held = true;
    expect((await it.run()).outcomes).toEqual({});
    expect(it.woken()).toEqual([]);
  });

  test("that another run holds is tried again in a moment", async () => {
    const it = world(goingOn(), removal(place(1)));
    it.state.held = true;
    await it.run();
    expect([it.asked, it.woken()]).toEqual([[], [3]]);
  });

  test("that outlasts a run is continued by the next run", async () => {
    const all = Array.from({ length: 300 }, (_, n) => removal(place(n + 1)));
    const it = world(goingOn(), ...all);
    await it.run();
    expect(it.asked.length).toBeLessThan(170);
    expect(it.woken()).toHaveLength(1);
  });
});

describe("a removal that fails", () => {
  test("because IVS throttles stops the run, which continues a moment later", async () => {
    const it = world(goingOn(), removal(place(1)), removal(place(2)));
    it.replies.push("throttled");
    expect((await it.run()).outcomes).toEqual({ throttled: 1 });
    expect([it.presence.removals.get(place(1))?.dueAtMs, it.woken()]).toEqual([at(99), [2]]);
  });

  test("stays on the list, and the others go on", async () => {
    const it = world(goingOn(), removal(place(1), { dueAtMs: at(1) }), removal(place(2)));
    it.replies.push(new Error("IVS is away"));
    expect((await it.run()).outcomes).toEqual({ failed: 1, removed: 1 });
    expect(it.presence.removals.get(place(1))?.dueAtMs).toBe(at(1));
  });

  test("because the participant never joined waits for the token's expiry, and then asks verify-legs for a check (R4)", async () => {
    const it = world(goingOn(), removal(place(1)));
    it.replies.push("not joined");
    expect((await it.run()).outcomes).toEqual({ "not joined": 1 });
    expect(it.presence.removals.get(place(1))).toMatchObject({ step: "look", dueAtMs: at(165) + 1 });
    expect(it.woken()).toEqual([67]);
    it.edge.setNow(at(166));
    expect((await it.run()).outcomes).toEqual({ "looked for": 1 });
    expect((it.doubts as ReturnType<typeof fakeQueue>).passed).toMatchObject([
      { body: { kind: "expired", callId: CALL } },
    ]);
    expect(await it.run()).toEqual({ outcomes: {}, waitedMs: 0 });
  });
});

describe("a stage", () => {
  const stays = [
    removal("stage", { priority: "ended" }),
    removal(ALICES_PLACE, { priority: "ended" }),
  ] as const;

  test("of an ended call with several participants is replaced, which settles all its removals", async () => {
    const it = world(completed(), ...stays);
    expect((await it.run()).outcomes).toMatchObject({ replaced: 1 });
    expect(whatOf(it)).toEqual([stage().arn]);
    expect([...it.presence.removals.values()].map(({ outcome }) => outcome)).toEqual([
      "replaced",
      "replaced",
    ]);
    expect(await it.stages.read("stage-1")).toBeUndefined();
  });

  test("that serves another call by now is left alone", async () => {
    const it = world(completed(), stays[0]);
    it.stages.items.set("stage-1", leasedStage(1, at(90), "other" as CallId));
    expect((await it.run()).outcomes).toEqual({ "not needed": 1 });
    expect([it.asked, (await it.stages.read("stage-1"))?.callId]).toEqual([[], "other"]);
  });

  test("of a call that goes on is replaced after two minutes of waiting, once the call has moved to another stage", async () => {
    const it = world(goingOn(), removal(place(1), { dueAtMs: at(-30) }));
    expect((await it.run()).outcomes).toEqual({ replaced: 1 });
    expect(whatOf(it)).toEqual([stage(1).arn]);
    expect(it.calls.items.get(CALL)?.stage).toEqual(stage(2));
    expect(await it.stages.read("stage-1")).toBeUndefined();
    expect(await it.stages.read("stage-2")).toMatchObject({ status: "leased", callId: CALL });
  });

  test("is kept if no other stage is free, and the participant is disconnected", async () => {
    const it = world(goingOn(), removal(place(1), { dueAtMs: at(-30) }));
    it.stages.items.delete("stage-2");
    expect((await it.run()).outcomes).toEqual({ removed: 1 });
    expect(whatOf(it)).toEqual([place(1)]);
  });

  test("is given back if the call ends before it moves there", async () => {
    const it = world(goingOn(), removal(place(1), { dueAtMs: at(-30) }));
    it.calls.others.push((call) => after(call, endLeg(CALLER), at(100)));
    await it.run();
    expect((await it.stages.read("stage-2"))?.status).toBe("free");
  });
});

test("an ended call whose phones have left before its turn needs no request", async () => {
  const it = world(completed(), removal(BOBS_PLACE, { priority: "ended" }));
  it.presence.traces.set(BOBS_PLACE, {
    leg: CALLEE,
    tokenNumber: 1,
    publishedAtMs: at(6),
    unpublishedAtMs: at(90),
  });
  expect((await it.run()).outcomes).toEqual({ "not needed": 1 });
  expect(it.asked).toEqual([]);
});
