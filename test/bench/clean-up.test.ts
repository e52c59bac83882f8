/** A small run of what bench/clean-up.ts does at scale. */
import "../stack-sources.ts";
import { expect, inject, test } from "vitest";
import { measureCleanUp } from "../../bench/clean-up.ts";

test("1,000 clients, ten of them in calls, go eight batches at once and leave nothing behind", async () => {
  const run = await measureCleanUp(inject("assembly"), 1_000);
  expect(run).toMatchObject({ deleted: 1_000, calls: 5, callsEnded: 5, failed: 0, left: [] });
  expect(run.mostBatchesAtOnce).toBe(8);
  expect(run.seconds).toBeLessThan(3);
  // Client and index, device, token row: 7 writes. Client, person, devices, history: 3.5 reads. The calls come to it.
  expect(run.units["dynamodb:write-unit"]).toBeLessThan(1_000 * 7.5);
  expect(run.units["dynamodb:read-unit"]).toBeLessThan(1_000 * 4);
});
