import { describe, expect, test } from "vitest";
import { deleteStages } from "../../handlers/media/ivs/pool/delete-stages.ts";
import { at } from "../builders.ts";
import { keeperWorld } from "./keeper-world.ts";

const ids = (amount: number): string[] => Array.from({ length: amount }, (_, serial) => `stage-${serial}`);
const stackName = "Ringmaster";

describe("when the stack is deleted, the stages of the pool are deleted", () => {
  test("3,000 stages within ten minutes, five a second, and IVS throttles no request", async () => {
    const it = keeperWorld({ ivs: ids(3_000) });
    expect(await deleteStages({ ...it, stackName })).toBe(3_000);
    expect([it.ivs.existing.size, it.ivs.state.throttles]).toEqual([0, 0]);
    expect(it.edge.now() - at(0)).toBeLessThanOrEqual(600_000);
  });

  test("five stages within a second", async () => {
    const it = keeperWorld({ ivs: ids(5) });
    expect(await deleteStages({ ...it, stackName })).toBe(5);
    expect(it.edge.now() - at(0)).toBeLessThanOrEqual(1_000);
  });

  test("a stage that a running keeper still creates", async () => {
    const it = keeperWorld({ ivs: ids(3) });
    Object.assign(it.row.stored, { owner: "keeper", untilMs: at(30) });
    const { now } = it.edge;
    const list: typeof it.ivs.list = async (token) => {
      if (now() === at(20)) await it.ivs.create();
      return it.ivs.list(token);
    };
    expect(await deleteStages({ ...it, ivs: { ...it.ivs, list }, stackName })).toBe(4);
    expect(it.ivs.existing.size).toBe(0);
  });

  test("the error names the stages that are left after the time limit, and what to do", async () => {
    const it = keeperWorld({ ivs: ids(8) });
    it.ivs.throttled.add("remove");
    await expect(deleteStages({ ...it, stackName: "Staging" })).rejects.toThrow(
      /^0 stages are deleted, 8 or more are left: arn:\S+stage-0, .*…\. Delete the stack again, .* npm run stages -- delete --stack Staging$/,
    );
    expect(it.edge.now() - at(0)).toBeLessThanOrEqual(840_000);
  });

  test("a deletion that IVS throttles for a while takes longer and deletes every stage", async () => {
    const it = keeperWorld({ ivs: ids(12) });
    it.ivs.throttled.add("list");
    const pause: typeof it.edge.pause = async (milliseconds) => {
      if (it.edge.now() >= at(10)) it.ivs.throttled.clear();
      await it.edge.pause(milliseconds);
    };
    expect(await deleteStages({ ...it, edge: { ...it.edge, pause }, stackName })).toBe(12);
  });
});
