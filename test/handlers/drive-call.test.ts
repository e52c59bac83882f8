import { expect, test } from "vitest";
import type { Call } from "../../calls/call.ts";
import { workflowView } from "../../calls/snapshot.ts";
import { CallInitiated } from "../../events/call-progress.ts";
import { WAKING_EVENTS } from "../../events/catalogue.ts";
import { driveCall } from "../../handlers/drive-call.ts";
import { answered, BOB, CALL, calling, closed, endedWhileRinging, ringing, waiting } from "../builders.ts";
import { fakeCalls, fakeWorkflow } from "../fakes.ts";

function drive(call: Call | undefined) {
  const tools = { calls: fakeCalls(...(call ? [call] : [])), workflow: fakeWorkflow() };
  const hear = (name: string) =>
    driveCall(tools, { "detail-type": name, detail: { callId: CALL, calleeId: BOB } });
  return { ...tools, hear };
}

/** The workflow has waited since before Bob answered. */
const behind: Call = { ...answered(), waitTurn: 0, taskToken: "task-token" };
const wakes = WAKING_EVENTS.filter((name) => name !== CallInitiated.name);

test("CallInitiated starts one execution, with the call's id as its name and the callee's id in its input", async () => {
  const { hear, workflow } = drive(calling());
  expect(await hear("CallInitiated")).toBe("started");
  expect(await hear("CallInitiated")).toBe("exists");
  expect(workflow.started).toEqual([{ callId: CALL, calleeId: BOB, name: CALL }]);
});

test.each(wakes)(
  "%s wakes a workflow that waits for an older turn, with the call as it stands (W4, W5)",
  async (name) => {
    const { hear, workflow } = drive(behind);
    expect(await hear(name)).toBe("woken");
    expect(workflow.woken).toEqual([{ taskToken: "task-token", view: workflowView(behind) }]);
    expect(workflow.started).toEqual([]);
  },
);

test("a change that the wait does not hope for wakes it with an error of that name", async () => {
  const declined = { ...endedWhileRinging("declined"), waitTurn: 0, taskToken: "task-token" };
  const { hear, workflow } = drive({ ...declined, waitsFor: "answer" });
  expect(await hear("CallDeclined")).toBe("woken");
  expect(workflow.woken).toEqual([
    { taskToken: "task-token", view: workflowView(declined), error: "declined" },
  ]);
});

test("a workflow that has followed this turn is not woken, however often events repeat (W4)", async () => {
  const { hear, workflow } = drive(waiting(answered()));
  for (const name of wakes) expect(await hear(name)).toBe("nothing new");
  expect(workflow.woken).toEqual([]);
});

test("an event before the first wait, after the clean-up, or of an unknown call wakes no workflow", async () => {
  for (const call of [ringing(), closed(), undefined]) {
    expect(await drive(call).hear("CallAnswered")).toBe("not waiting");
  }
});

test("a wait that is over already is no error", async () => {
  const { hear, workflow } = drive(behind);
  workflow.dead.add("task-token");
  expect(await hear("CallAnswered")).toBe("gone");
});
