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

  test("it frees both slots, rests the stage until the last token has expired, and closes the call", async () => {
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

  test("a client that was deleted meanwhile gets no history, unless the stack keeps history", async () => {
    for (const keepHistory of [false, true]) {
      const tools = { ...holding(completed()), keepHistory };
      tools.clients.items.delete(BOB);
      await closeStage(tools, request, at(61));
      const remembering = [...tools.calls.rows.values()].map(({ clientId }) => clientId);
      expect(remembering).toEqual(keepHistory ? [ALICE, BOB] : [ALICE]);
    }
  });

  test("it asks for a check of the stage once the grace period has passed", async () => {
    const tools = holding(completed());
    await closeStage(tools, request, at(62));
    expect(tools.endedCalls.passed).toEqual([{ body: { kind: "ended", callId: CALL }, delaySeconds: 6 }]);
  });

  test("it asks for that check at once if an operator has ended the call for everyone", async () => {
    const olivia = { sub: "sub-of-olivia", username: "olivia" };
    const tools = holding(after(answered(), endForEverybody(olivia), at(60)));
    await closeStage(tools, request, at(62));
    expect(tools.endedCalls.passed).toMatchObject([{ delaySeconds: 0 }]);
  });

  test("it publishes the end of the call, and nothing of the legs, whose ends are published already", async () => {
    const tools = holding(completed());
    await closeStage(tools, request, at(61));
    expect(tools.publisher.events).toMatchObject([{ name: "CallEnded", detail: { endReason: "completed" } }]);
  });

  test("a second run changes nothing", async () => {
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

  test("it touches no stage that is free, leased to another call, or deleted", async () => {
    for (const stage of [leasedStage(1, at(50), ANOTHER_CALL), freeStage(), undefined]) {
      const tools = holding(completed());
      tools.stages.items.clear();
      if (stage) tools.stages.items.set(stage.stageId, stage);
      await closeStage(tools, request, at(61));
      expect(tools.stages.items.get("stage-1")).toEqual(stage);
      expect(tools.calls.items.get(CALL)).toHaveProperty("cleanedUpAtMs");
    }
  });

  test("a repeat after a crash frees what the closed call still holds", async () => {
    const tools = holding(completed());
    const rooms = closingOf({ ...tools.stages, replace: () => Promise.reject(new Error("crash")) });
    await expect(closeStage({ ...tools, rooms }, request, at(61))).rejects.toThrow("crash");
    await closeStage(tools, request, at(62));
    expect(tools.stages.items.get("stage-1")?.status).toBe("resting");
    expect(slotsOf(tools)).toEqual([undefined, undefined]);
  });

  test("a run by rule frees everything before it closes the call, so that the sweep still finds the call after a crash", async () => {
    const tools = holding(completed());
    const rooms = closingOf({ ...tools.stages, replace: () => Promise.reject(new Error("crash")) });
    const failed = { callId: CALL, executionStatus: "FAILED" };
    await expect(closeStage({ ...tools, rooms }, failed, at(61))).rejects.toThrow("crash");
    expect(tools.calls.items.get(CALL)).not.toHaveProperty("cleanedUpAtMs");
    expect(tools.calls.items.get(CALL)).toHaveProperty("sweepAtMs");
  });

  test("a call that does not exist has nothing to free", async () => {
    const tools = { ...holding(completed()), calls: fakeCalls() };
    expect(await closeStage(tools, request, at(61))).toBeUndefined();
  });
});

describe("after an execution that failed, timed out or was stopped", () => {
  const request = { callId: CALL, executionStatus: "ABORTED" };

  test("it ends the call, publishes the end, and then closes the call", async () => {
    for (const call of [ringing(), answered()]) {
      const tools = holding(call);
      await closeStage(tools, request, at(50));
      expect(tools.calls.items.get(CALL)).toMatchObject({ endReason: "failed", cleanedUpAtMs: at(50) });
      expect(slotsOf(tools)).toEqual([undefined, undefined]);
      const calls = tools.publisher.names().filter((name) => name !== "LegUpdated");
      expect(calls).toEqual(["LegEnded", "LegEnded", "CallEnded"]);
    }
  });

  test("a call that ended by itself keeps its end reason", async () => {
    const tools = holding(completed());
    await closeStage(tools, request, at(70));
    expect(tools.calls.items.get(CALL)?.endReason).toBe("completed");
    expect(tools.publisher.names()).toContain("CallEnded");
  });
});
