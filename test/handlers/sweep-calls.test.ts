import { describe, expect, test } from "vitest";
import { workflowView } from "../../calls/snapshot.ts";
import { busyCall } from "../../calls/admission.ts";
import type { Call } from "../../calls/call.ts";
import { sweepCalls } from "../../handlers/call/sweep-calls.ts";
import type { EndedCall } from "../../handlers/media/hint-queues.ts";
import { closingOf } from "../../handlers/media/ivs/pool/rest-stage.ts";
import {
  alice,
  answered,
  at,
  BOB,
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
  const stages = fakeStages(leasedStage());
  const tools = {
    calls: fakeCalls(...calls),
    clients: fakeClients(alice(slots), bob(slots)),
    stages,
    rooms: closingOf(stages),
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
  expect(it.workflow.started).toEqual([{ callId: CALL, calleeId: BOB, name: CALL }]);
  expect(it.stored()).toEqual(calling());
});

test("an execution whose name is used up is started under another name, three times at most", async () => {
  const it = world(at(20), calling());
  it.workflow.taken.add(CALL);
  for (const _ of [1, 2, 3]) await it.sweep();
  expect(names(it)).toEqual([1, 2, 3].map((repair) => `${CALL}-repair-${repair}`));
  expect(await it.sweep()).toEqual({ "could not restart": 1 });
});

test("a workflow that runs and does not wait yet is left alone, and its start counts as no repair", async () => {
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

test("a call that is not due is not swept", async () => {
  const it = world(at(20) - 1, calling());
  expect(await it.sweep()).toEqual({});
});

test("a call past its deadline is ended, and the end is published for its workflow (W8)", async () => {
  for (const [call, nowMs, endReason] of [
    [waiting(ringing()), at(105), "missed"],
    [waiting(answered()), at(5 + MAX_CALL_SECONDS), "expired"],
  ] as const) {
    const it = world(nowMs, call);
    expect(await it.sweep()).toEqual({ ended: 1 });
    expect(it.stored()).toMatchObject({ status: "ended", endReason, sweepAtMs: nowMs + 30_000 });
    expect(it.publisher.names()[0]).toBe("LegEnded");
  }
});

test("an ended call that its workflow did not close is closed a minute later, and the end is published", async () => {
  const it = world(at(120), completed());
  expect(await it.sweep()).toEqual({ closed: 1 });
  expect(it.stored()).toMatchObject({ endReason: "completed", cleanedUpAtMs: at(120) });
  expect(it.clients.items.get(alice().clientId)).not.toHaveProperty("activeCallId");
  expect(it.stages.items.get("stage-1")?.status).toBe("resting");
  expect(it.publisher.names()).toEqual(["CallEnded", "LegUpdated", "LegUpdated"]);
  expect(await it.sweep()).toEqual({});
});

test("a call past all its deadlines is ended by one sweep and closed by the next", async () => {
  const it = world(at(3600), calling());
  expect(await it.sweep()).toEqual({ ended: 1 });
  it.edge.setNow(at(3660));
  expect(await it.sweep()).toEqual({ closed: 1 });
});

test("a busy call without an execution gets one, and is closed only once no name is left", async () => {
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

test("a busy call whose workflow runs is neither started again nor closed", async () => {
  const parties = { caller: alice(), callees: [bob()], media: "audio", maxCallSeconds: 60 } as const;
  const it = world(at(20), busyCall({ ...parties, callId: CALL, nowMs: at(0) }));
  it.workflow.running.add(CALL);
  expect(await it.sweep()).toEqual({ waiting: 1 });
  expect(it.stored()).not.toHaveProperty("cleanedUpAtMs");
});

test("a call whose workflow waits for it is left alone, even if the index still lists it", async () => {
  const due = { ...waiting(answered()), sweepAtMs: at(20) };
  const it = world(at(30), due);
  expect(await it.sweep()).toEqual({ waiting: 1 });
  const [moved] = [world(at(30), due)];
  moved.calls.read = async () => waiting(answered());
  expect(await moved.sweep()).toEqual({ "moved on": 1 });
  expect([it.stored(), names(it), names(moved)]).toEqual([due, [], []]);
});

describe("a change that the workflow has not followed within 30 seconds", () => {
  /** Bob has answered, and CallAnswered was lost: the workflow has waited since before. */
  const unheard = (waitsFor: Call["waitsFor"]): Call => ({
    ...answered(),
    waitTurn: 0,
    taskToken: "task-token",
    waitsFor,
  });

  test("is published, and then the workflow is woken", async () => {
    const it = world(at(5 + 30), unheard("answer"));
    expect(await it.sweep()).toEqual({ woken: 1 });
    expect(it.publisher.names()).toEqual(["CallAnswered", "LegUpdated", "LegUpdated"]);
    expect(it.workflow.woken).toEqual([{ taskToken: "task-token", view: workflowView(unheard("answer")) }]);
    expect(it.stored()).toEqual(unheard("answer"));
  });

  test("is left alone until then", async () => {
    expect(await world(at(5 + 30) - 1, unheard("answer")).sweep()).toEqual({});
  });

  test("wakes no workflow if it could not be published", async () => {
    const it = world(at(35), unheard("answer"));
    it.publisher.state.failures = 1;
    expect(await it.sweep()).toEqual({ failed: 1 });
    expect(it.workflow.woken).toEqual([]);
  });

  test("is left to the execution for a minute if the wait is over, and then the execution is started again", async () => {
    const it = world(at(5 + 30), unheard("answer"));
    it.workflow.dead.add("task-token");
    expect(await it.sweep()).toEqual({ waiting: 1 });
    it.edge.setNow(at(5 + 30 + 60));
    expect(await it.sweep()).toEqual({ restarted: 1 });
  });

  test("that ended the call is followed by the workflow, or closed by the sweep if the workflow is dead", async () => {
    const ended: Call = { ...completed(), waitTurn: 1, taskToken: "task-token", waitsFor: "end" };
    const it = world(at(60 + 30), ended);
    expect(await it.sweep()).toEqual({ woken: 1 });
    expect(it.publisher.names()).toEqual(["LegUpdated", "LegUpdated"]);
    expect(it.workflow.woken.map(({ error }) => error)).toEqual([undefined]);
    it.workflow.dead.add("task-token");
    expect(await it.sweep()).toEqual({ waiting: 1 });
    it.edge.setNow(at(60 + 60));
    expect(await it.sweep()).toEqual({ closed: 1 });
  });
});

describe("a backlog", () => {
  const many = (count: number) => Array.from({ length: count }, (_, n) => calling({ callId: callId(n + 1) }));

  test("of a thousand calls is worked through in one run, up to a hundred at once", async () => {
    const it = world(at(20), ...many(1_000));
    let [running, most] = [0, 0];
    const start = it.workflow.start.bind(it.workflow);
    it.workflow.start = async (...asked) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return start(...asked);
    };
    expect(await it.sweep()).toEqual({ restarted: 1_000 });
    expect([most > 50, most <= 100]).toEqual([true, true]);
  });

  test("that outlasts a run is left to the next run", async () => {
    const it = world(at(20), ...many(1_000));
    const start = it.workflow.start.bind(it.workflow);
    it.workflow.start = async (...asked) => {
      await it.edge.pause(200);
      return start(...asked);
    };
    const first = await it.sweep();
    expect(first["restarted"]).toBeGreaterThan(200);
    expect(first["restarted"]).toBeLessThan(400);
  });
});

test("a call that fails does not hold up the others", async () => {
  const other = calling({ callId: callId(2) });
  const it = world(at(20), calling(), other);
  const workflow = {
    ...it.workflow,
    start: (call: Call, name: string) =>
      call.callId === CALL ? Promise.reject(new Error("no such machine")) : it.workflow.start(call, name),
  };
  expect(await sweepCalls({ ...it, workflow })).toEqual({ failed: 1, restarted: 1 });
  expect(names(it)).toEqual([other.callId]);
});
