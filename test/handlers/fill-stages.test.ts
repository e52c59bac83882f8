import { describe, expect, test } from "vitest";
import { fillStages } from "../../handlers/media/ivs/pool/fill-stages.ts";
import { at, freeStage, leasedStage, restingStage } from "../builders.ts";
import { keeperWorld } from "./keeper-world.ts";

const PAUSE_MS = 1_000;

describe("when the stack is created, fill-stages", () => {
  test("creates five stages a second, and does not pause after the last ones", async () => {
    const it = keeperWorld({});
    expect(await fillStages({ ...it, minStages: 100 })).toBe(100);
    expect([it.count("free"), it.edge.now() - at(0)]).toEqual([100, 19 * PAUSE_MS]);
    expect(it.ivs.state.throttles).toBe(0);
  });

  test("does not pause if five stages are enough", async () => {
    const it = keeperWorld({});
    await fillStages({ ...it, minStages: 5 });
    expect([it.count("free"), it.edge.pauses]).toEqual([5, []]);
  });

  test("creates only the missing stages when it runs again", async () => {
    const it = keeperWorld({ pool: [freeStage(1), leasedStage(2), restingStage(3, at(9), at(0))] });
    await fillStages({ ...it, minStages: 4 });
    expect(await fillStages({ ...it, minStages: 4 })).toBe(4);
    expect(it.ivs.did("create")).toHaveLength(1);
  });

  test("goes slower while IVS throttles, and leaves the rest to the keeper", async () => {
    const it = keeperWorld({});
    it.ivs.throttled.add("create");
    expect(await fillStages({ ...it, minStages: 10 })).toBe(0);
    expect(it.edge.now() - at(0)).toBeLessThanOrEqual(270_000);
  });

  test("stops at IVS's quota without failing the deployment", async () => {
    const it = keeperWorld({});
    it.ivs.state.quota = 7;
    expect(await fillStages({ ...it, minStages: 100 })).toBe(7);
  });

  test("fails the deployment when IVS fails", async () => {
    const it = keeperWorld({});
    it.ivs.create = () => Promise.reject(new Error("AccessDeniedException"));
    await expect(fillStages({ ...it, minStages: 1 })).rejects.toThrow("AccessDenied");
  });
});
