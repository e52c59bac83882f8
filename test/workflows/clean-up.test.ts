/** The definition of the clean-up, as data. */
import { expect, test } from "vitest";
import { functionSizes } from "../../infra/function-sizes.ts";
import { cleanUpWorkflow } from "../../workflows/clean-up.ts";

interface Retry {
  readonly IntervalSeconds: number;
  readonly MaxAttempts: number;
  readonly BackoffRate: number;
  readonly MaxDelaySeconds: number;
}
interface Task {
  readonly TimeoutSeconds?: number;
  readonly Retry?: readonly Retry[];
  readonly ItemProcessor?: { readonly States: Record<string, Task> };
}

const { States } = cleanUpWorkflow() as { States: Record<string, Task> };
const children = States["Delete clients"]?.ItemProcessor?.States ?? {};

/** All attempts run until they are given up, and every pause is as long as it may be. */
function longest({ TimeoutSeconds = 0, Retry: [retry] = [] }: Task): number {
  if (!retry) return TimeoutSeconds;
  const pauses = Array.from({ length: retry.MaxAttempts }, (_, index) =>
    Math.min(retry.MaxDelaySeconds, retry.IntervalSeconds * retry.BackoffRate ** index),
  );
  return TimeoutSeconds * (retry.MaxAttempts + 1) + pauses.reduce((sum, pause) => sum + pause, 0);
}

test("all that an Express child may try fits into four minutes of its five", () => {
  const seconds = Object.values(children).reduce((sum, state) => sum + longest(state), 0);
  expect(Object.keys(children)).toContain("Delete batch");
  expect(seconds).toBeLessThanOrEqual(240);
});

test("a function is stopped by Lambda before its state gives it up and runs it again", () => {
  expect(children["Delete batch"]?.TimeoutSeconds).toBeGreaterThan(
    functionSizes["delete-clients"].timeoutSeconds,
  );
  expect(States["List clients"]?.TimeoutSeconds).toBeGreaterThan(
    functionSizes["list-clients"].timeoutSeconds,
  );
  expect(States["Report"]?.TimeoutSeconds).toBeGreaterThan(functionSizes["report-clean-up"].timeoutSeconds);
});

test("nothing tells an operator to redrive: a Map that was caught, and a Fail, are not run again by that", () => {
  expect(JSON.stringify(cleanUpWorkflow())).not.toMatch(/redriv/i);
});
