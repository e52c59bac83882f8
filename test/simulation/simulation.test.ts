/** Fixed seeds of the model: the long run is `npm run simulate`. */
import { beforeAll, expect, test } from "vitest";
import type { FaultLevel } from "./faults.ts";
import { loadHandlers } from "./handlers.ts";
import type { Handlers } from "./function-runs.ts";
import type { run as runOf } from "./run.ts";

let [handlers, run]: [Handlers, typeof runOf] = [{}, undefined as never];
beforeAll(async () => {
  handlers = await loadHandlers();
  ({ run } = await import("./run.ts"));
});

const SEEDS: Readonly<Record<FaultLevel, readonly number[]>> = {
  none: [1, 2],
  phones: [3, 4, 5],
  light: [6, 7],
  heavy: [8, 9, 10, 11, 12, 13],
};
const cases = Object.entries(SEEDS).flatMap(([faults, seeds]) =>
  seeds.map((seed) => ({ faults: faults as FaultLevel, seed })),
);

test.each(cases)(
  "every call of seed $seed ends as it should, with $faults faults",
  async ({ faults, seed }) => {
    const { violations, endings } = await run({ seed, calls: 40, faults, handlers });
    expect(violations).toEqual([]);
    // A stack that refuses everything breaks no rule.
    expect(endings["completed"]).toBeGreaterThan(0);
  },
);

test("a seed plays the same twice, whatever was played between", async () => {
  const play = async () => {
    const { told } = await run({ seed: 21, calls: 15, faults: "heavy", handlers });
    // Call ids begin with the time of the run.
    return told.map(
      ({ atMs, kind, text }) => `${atMs} ${kind} ${text.replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-/g, "")}`,
    );
  };
  const first = await play();
  await run({ seed: 22, calls: 5, faults: "none", handlers });
  expect(await play()).toEqual(first);
});
