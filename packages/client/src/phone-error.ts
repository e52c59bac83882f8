/** A request of the phone's that came to nothing, as an error: its message is for a log, `problem.code` for the app. */
import type { Outcome, Problem } from "./wire/problem.ts";

export class PhoneError extends Error {
  override readonly name = "PhoneError";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.detail}`, { cause: problem.cause });
    this.problem = problem;
  }
}

export function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new PhoneError(outcome.problem);
}
