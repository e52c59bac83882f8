/** The throughput bench at its smallest: leases go through the real admission, and come back. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { arrivals, scenarioNamed } from "../../bench/throughput/scenarios.ts";
import type { ScenarioResult } from "../../bench/throughput/run-scenario.ts";

const PROGRAM = join(import.meta.dirname, "../../bench/throughput/run-scenario.ts");

/** In a process of its own: it replaces the clock and the document client. */
function run(name: string): ScenarioResult {
  const env = { ...process.env, POWERTOOLS_METRICS_DISABLED: "true", POWERTOOLS_LOG_LEVEL: "SILENT" };
  const { stdout, stderr, status } = spawnSync(process.execPath, [PROGRAM, name], { env, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as ScenarioResult;
}

test("a pool that is large enough serves every call, a stage per call five a second", () => {
  const { tally, baseline, free } = run("burst-30-of-100");
  expect(tally).toMatchObject({
    offered: [30, 0, 0, 0, 0],
    served: [30, 0, 0, 0, 0],
    refused: [0, 0, 0, 0, 0],
  });
  expect(free[0]).toBe(100);
  // 5 that IVS has saved up, 5 of that second, and those that repeat within their patience.
  expect(baseline?.served[0]).toBeGreaterThanOrEqual(10);
  expect(baseline?.served[0]).toBeLessThan(20);
});

test("the same seed brings the same calls: half are answered", () => {
  const scenario = scenarioNamed("leases-20-of-1000");
  const kinds = [...arrivals(scenario)].map(({ ending }) => ending.kind);
  expect(kinds).toEqual([...arrivals(scenario)].map(({ ending }) => ending.kind));
  expect(kinds.length / (15 * 60)).toBeCloseTo(20, 0);
  expect(kinds.filter((kind) => kind === "completed").length / kinds.length).toBeCloseTo(0.5, 1);
});
