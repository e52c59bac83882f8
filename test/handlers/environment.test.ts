import { afterEach, expect, test, vi } from "vitest";
import { readEnvironment, readVariables } from "../../handlers/edge/environment.ts";
import { directPushVariables } from "../../handlers/push/direct/environment.ts";

afterEach(() => vi.unstubAllEnvs());

test("a function gets the variables that it asks for, parsed", () => {
  vi.stubEnv("RING_SECONDS", "30");
  expect(readEnvironment("CALLS_TABLE", "RING_SECONDS", "PUSH")).toEqual({
    CALLS_TABLE: "calls",
    RING_SECONDS: 30,
    PUSH: "none",
  });
});

test("the error names every variable that is missing or wrong, and no other", () => {
  vi.stubEnv("CALLS_TABLE", undefined);
  vi.stubEnv("BUS_NAME", "");
  vi.stubEnv("RING_SECONDS", "300");
  vi.stubEnv("PUSH", "sns");
  const read = () => readEnvironment("AWS_REGION", "CALLS_TABLE", "BUS_NAME", "RING_SECONDS", "PUSH");
  expect(read).toThrow(/^the function's environment is not complete: /);
  for (const name of ["CALLS_TABLE", "BUS_NAME", "RING_SECONDS", "PUSH"]) expect(read).toThrow(`${name}: `);
  expect(read).not.toThrow(/AWS_REGION/);
});

test("an optional variable may be missing", () => {
  expect(readVariables(directPushVariables).FCM_SECRET).toBeUndefined();
});

test("a function with an incomplete environment fails when it loads", async () => {
  vi.resetModules();
  vi.stubEnv("CALL_WORKFLOW_ARN", undefined);
  await expect(import("../../handlers/drive-call.ts")).rejects.toThrow("CALL_WORKFLOW_ARN");
});
