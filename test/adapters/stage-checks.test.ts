/** The participants that are connected to a stage, and the queue of checks. */
import { expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import { doubts } from "../../handlers/media/hint-queues.ts";
import { stageChecks } from "../../handlers/media/ivs/stage-checks.ts";
import type { RoomChecks } from "../../handlers/media/port.ts";
import { PERSON, type Shape } from "../../packages/local-aws/src/local-aws.ts";
import {
  createIvsRealtime,
  type IvsRealtime,
} from "../../packages/local-aws/src/ivs-realtime/ivs-realtime.ts";
import { SESSION_LINGERS_MS } from "../../packages/local-aws/src/ivs-realtime/media-plane.ts";
import { createSqs } from "../../packages/local-aws/src/sqs/sqs.ts";
import { refused, THROTTLED } from "../scenarios/faults.ts";
import { callId } from "./builders.ts";
import { type TestAws, serveTestAws, REGION } from "../../packages/local-aws/test/served-aws.ts";

let aws: TestAws;
let ivs: IvsRealtime;
let looks: { connected(arn: string): ReturnType<RoomChecks["connected"]> };

openForEach(serveTestAws, (opened) => {
  aws = opened;
  ivs = createIvsRealtime(aws.localAws);
  aws.localAws.register(ivs.service);
  const ofRooms = stageChecks({ AWS_REGION: REGION });
  looks = { connected: (arn) => ofRooms.connected({ stageId: "stage", arn }) };
});

const call = (service: string, operation: string, input: Shape) =>
  aws.localAws.call({ service, operation, input, caller: PERSON });

async function newStage(): Promise<string> {
  const { stage } = await call("ivs", "CreateStage", {});
  return (stage as { arn: string }).arn;
}
async function join(stageArn: string, userId: string) {
  const { participantToken } = await call("ivs", "CreateParticipantToken", { stageArn, userId });
  return ivs.join((participantToken as { token: string }).token);
}

test("connected participants are found, publishing or not, and those who left are not", async () => {
  const arn = await newStage();
  const [alice, bob] = [await join(arn, "alice"), await join(arn, "bob")];
  ivs.publish(alice);
  ivs.leave(bob);
  expect(await looks.connected(arn)).toEqual([{ participantId: alice.participantId, userId: "alice" }]);
});

test("a participant that comes back in a later session is found", async () => {
  const arn = await newStage();
  ivs.leave(await join(arn, "alice"));
  await aws.clock.advance(SESSION_LINGERS_MS + 1);
  expect(await looks.connected(arn)).toEqual([]);
  const back = await join(arn, "alice");
  expect(await looks.connected(arn)).toEqual([{ participantId: back.participantId, userId: "alice" }]);
});

test("a stage without a session, or a deleted one, has no participants, which needs no list request", async () => {
  const arn = await newStage();
  aws.asked.length = 0;
  expect(await looks.connected(arn)).toEqual([]);
  await call("ivs", "DeleteStage", { arn });
  expect(await looks.connected(arn)).toEqual([]);
  expect(aws.asked).toEqual(["GetStage", "DeleteStage", "GetStage"]);
});

test("a throttled request is not repeated", async () => {
  const arn = await newStage();
  await join(arn, "alice");
  for (const operation of ["GetStage", "ListParticipants"]) {
    aws.asked.length = 0;
    aws.localAws.interfere({ service: "ivs", operation, fault: refused(THROTTLED) });
    expect(await looks.connected(arn)).toBe("throttled");
    expect(aws.asked.filter((asked) => asked === operation)).toHaveLength(1);
  }
});

test("hints arrive in the queue after their delay, ten per request", async () => {
  const sqs = createSqs(aws.localAws);
  aws.localAws.register(sqs.service);
  const { ref } = (await sqs.resources["AWS::SQS::Queue"]?.create({
    logicalId: "Doubts",
    properties: { QueueName: "doubts" },
    physicalName: () => "doubts",
    assetPath: () => "",
  })) ?? { ref: "" };
  const queue = doubts({ AWS_REGION: REGION, DOUBTS_QUEUE_URL: String(ref) });
  aws.asked.length = 0;
  const hints = Array.from({ length: 12 }, (_, n) => ({ kind: "answered" as const, callId: callId(n) }));
  await queue.send(hints, 20);
  expect(aws.asked).toEqual(["SendMessageBatch", "SendMessageBatch"]);
  const count = async () =>
    (await call("sqs", "GetQueueAttributes", { QueueUrl: ref, AttributeNames: ["All"] }))["Attributes"];
  expect(await count()).toMatchObject({
    ApproximateNumberOfMessages: "0",
    ApproximateNumberOfMessagesDelayed: "12",
  });
  await aws.clock.advance(20_000);
  expect(await count()).toMatchObject({ ApproximateNumberOfMessages: "12" });
});
