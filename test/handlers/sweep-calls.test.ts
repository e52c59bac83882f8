import { expect, test } from "vitest";
import { busyCall } from "../../calls/admission.ts";
import type { Call } from "../../calls/call.ts";
import { sweepCalls } from "../../handlers/sweep-calls.ts";
import type { EndedCall } from "../../handlers/adapters/hint-queues.ts";
import {
  alice,
  answered,
  at,
  bob,
  CALL,
  callId,
  calling,
  completed,
  leasedStage,
  MAX_CALL_SECONDS,
  ringing,
  waiting,
} from "../builders.ts";
import { fakeQueue } from "../fake-presence.ts";
import { fakeCalls, fakeClients, fakeEdge, fakePublisher, fakeStages, fakeWorkflow } from "../fakes.ts";

function world(nowMs: number, ...calls: Call[]) {
  const slots = { activeCallId: CALL };
  const tools = {
    calls: fakeCalls(...calls),
    clients: fakeClients(alice(slots), bob(slots)),
    stages: fakeStages(leasedStage()),
    publisher: fakePublisher(),
    workflow: fakeWorkflow(),
    edge: fakeEdge(nowMs),
    keepHistory: false,
    endedCalls: fakeQueue<EndedCall>(),
    removalGraceSeconds: 8,
  };
  return { ...tools, sweep: () => sweepCalls(tools), stored: () => tools.calls.items.get(CALL) };
}
const names = ({ workflow }: ReturnType<typeof world>) => workflow.started.map(({ name }) => name);

test("a call whose workflow never waited gets its execution started", async () => {
  const it = world(at(20), calling());
  expect(await it.sweep()).toEqual({ restarted: 1 });
  expect(it.workflow.started).toEqual([{ callId: CALL, name: CALL }]);
  expect(it.stored()).toEqual(calling());
});

test("under another name if that one is spent, at most three", async () => {
  const it = world(at(20), calling());
  it.workflow.taken.add(CALL);
  for (const _ of [1, 2, 3]) await it.sweep();
  expect(names(it)).toEqual([1, 2, 3].map((repair) => `${CALL}-repair-${repair}`));
  expect(await it.sweep()).toEqual({ "could not restart": 1 });
});

test("a workflow that runs and has not come to its wait is left alone: nothing was repaired", async () => {
  const it = world(at(20), calling());
  it.workflow.running.add(CALL);
  expect(await it.sweep()).toEqual({ waiting: 1 });
  expect([names(it), it.stored()]).toEqual([[], calling()]);
  it.workflow.running.clear();
  it.workflow.taken.add(CALL);
  it.workflow.running.add(`${CALL}-repair-1`);
  expect(await it.sweep()).toEqual({ waiting: 1 });
  expect(names(it)).toEqual([]);
});

test("a call that is not due is not looked at", async () => {
  const it = world(at(20) - 1, calling());
  expect(await it.sweep()).toEqual({});
});

test("a call past its deadline is ended, and its workflow hears of it (W8)", async () => {
  for (const [call, nowMs, endReason] of [
    [waiting(ringing()), at(105), "missed"],
    [waiting(answered()), at(5 + MAX_CALL_SECONDS), "expired"],
  ] as const) {
    const it = world(nowMs, call);
    expect(await it.sweep()).toEqual({ ended: 1 });
    expect(it.stored()).toMatchObject({ status: "ended", endReason, sweepAtMs: nowMs + 60_000 });
    expect(it.publisher.names()[0]).toBe("LegEnded");
  }
});

test("an ended call that nobody closed is closed a minute later, and that is announced", async () => {
  const it = world(at(120), completed());
  expect(await it.sweep()).toEqual({ closed: 1 });
  expect(it.stored()).toMatchObject({ endReason: "completed", cleanedUpAtMs: at(120) });
  expect(it.clients.items.get(alice().clientId)).not.toHaveProperty("activeCallId");
  expect(it.stages.items.get("stage-1")?.status).toBe("resting");
  expect(it.publisher.names()).toEqual(["CallEnded", "LegUpdated", "LegUpdated"]);
  expect(await it.sweep()).toEqual({});
});

test("a call that is past everything is ended by one sweep and closed by the next", async () => {
  const it = world(at(3600), calling());
  expect(await it.sweep()).toEqual({ ended: 1 });
  it.edge.setNow(at(3660));
  expect(await it.sweep()).toEqual({ closed: 1 });
});

test("a busy call that nobody was told of is started first, and closed only when that is hopeless", async () => {
  const parties = {
    callId: CALL,
    caller: alice(),
    callees: [bob()],
    media: "audio",
    maxCallSeconds: 60,
  } as const;
  const it = world(at(20), busyCall({ ...parties, nowMs: at(0) }));
  expect(await it.sweep()).toEqual({ restarted: 1 });
  for (const repair of [1, 2, 3]) it.workflow.taken.add(`${CALL}-repair-${repair}`);
  expect(await it.sweep()).toEqual({ closed: 1 });
  expect(names(it)).toEqual([CALL]);
});

test("a busy call whose workflow is telling its callee is neither started again nor closed", async () => {
  const parties = { caller: alice(), callees: [bob()], media: "audio", maxCallSeconds: 60 } as const;
  const it = world(at(20), busyCall({ ...parties, callId: CALL, nowMs: at(0) }));
  it.workflow.running.add(CALL);
  expect(await it.sweep()).toEqual({ waiting: 1 });
  expect(it.stored()).not.toHaveProperty("cleanedUpAtMs");
});

test("a call that its workflow waits for is left alone, although the index still lists it", async () => {
  const due = { ...waiting(answered()), sweepAtMs: at(20) };
  const it = world(at(30), due);
  expect(await it.sweep()).toEqual({ waiting: 1 });
  const [moved] = [world(at(30), due)];
  moved.calls.read = async () => waiting(answered());
  expect(await moved.sweep()).toEqual({ "moved on": 1 });
  expect([it.stored(), names(it), names(moved)]).toEqual([due, [], []]);
});

test("one bad call does not keep the others waiting", async () => {
  const other = calling({ callId: callId(2) });
  const it = world(at(20), calling(), other);
  const workflow = {
    ...it.workflow,
    start: (id: typeof CALL, name: string) =>
      id === CALL ? Promise.reject(new Error("no such machine")) : it.workflow.start(id, name),
  };
  expect(await sweepCalls({ ...it, workflow })).toEqual({ failed: 1, restarted: 1 });
  expect(names(it)).toEqual([other.callId]);
});
