import { describe, expect, test } from "vitest";
import {
  adopted,
  freed,
  isLurkedOn,
  leased,
  oldestEndpointsMs,
  placeOf,
  pooledStageSchema,
  refreshed,
  rested,
  retired,
  stillLeased,
  wouldProve,
} from "../../handlers/media/ivs/pool/stage-pool.ts";
import { at, CALL, freeStage, leasedStage, restingStage, stage } from "../builders.ts";

const DAY_S = 86_400;

test("a stage goes from free to leased to resting to free, each with its due time, and only a free one is in the index", () => {
  const resting = restingStage(1, at(165), at(60));
  const stages = [
    freeStage(),
    leased(freeStage(), CALL, at(1)),
    rested(leasedStage(), at(165), at(60)),
    freed(resting, at(200)),
    retired(resting, at(70)),
  ];
  expect(stages.map(({ status, sinceMs, dueAtMs }) => [status, sinceMs, dueAtMs])).toEqual([
    ["free", at(0), at(12 * DAY_S)],
    ["leased", at(1), at(601)],
    ["resting", at(60), at(165) + 1],
    ["free", at(200), at(12 * DAY_S)],
    ["retiring", at(70), at(70)],
  ]);
  expect(stages.map(placeOf).map(({ pool }) => pool)).toEqual([
    "free",
    undefined,
    undefined,
    "free",
    undefined,
  ]);
  expect(stages.map(({ callId }) => callId)).toEqual([undefined, CALL, CALL, CALL, CALL]);
  for (const one of stages) expect(pooledStageSchema.parse(one)).toEqual(one);
});

test("a lease is checked every ten minutes", () => {
  expect(stillLeased(leasedStage(), at(600))).toMatchObject({
    status: "leased",
    sinceMs: at(0),
    dueAtMs: at(1_200),
  });
});

describe("a sighting of an empty stage", () => {
  const resting = restingStage(1, at(165), at(60));

  test("proves nothing while a token of its last call is still valid", () => {
    expect([wouldProve(resting, at(165)), wouldProve(resting, at(165) + 1)]).toEqual([false, true]);
  });

  test("proves nothing if it is older than the rest", () => {
    expect(wouldProve(restingStage(1, at(10), at(60)), at(59))).toBe(false);
  });

  test("proves nothing about a stage that does not rest", () => {
    expect(wouldProve(leasedStage(), at(1_000))).toBe(false);
  });
});

test("a participant who is on a stage more than ten minutes after the call lurks", () => {
  const resting = restingStage(1, at(165), at(60));
  expect([isLurkedOn(resting, at(660)), isLurkedOn(resting, at(660) + 1)]).toEqual([false, true]);
});

test("a stage without a record rests as long as any token may be valid", () => {
  expect(adopted(stage(1), at(5), "resting")).toMatchObject({
    status: "resting",
    tokensUntilMs: at(5 + 900),
    dueAtMs: at(5 + 900) + 1,
  });
  expect(adopted(stage(1), at(5), "retiring")).toMatchObject({ status: "retiring", dueAtMs: at(5) });
});

test("endpoints serve a lease for 13 days and are read again a day earlier", () => {
  expect(oldestEndpointsMs(at(14 * DAY_S))).toBe(at(DAY_S));
  const { endpoints } = stage(1);
  expect(refreshed(freeStage(), endpoints, at(12 * DAY_S))).toMatchObject({
    endpointsAtMs: at(12 * DAY_S),
    dueAtMs: at(24 * DAY_S),
  });
});
