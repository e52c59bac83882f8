/** A small run of what bench/clean-up.ts does at scale. */
import { expect, inject, test } from "vitest";
import { measureCleanUp } from "../../bench/clean-up.ts";

test("300 clients, four of them in calls, go three batches at once and leave nothing behind", async () => {
  const run = await measureCleanUp(inject("assembly"), 300);
  expect(run).toMatchObject({ deleted: 300, callsEnded: 2, failed: 0, left: [], mostBatchesAtOnce: 3 });
  expect(run.seconds).toBeLessThan(3);
  // Client and index, device, token row: 7 writes. Client, devices, history: 3 reads.
  expect(run.units["dynamodb:write-unit"]).toBeLessThan(300 * 7.5);
  expect(run.units["dynamodb:read-unit"]).toBeLessThan(300 * 4);
});
