/** Both inputs of close-stage, through its handler: from the workflow, and from the rule on failed executions. */
import type { Context } from "aws-lambda";
import { expect, test, vi } from "vitest";
import { fakeCalls } from "../fakes.ts";
import { at, CALL, ringing } from "../builders.ts";

const calls = fakeCalls();
vi.mock("../../handlers/store/call-store.ts", () => ({ callStore: () => calls }));
vi.mock("../../handlers/store/client-store.ts", () => ({
  clientSlots: () => ({ freeSlot: async () => "freed" }),
}));
vi.mock("../../handlers/media/ivs/pool/stage-store.ts", () => ({
  stageStore: () => ({ read: async () => undefined }),
}));
vi.mock("../../handlers/edge/event-bus.ts", () => ({
  eventBus: () => ({ publish: async () => undefined }),
}));
vi.mock("../../handlers/media/hint-queues.ts", () => ({
  endedCalls: () => ({ send: async () => undefined }),
}));
const { handler } = await import("../../handlers/close-stage.ts");
const close = (input: unknown) => handler(input, {} as Context);

const statusChange = (name: string) => ({
  source: "aws.states",
  "detail-type": "Step Functions Execution Status Change",
  detail: { name, status: "TIMED_OUT", stateMachineArn: "arn", executionArn: "arn" },
});

test.each([
  ["the workflow", { callId: CALL }],
  ["the rule, after the call's execution", statusChange(CALL)],
  ["the rule, after a repair", statusChange(`${CALL}-repair-2`)],
])("close-stage takes the input of %s", async (_from, input) => {
  calls.items.set(CALL, { ...ringing(), createdAtMs: at(0) });
  expect(await close(input)).toMatchObject({ snapshot: { callId: CALL, status: "ended" } });
});

test.each([
  ["nothing", {}],
  ["an execution that belongs to no call", statusChange("nightly-clean-up")],
  ["no call id", { callId: "call" }],
  ["another source", { ...statusChange(CALL), source: "aws.ec2" }],
])("%s is refused", async (_what, input) => {
  await expect(close(input)).rejects.toMatchObject({ name: "$ZodError" });
});
