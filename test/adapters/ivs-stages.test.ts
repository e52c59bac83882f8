/** Stages through the API of IVS Real-Time. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { type IvsStages, ivsStages } from "../../handlers/adapters/ivs-stages.ts";
import { PERSON } from "../../local/door.ts";
import { createIvsRealtime, type IvsRealtime } from "../../local/ivs-realtime/ivs-realtime.ts";
import { type LocalAws, openLocalAws, REGION } from "./served-door.ts";

let aws: LocalAws;
let ivs: IvsRealtime;
let stages: IvsStages;

beforeEach(async () => {
  aws = await openLocalAws();
  ivs = createIvsRealtime(aws.door);
  aws.door.register(ivs.service);
  stages = stagesOf("ringmaster");
});
afterEach(() => aws.close());

const stagesOf = (STACK_NAME: string) => ivsStages({ AWS_REGION: REGION, STACK_NAME });

async function join(stageArn: string) {
  const input = { stageArn };
  const issued = await aws.door.call({
    service: "ivs",
    operation: "CreateParticipantToken",
    input,
    caller: PERSON,
  });
  return ivs.join((issued["participantToken"] as { token: string }).token);
}

test("a new stage has the id of its ARN and the endpoints that GetStage gives", async () => {
  const stage = await stages.create();
  expect(stage.arn).toMatch(new RegExp(`:stage/${stage.stageId}$`));
  expect(await stages.get(stage.arn)).toEqual(stage);
  expect(stage.endpoints).toEqual({
    events: expect.stringMatching(/^wss:/),
    whip: expect.stringMatching(/^https:/),
  });
});

test("a stack sees its own stages, and which of them are in use", async () => {
  const quiet = await stages.create();
  const used = await stages.create();
  await stagesOf("another-stack").create();
  await join(used.arn);
  const { stages: own, nextToken } = await stages.list();
  expect(own.toSorted((one) => (one.active ? 1 : -1))).toEqual([
    { stageId: quiet.stageId, arn: quiet.arn, active: false },
    { stageId: used.stageId, arn: used.arn, active: true },
  ]);
  expect(nextToken).toBeUndefined();
});

test("only who is connected now counts as connected in the session", async () => {
  const { arn } = await stages.create();
  expect(await stages.sessionOf(arn)).toBeUndefined();
  const alice = await join(arn);
  const bob = await join(arn);
  ivs.leave(bob);
  expect(await stages.sessionOf(arn)).toBe(alice.sessionId);
  expect(await stages.connected(arn, alice.sessionId)).toEqual([alice.participantId]);
});

test("who is disconnected is no longer connected", async () => {
  const { arn } = await stages.create();
  const lurker = await join(arn);
  await stages.disconnect(arn, lurker.participantId);
  expect(await stages.connected(arn, lurker.sessionId)).toEqual([]);
  expect(lurker.leftReason).toBe("participant-disconnected");
});

test("a stage is removed with everybody on it, and removing it again does no harm", async () => {
  const { arn } = await stages.create();
  const lurker = await join(arn);
  await stages.remove(arn);
  await stages.remove(arn);
  expect(lurker.connected).toBe(false);
  expect(await stages.get(arn)).toBeUndefined();
  expect(await stages.sessionOf(arn)).toBeUndefined();
});
