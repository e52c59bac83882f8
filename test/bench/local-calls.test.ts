/** The bench of calls on a laptop plays its calls: a small run of it. What they cost is for the bench to say. */
import { expect, test } from "vitest";
import { measure } from "../../bench/local-calls.ts";
import "../stack-sources.ts";

test("calls of the bench ring, are answered and end; a request that is refused asks AWS for nothing", async () => {
  const { tables } = await measure("small");
  const [call, noOp] = tables[0]?.rows ?? [];
  expect(Number(call?.[4])).toBeGreaterThan(20);
  expect(noOp?.[4]).toBe("0");
});
