import { describe, expect, test } from "vitest";
import {
  goalOf,
  INITIAL_STATE,
  type KeeperState,
  reserveOf,
  retryAfterSeconds,
  withCount,
  withFullQuota,
} from "../../handlers/media/ivs/pool/pool-keeper.ts";
import { at } from "../builders.ts";

const BOUNDS = { minStages: 100, maxStages: 400 };
const state = (more: Partial<KeeperState>): KeeperState => ({
  ...INITIAL_STATE,
  countedAtMs: at(0),
  ...more,
});

describe("the demand", () => {
  test("is the fall in free stages per second, plus what the keeper has added", () => {
    let learnt = state({ free: 100 });
    for (let second = 1; second <= 300; second += 1) {
      learnt = withCount({ ...learnt, added: 3 }, learnt.free + 3 - 5, at(second));
    }
    expect(learnt.demand).toBeCloseTo(5, 1);
  });

  test("of a quiet pool falls to zero, and stages that come back do not count", () => {
    expect(withCount(state({ free: 10, demand: 2 }), 90, at(600)).demand).toBeLessThan(0.001);
  });

  test("is not known from the first count", () => {
    expect(withCount(state({ countedAtMs: 0 }), 50, at(0)).demand).toBe(0);
  });
});

test("the reserve is half of the minimum size, or the stages that the calls of a minute take", () => {
  expect(reserveOf(state({ demand: 0.1 }), BOUNDS)).toBe(50);
  expect(reserveOf(state({ demand: 2 }), BOUNDS)).toBe(120);
  expect(reserveOf(state({}), { minStages: 71_000, maxStages: 71_000 })).toBe(500);
});

describe("the size of the pool", () => {
  const goal = (more: Partial<KeeperState>, size: number, bounds = BOUNDS) =>
    goalOf(state(more), { size, step: 5, ...bounds }, at(1));

  test("is the minimum, rises by one step while few stages are free, and stops at the maximum", () => {
    expect([goal({}, 0), goal({ free: 60, goal: 100 }, 100)]).toEqual([100, 100]);
    expect([goal({ free: 49, goal: 100 }, 100), goal({ goal: 399 }, 399)]).toEqual([105, 400]);
  });

  test("does not fall with the demand, and falls with the maximum", () => {
    expect(goal({ free: 300, goal: 300 }, 300)).toBe(300);
    expect(goal({ free: 300, goal: 300 }, 300, { minStages: 50, maxStages: 200 })).toBe(200);
  });

  test("stays for a minute if IVS's quota is full, even below the minimum", () => {
    const full = withFullQuota(state({ goal: 95 }), 93, at(0));
    expect(goalOf(full, { size: 93, step: 5, ...BOUNDS }, at(59))).toBe(93);
    expect(goalOf(full, { size: 93, step: 5, ...BOUNDS }, at(60))).toBe(100);
  });
});

describe("a caller who finds no stage is told to come back", () => {
  test.each([
    ["when the next stage is due", state({ refillAtMs: at(12), countedAtMs: at(1) }), at(2), 10],
    [
      "in a second, if the keeper runs and a stage is due",
      state({ refillAtMs: at(2), countedAtMs: at(1) }),
      at(3),
      1,
    ],
    [
      "when the keeper runs next, if it does not run now",
      state({ refillAtMs: at(2), countedAtMs: at(1) }),
      at(31),
      30,
    ],
    ["in a minute at most", state({ refillAtMs: at(300), countedAtMs: at(1) }), at(2), 60],
    ["in a second, if the state is unknown", undefined, at(2), 1],
  ])("%s", (_when, known, nowMs, seconds) => {
    expect(retryAfterSeconds(known, nowMs)).toBe(seconds);
  });
});
