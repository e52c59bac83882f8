/** Why a call failed inside, from how its executions went. */
import type { Execution } from "./facts.ts";
import { pathOf, type TaskError, type Visit } from "./path.ts";
import { expectedWord } from "./timeline.ts";

/** What went wrong last in its executions. */
export function failureOf(executions: readonly Execution[]): string {
  if (executions.length === 0) return "its workflow never started.";
  for (const { history, error, cause, status } of executions) {
    const last = pathOf(history).visits.findLast(wentWrong);
    const wrong = last?.errors.findLast(isUnexpected);
    if (last && wrong) return `${last.name} failed with ${wrong.error}${because(wrong.cause)}.`;
    if (error !== undefined) return `its workflow stopped with ${error}${because(cause)}.`;
    if (status === "ABORTED" || status === "TIMED_OUT")
      return `its workflow was ${status.toLowerCase().replace("_", " ")}.`;
  }
  return "something inside went wrong; the timeline has what.";
}

const isUnexpected = ({ error }: TaskError): boolean => expectedWord(error) === undefined;
const wentWrong = ({ outcome, errors }: Visit): boolean => outcome !== "left" && errors.some(isUnexpected);

const LONGEST_CAUSE = 200;

/** A function's cause is JSON, with the message inside. */
function because(cause: string | undefined): string {
  if (!cause) return "";
  const [, message = cause] = /"errorMessage"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(cause) ?? [];
  const text = message.replace(/\.$/, "");
  return `: ${text.length > LONGEST_CAUSE ? `${text.slice(0, LONGEST_CAUSE)}…` : text}`;
}
