/** The model and the whole system play the same plans, and every call ends in the same record, events, states and history. */
import { beforeAll, describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { startWorld, type World } from "../world.ts";
import type { Handlers } from "./function-runs.ts";
import { loadHandlers } from "./handlers.ts";
import type { CallOutcome } from "./outcomes.ts";
import type { run as runOf } from "./run.ts";
import { runOnSystem } from "./whole-system.ts";

/** The first seed, and how many: more than these with `SIMULATE_CROSS_CHECK="1 50" npm test -- cross-check`. */
const [FIRST_SEED = 1, SEEDS = 2] = (process.env["SIMULATE_CROSS_CHECK"] ?? "1 2").split(" ").map(Number);
const CALLS = 6;
const seeds = Array.from({ length: SEEDS }, (_, index) => FIRST_SEED + index);
const inModel = new Map<
  number,
  { readonly outcomes: readonly CallOutcome[]; readonly violations: readonly unknown[] }
>();

let [handlers, run]: [Handlers, typeof runOf] = [{}, undefined as never];
beforeAll(async () => {
  handlers = await loadHandlers();
  ({ run } = await import("./run.ts"));
  // Both replace the time of the process: the model plays first.
  for (const seed of seeds) {
    inModel.set(seed, await run({ seed, calls: CALLS, faults: "none", calm: true, handlers }));
  }
});

describe("the whole system", () => {
  let world: World;
  openForAll(startWorld, (opened) => void (world = opened));

  test.each(seeds)("does with the calls of seed %i what the model does", async (seed) => {
    const report = await runOnSystem({
      world,
      seed,
      calls: CALLS,
      faults: "none",
      calm: true,
      healsWithinMs: 180_000,
    });
    const model = inModel.get(seed);
    expect([...report.violations, ...(model?.violations ?? [])]).toEqual([]);
    expect(report.outcomes).toEqual(model?.outcomes);
  });
});
