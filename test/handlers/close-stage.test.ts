import { describe, expect, test } from "vitest";
import type { Call } from "../../calls/call.ts";
import { closeStage } from "../../handlers/call/close-stage.ts";
import type { EndedCall } from "../../handlers/media/hint-queues.ts";
import { closingOf } from "../../handlers/media/ivs/pool/rest-stage.ts";
import { endForEverybody } from "../../calls/operators.ts";
import {
  after,
  ALICE,
  alice,
  answered,
  at,
  BOB,
  bob,
  CALL,
  callId,
  completed,
  freeStage,
  leasedStage,
  ringing,
} from "../builders.ts";
import { fakeQueue } from "../fake-presence.ts";
import { fakeCalls, fakeClients, fakePublisher, fakeStages } from "../fakes.ts";

const ANOTHER_CALL = callId(2);

/** The call with both slots and its stage. */
function holding(call: Call) {
  const slots = { activeCallId: call.callId };
  const stages = fakeStages(leasedStage());
  return {
    calls: fakeCalls(call),
    clients: fakeClients(alice(slots), bob(slots)),
    stages,
    rooms: closingOf(stages),
    publisher: fakePublisher(),
    keepHistory: false,
    endedCalls: fakeQueue<EndedCall>(),
    removalGraceSeconds: 8,
  };
}
const slotsOf = ({ clients }: ReturnType<typeof holding>) =>
  [ALICE, BOB].map((clientId) => clients.items.get(clientId)?.activeCallId);

describe("as the last task of the workflow", () => {
  const request = { callId: CALL };

  test("it frees both slots, lets the stage rest until the last token is spent, and closes the call", async () => {
    const tools = holding(completed());
    const view = await closeStage(tools, request, at(61));
    expect(slotsOf(tools)).toEqual([undefined, undefined]);
    expect(tools.stages.items.get("stage-1")).toMatchObject({
      status: "resting",
      tokensUntilMs: at(105),
      sinceMs: at(61),
    });
    expect(tools.calls.items.get(CALL)).toMatchObject({ endReason: "completed", cleanedUpAtMs: at(61) });
    expect(view).toMatchObject({ snapshot: { endReason: "completed" } });
  });

  test("a client that was deleted meanwhile is left no history, unless the stack keeps it", async () => {
    for (const keepHistory of [false, true]) {
      const tools = { ...holding(completed()), keepHistory };
      tools.clients.items.delete(BOB);
      await closeStage(tools, request, at(61));
      const remembering = [...tools.calls.rows.values()].map(({ clientId }) => clientId);
      expect(remembering).toEqual(keepHistory ? [ALICE, BOB] : [ALICE]);
    }
  });

  test("it has somebody ask who is left on the stage once the grace has passed", async () => {
    const tools = holding(completed());
    await closeStage(tools, request, at(62));
    expect(tools.endedCalls.passed).toEqual([{ body: { kind: "ended", callId: CALL }, delaySeconds: 6 }]);
  });

  test("and at once if an operator has ended the call for everyone", async () => {
    const olivia = { sub: "sub-of-olivia", username: "olivia" };
    const tools = holding(after(answered(), endForEverybody(olivia), at(60)));
    await closeStage(tools, request, at(62));
    expect(tools.endedCalls.passed).toMatchObject([{ delaySeconds: 0 }]);
  });

  test("it says that the call is over, and nothing of its legs, which have heard of the end", async () => {
    const tools = holding(completed());
    await closeStage(tools, request, at(61));
    expect(tools.publisher.events).toMatchObject([{ name: "CallEnded", detail: { endReason: "completed" } }]);
  });

  test("run twice, it does no more", async () => {
    const tools = holding(completed());
    await closeStage(tools, request, at(61));
    const [call, stage] = [tools.calls.items.get(CALL), tools.stages.items.get("stage-1")];
    await closeStage(tools, request, at(90));
    expect([tools.calls.items.get(CALL), tools.stages.items.get("stage-1")]).toEqual([call, stage]);
  });

  test("it frees no slot that names another call", async () => {
    const tools = holding(completed());
    tools.clients.items.set(BOB, bob({ activeCallId: ANOTHER_CALL }));
    await closeStage(tools, request, at(61));
    expect(slotsOf(tools)).toEqual([undefined, ANOTHER_CALL]);
  });

  test("it touches no stage that is leased to another call, free, or gone", async () => {
    for (const stage of [leasedStage(1, at(50), ANOTHER_CALL), freeStage(), undefined]) {
      const tools = holding(completed());
      tools.stages.items.clear();
      if (stage) tools.stages.items.set(stage.stageId, stage);
      await closeStage(tools, request, at(61));
      expect(tools.stages.items.get("stage-1")).toEqual(stage);
      expect(tools.calls.items.get(CALL)).toHaveProperty("cleanedUpAtMs");
    }
  });

  test("a crash in between is repaired by a repeat: what is held goes although the call is closed already", async () => {
    const tools = holding(completed());
    const rooms = closingOf({ ...tools.stages, replace: () => Promise.reject(new Error("crash")) });
    await expect(closeStage({ ...tools, rooms }, request, at(61))).rejects.toThrow("crash");
    await closeStage(tools, request, at(62));
    expect(tools.stages.items.get("stage-1")?.status).toBe("resting");
    expect(slotsOf(tools)).toEqual([undefined, undefined]);
  });

  test("by rule, what is held goes before the call is closed: the sweep has it until then", async () => {
    const tools = holding(completed());
    const rooms = closingOf({ ...tools.stages, replace: () => Promise.reject(new Error("crash")) });
    const failed = { callId: CALL, executionStatus: "FAILED" };
    await expect(closeStage({ ...tools, rooms }, failed, at(61))).rejects.toThrow("crash");
    expect(tools.calls.items.get(CALL)).not.toHaveProperty("cleanedUpAtMs");
    expect(tools.calls.items.get(CALL)).toHaveProperty("sweepAtMs");
  });

  test("a call that does not exist holds nothing", async () => {
    const tools = { ...holding(completed()), calls: fakeCalls() };
    expect(await closeStage(tools, request, at(61))).toBeUndefined();
  });
});

describe("after an execution that failed, timed out or was stopped", () => {
  const request = { callId: CALL, executionStatus: "ABORTED" };

  test("the call ends first, everybody hears of it, and then it is closed", async () => {
    for (const call of [ringing(), answered()]) {
      const tools = holding(call);
      await closeStage(tools, request, at(50));
      expect(tools.calls.items.get(CALL)).toMatchObject({ endReason: "failed", cleanedUpAtMs: at(50) });
      expect(slotsOf(tools)).toEqual([undefined, undefined]);
      const calls = tools.publisher.names().filter((name) => name !== "LegUpdated");
      expect(calls).toEqual(["LegEnded", "LegEnded", "CallEnded"]);
    }
  });

  test("a call that had ended by itself keeps its end reason", async () => {
    const tools = holding(completed());
    await closeStage(tools, request, at(70));
    expect(tools.calls.items.get(CALL)?.endReason).toBe("completed");
    expect(tools.publisher.names()).toContain("CallEnded");
  });
});
