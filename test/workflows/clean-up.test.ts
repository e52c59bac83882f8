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

/** Every attempt runs until it is given up, and every pause is as long as it may be. */
function longest({ TimeoutSeconds = 0, Retry: [retry] = [] }: Task): number {
  if (!retry) return TimeoutSeconds;
  const pauses = Array.from({ length: retry.MaxAttempts }, (_, index) =>
    Math.min(retry.MaxDelaySeconds, retry.IntervalSeconds * retry.BackoffRate ** index),
  );
  return TimeoutSeconds * (retry.MaxAttempts + 1) + pauses.reduce((sum, pause) => sum + pause, 0);
}

test("all attempts of an Express child take at most four of its five minutes", () => {
  const seconds = Object.values(children).reduce((sum, state) => sum + longest(state), 0);
  expect(Object.keys(children)).toContain("Delete batch");
  expect(seconds).toBeLessThanOrEqual(240);
});

test("Lambda stops a function before its state gives it up and runs it again", () => {
  expect(children["Delete batch"]?.TimeoutSeconds).toBeGreaterThan(
    functionSizes["delete-clients"].timeoutSeconds,
  );
  expect(States["List clients"]?.TimeoutSeconds).toBeGreaterThan(
    functionSizes["list-clients"].timeoutSeconds,
  );
  expect(States["Report"]?.TimeoutSeconds).toBeGreaterThan(functionSizes["report-clean-up"].timeoutSeconds);
});

test("no text tells an operator to redrive, because that runs neither a caught Map nor a Fail again", () => {
  expect(JSON.stringify(cleanUpWorkflow())).not.toMatch(/redriv/i);
});
