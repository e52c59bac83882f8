/** Stages through the API of IVS Real-Time. */
import { expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import type { Stage } from "../../handlers/media/ivs/stage.ts";
import { type IvsStages, ivsStages, type StagePage } from "../../handlers/media/ivs/ivs-stages.ts";
import { AwsError, PERSON } from "../../packages/local-aws/src/local-aws.ts";
import {
  createIvsRealtime,
  type IvsRealtime,
} from "../../packages/local-aws/src/ivs-realtime/ivs-realtime.ts";
import { type TestAws, serveTestAws, REGION } from "../../packages/local-aws/test/served-aws.ts";

const QUOTA = 3;

let aws: TestAws;
let ivs: IvsRealtime;
let stages: IvsStages;

openForEach(serveTestAws, (opened) => {
  aws = opened;
  ivs = createIvsRealtime(aws.localAws, { stages: QUOTA });
  aws.localAws.register(ivs.service);
  stages = stagesOf("ringmaster");
});

const stagesOf = (STACK_NAME: string) => ivsStages({ AWS_REGION: REGION, STACK_NAME });

async function created(some = stages): Promise<Stage> {
  const stage = await some.create();
  if (typeof stage === "string") throw new Error(stage);
  return stage;
}

async function listed(): Promise<StagePage> {
  const page = await stages.list();
  if (typeof page === "string") throw new Error(page);
  return page;
}

async function join(stageArn: string) {
  const input = { stageArn };
  const issued = await aws.localAws.call({
    service: "ivs",
    operation: "CreateParticipantToken",
    input,
    caller: PERSON,
  });
  return ivs.join((issued["participantToken"] as { token: string }).token);
}

test("a new stage has the id in its ARN and the endpoints of GetStage", async () => {
  const stage = await created();
  expect(stage.arn).toMatch(new RegExp(`:stage/${stage.stageId}$`));
  expect(await stages.get(stage.arn)).toEqual(stage);
  expect(stage.endpoints).toEqual({
    events: expect.stringMatching(/^wss:/),
    whip: expect.stringMatching(/^https:/),
  });
});

test("a stack sees its own stages, with the session of each that is in use", async () => {
  const quiet = await created();
  const used = await created();
  await created(stagesOf("another-stack"));
  const { sessionId } = await join(used.arn);
  const { stages: own, nextToken } = await listed();
  expect(own.toSorted((one) => (one.sessionId ? 1 : -1))).toEqual([
    { stageId: quiet.stageId, arn: quiet.arn },
    { stageId: used.stageId, arn: used.arn, sessionId },
  ]);
  expect(nextToken).toBeUndefined();
});

test("only participants that are connected now count as connected in the session", async () => {
  const { arn } = await created();
  const alice = await join(arn);
  const bob = await join(arn);
  ivs.leave(bob);
  expect(await stages.connected(arn, alice.sessionId)).toBe(1);
  ivs.leave(alice);
  expect(await stages.connected(arn, alice.sessionId)).toBe(0);
});

test("a stage is deleted with its participants, and a repeat does no harm", async () => {
  const { arn } = await created();
  const lurker = await join(arn);
  expect([await stages.remove(arn), await stages.remove(arn)]).toEqual(["removed", "removed"]);
  expect(lurker.connected).toBe(false);
  expect(await stages.get(arn)).toBe("gone");
  expect(await stages.connected(arn, lurker.sessionId)).toBe(0);
});

test("a full quota is a result, and so is a page token that IVS does not know", async () => {
  for (let n = 0; n < QUOTA; n += 1) await created();
  expect(await stages.create()).toBe("quota full");
  expect(await stages.list("bm9uZQ")).toBe("bad token");
});

test.each([
  ["ThrottlingException", 429],
  ["ThrottlingException", 400],
  ["UnknownError", 429],
])("a throttle is a result, as %s with status %i, and the request is not repeated", async (code, status) => {
  const { arn } = await created();
  let refused = 0;
  for (const operation of ["CreateStage", "GetStage", "ListStages", "ListParticipants", "DeleteStage"])
    aws.localAws.interfere({
      service: "ivs",
      operation,
      times: Number.POSITIVE_INFINITY,
      fault: async () => {
        refused += 1;
        throw new AwsError(code, "Rate exceeded", status);
      },
    });
  expect([
    await stages.create(),
    await stages.get(arn),
    await stages.list(),
    await stages.connected(arn, "st-aaaaaaaaaaaaa"),
    await stages.remove(arn),
  ]).toEqual(Array(5).fill("throttled"));
  expect(refused).toBe(5);
});
