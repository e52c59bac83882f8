import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Problem, problemCodes, statusOfProblem } from "../../api/problems.ts";
import { CALL } from "../builders.ts";

test("a refusal is a problem as in RFC 9457, with a code of its own", () => {
  const errors = [{ field: "calleeId", message: "expected a client id" }];
  const problem = new Problem("invalid_request", "calleeId is wrong", { errors });
  expect(problem.body).toEqual({
    type: "urn:ringmaster:problem:invalid_request",
    title: "Invalid request",
    status: 400,
    code: "invalid_request",
    detail: "calleeId is wrong",
    message: "calleeId is wrong",
    errors,
  });
});

test("the problem of a call that is over contains the end reason", () => {
  const problem = new Problem("call_over", "over", { callId: CALL, endReason: "answered_elsewhere" });
  expect(problem.body).toMatchObject({ status: 410, callId: CALL, endReason: "answered_elsewhere" });
});

test("a temporary problem contains the seconds to wait, also in the body for pages that cannot read headers", () => {
  expect(new Problem("no_stage", "later", { retryAfterSeconds: 2 }).body).toMatchObject({
    retryAfterSeconds: 2,
  });
});

test("the cause of a problem is not sent", () => {
  const cause = new Error("table on fire");
  const problem = new Problem("try_again", "later", { cause, retryAfterSeconds: 1 });
  expect(problem.cause).toBe(cause);
  expect(JSON.stringify(problem.body)).not.toContain("fire");
});

test("each code has a fixed status, because apps rely on it", () => {
  expect(Object.fromEntries(problemCodes.map((code) => [code, statusOfProblem(code)]))).toEqual({
    invalid_request: 400,
    unknown_action: 400,
    access_token_required: 401,
    not_your_client: 403,
    not_your_call: 403,
    operators_only: 403,
    signed_out: 403,
    removed_from_call: 403,
    no_such_client: 404,
    no_such_operation: 404,
    no_such_call: 404,
    caller_in_call: 409,
    callee_busy: 409,
    on_another_device: 409,
    too_many_clients: 409,
    not_in_call: 409,
    call_full: 409,
    call_over: 410,
    body_too_large: 413,
    idempotency_key_reused: 422,
    too_many_calls: 429,
    too_many_registrations: 429,
    too_many_deletions: 429,
    try_again: 503,
    no_stage: 503,
  });
});

test("docs/errors.md lists each code with its status, the app's action, and whether a repeat helps", () => {
  const text = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| `(\w+)` +\|(.*)\|$/gm)].map(([, code, cells = ""]) => [
    code,
    ...cells.split("|").map((cell) => cell.trim()),
  ]);
  // A temporary problem, which has the status 429 or 503, comes with Retry-After.
  const retry = (status: number): string => (status === 429 || status === 503 ? "After" : "No");
  expect(rows.map(([code, status, , , helps]) => [code, status, helps])).toEqual(
    problemCodes.map((code) => [code, String(statusOfProblem(code)), retry(statusOfProblem(code))]),
  );
  expect(rows.filter(([, , when, does]) => !when || !does)).toEqual([]);
});
