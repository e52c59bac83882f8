/** Executions and task tokens through Step Functions. */
import { StateMachineDoesNotExist } from "@aws-sdk/client-sfn";
import { expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import { callWorkflow } from "../../handlers/edge/call-workflow.ts";
import type { Workflow } from "../../handlers/call/wake-call.ts";
import { PERSON, type Shape } from "../../packages/local-aws/src/local-aws.ts";
import { createStepFunctions } from "../../packages/local-aws/src/step-functions/create-step-functions.ts";
import { workflowView } from "../../calls/snapshot.ts";
import { ALICE, BOB, callFrom, callId } from "./builders.ts";
import { type TestAws, serveTestAws, REGION } from "../../packages/local-aws/test/served-aws.ts";

const CALL = callId(1);
const STARTED = { callId: CALL, calleeId: BOB.clientId };
const VIEW = workflowView(callFrom(ALICE, BOB));
/** One wait, which sends its token to a queue that the test reads. */
const DEFINITION = {
  QueryLanguage: "JSONata",
  StartAt: "Ringing",
  States: {
    Ringing: {
      Type: "Task",
      Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
      Arguments: { QueueUrl: "queue", MessageBody: "{% $states.context.Task.Token %}" },
      TimeoutSeconds: 600,
      End: true,
    },
  },
};

let aws: TestAws;
let workflow: Workflow;
let machineArn: string;
let tokens: string[];

const states = (operation: string, input: Shape): Promise<Shape> =>
  aws.localAws.call({ service: "states", operation, input, caller: PERSON });
const workflowOf = (arn: string) =>
  callWorkflow({ AWS_REGION: REGION, CALL_WORKFLOW_ARN: arn }, () => aws.clock.now());

openForEach(serveTestAws, async (opened) => {
  aws = opened;
  tokens = [];
  aws.localAws.register(createStepFunctions(aws.localAws).service);
  const take = ({ MessageBody }: Shape): Shape => {
    tokens.push(String(MessageBody));
    return { MessageId: "1", MD5OfMessageBody: "" };
  };
  aws.localAws.register({ name: "sqs", operations: { SendMessage: { permissions: () => [], run: take } } });
  const roleArn = "arn:aws:iam::000000000000:role/workflow";
  const machine = { name: "call", roleArn, definition: JSON.stringify(DEFINITION) };
  machineArn = String((await states("CreateStateMachine", machine))["stateMachineArn"]);
  workflow = workflowOf(machineArn);
});

/** The token of the execution's wait. */
async function waiting(): Promise<string> {
  await aws.clock.until(() => tokens.length > 0);
  return tokens[0] ?? "";
}
const execution = () =>
  states("DescribeExecution", {
    executionArn: `${machineArn.replace(":stateMachine:", ":execution:")}:${CALL}`,
  });

test("an execution has the call's id as its name, and its input is the ids of the call and its callee", async () => {
  expect(await workflow.start(STARTED, CALL)).toBe("started");
  expect(await execution()).toMatchObject({
    name: CALL,
    status: "RUNNING",
    input: JSON.stringify({ callId: CALL, calleeId: BOB.clientId }),
  });
});

test("a second start does nothing: the execution runs once, and its name is used up after its end", async () => {
  await workflow.start(STARTED, CALL);
  const token = await waiting();
  await aws.clock.advance(30_000);
  expect(await workflow.start(STARTED, CALL)).toBe("running");
  await workflow.wake(token, VIEW);
  await aws.clock.settle();
  expect(await workflow.start(STARTED, CALL)).toBe("exists");
  expect(await workflow.start(STARTED, `${CALL}-repair-1`)).toBe("started");
  await aws.clock.settle();
  expect(tokens).toHaveLength(2);
});

test("an execution that an older release started counts as started", async () => {
  const input = JSON.stringify({ callId: CALL });
  await states("StartExecution", { stateMachineArn: machineArn, name: CALL, input });
  const token = await waiting();
  await aws.clock.advance(30_000);
  expect(await workflow.start(STARTED, CALL)).toBe("running");
  await workflow.wake(token, VIEW);
  await aws.clock.settle();
  expect(await workflow.start(STARTED, CALL)).toBe("exists");
});

test("a wait that is woken continues with its output, and its token wakes nothing a second time", async () => {
  await workflow.start(STARTED, CALL);
  const token = await waiting();
  expect(await workflow.wake(token, VIEW)).toBe("woken");
  await aws.clock.settle();
  const { status, output } = await execution();
  expect([status, JSON.parse(String(output))]).toEqual(["SUCCEEDED", VIEW]);
  expect(await workflow.wake(token, VIEW)).toBe("gone");
});

test("a wait that is woken with an error ends with it, and the error contains the call", async () => {
  await workflow.start(STARTED, CALL);
  const token = await waiting();
  expect(await workflow.wake(token, VIEW, "declined")).toBe("woken");
  await aws.clock.settle();
  const { status, error, cause } = await execution();
  expect([status, error, JSON.parse(String(cause))]).toEqual(["FAILED", "declined", VIEW]);
  expect(await workflow.wake(token, VIEW, "declined")).toBe("gone");
});

test("the token of a wait that timed out, or an invalid token, is gone", async () => {
  await workflow.start(STARTED, CALL);
  const token = await waiting();
  await aws.clock.advance(601_000);
  expect(await workflow.wake(token, VIEW)).toBe("gone");
  expect(await workflow.wake("no token of anybody's", VIEW)).toBe("gone");
});

test("any other refusal is an error", async () => {
  const nowhere = workflowOf(machineArn.replace(/call$/, "no-such-machine"));
  await expect(nowhere.start(STARTED, CALL)).rejects.toThrow(StateMachineDoesNotExist);
});
