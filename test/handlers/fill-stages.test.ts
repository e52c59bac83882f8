import { describe, expect, test } from "vitest";
import { fillStages } from "../../handlers/media/ivs/pool/fill-stages.ts";
import { at, freeStage, leasedStage, restingStage } from "../builders.ts";
import { keeperWorld } from "./keeper-world.ts";

const PAUSE_MS = 1_000;

describe("when the stack is created, the pool is filled", () => {
  test("five stages a second, and nothing waits for the last ones", async () => {
    const it = keeperWorld({});
    expect(await fillStages({ ...it, minStages: 100 })).toBe(100);
    expect([it.count("free"), it.edge.now() - at(0)]).toEqual([100, 19 * PAUSE_MS]);
    expect(it.ivs.state.throttles).toBe(0);
  });

  test("in no time if five are enough", async () => {
    const it = keeperWorld({});
    await fillStages({ ...it, minStages: 5 });
    expect([it.count("free"), it.edge.pauses]).toEqual([5, []]);
  });

  test("with what is missing, when it is asked again", async () => {
    const it = keeperWorld({ pool: [freeStage(1), leasedStage(2), restingStage(3, at(9), at(0))] });
    await fillStages({ ...it, minStages: 4 });
    expect(await fillStages({ ...it, minStages: 4 })).toBe(4);
    expect(it.ivs.did("create")).toHaveLength(1);
  });

  test("more slowly while IVS throttles, and the rest is left to the keeper in time", async () => {
    const it = keeperWorld({});
    it.ivs.throttled.add("create");
    expect(await fillStages({ ...it, minStages: 10 })).toBe(0);
    expect(it.edge.now() - at(0)).toBeLessThanOrEqual(270_000);
  });

  test("as far as IVS's quota goes, which fails no deployment", async () => {
    const it = keeperWorld({});
    it.ivs.state.quota = 7;
    expect(await fillStages({ ...it, minStages: 100 })).toBe(7);
  });

  test("a failure of IVS fails the deployment", async () => {
    const it = keeperWorld({});
    it.ivs.create = () => Promise.reject(new Error("AccessDeniedException"));
    await expect(fillStages({ ...it, minStages: 1 })).rejects.toThrow("AccessDenied");
  });
});
