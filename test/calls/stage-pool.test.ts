import { describe, expect, test } from "vitest";
import { stagePoolShards } from "../../calls/limits.ts";
import {
  freed,
  leased,
  nextStepOfResting,
  oldestEndpointsMs,
  pooledStageSchema,
  rested,
  wantsNewEndpoints,
} from "../../calls/stage-pool.ts";
import { at, CALL, freeStage, leasedStage, restingStage } from "../builders.ts";

const DAY_S = 86_400;

test("a stage goes from free to leased to resting to free, and its place in the index with it", () => {
  const stages = [freeStage()];
  stages.push(leased(freeStage(), CALL, at(1)));
  stages.push(rested(leasedStage(), at(165), at(60)));
  stages.push(freed(restingStage(1, at(165), at(60)), at(200)));
  expect(stages.map(({ status, pool, sinceMs }) => [status, pool, sinceMs])).toEqual([
    ["free", "free#0", at(0)],
    ["leased", "leased#0", at(1)],
    ["resting", "resting#0", at(60)],
    ["free", "free#0", at(200)],
  ]);
  expect(stages.map(({ callId }) => callId)).toEqual([undefined, CALL, CALL, CALL]);
  for (const stage of stages) expect(pooledStageSchema.parse(stage)).toEqual(stage);
});

describe("a resting stage", () => {
  const stage = restingStage(1, at(165), at(60));

  test("waits while a token of its last call could still be used, empty or not", () => {
    for (const inUse of [true, false]) expect(nextStepOfResting(stage, inUse, at(165))).toBe("wait");
  });

  test("is free once the tokens have run out and nobody is seen on it", () => {
    expect(nextStepOfResting(stage, false, at(165) + 1)).toBe("free");
  });

  test("is replaced if somebody is still on it ten minutes after the call", () => {
    expect(nextStepOfResting(stage, true, at(60 + 600))).toBe("wait");
    expect(nextStepOfResting(stage, true, at(60 + 600) + 1)).toBe("replace");
  });
});

test("endpoints serve a lease for 13 days and are read again a day before", () => {
  const nowMs = at(14 * DAY_S);
  expect(oldestEndpointsMs(nowMs)).toBe(at(DAY_S));
  expect(wantsNewEndpoints(freeStage(1, at(2 * DAY_S)), nowMs)).toBe(false);
  expect(wantsNewEndpoints(freeStage(1, at(2 * DAY_S) - 1), nowMs)).toBe(true);
});

test("the free list has a shard for every 25 stages, at least 1 and at most 32", () => {
  expect([0, 1, 25, 26, 200, 1_000].map(stagePoolShards)).toEqual([1, 1, 1, 2, 8, 32]);
});
