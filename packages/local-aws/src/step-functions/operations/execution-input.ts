/** The input of an execution, checked as AWS checks it. */
import { AwsError } from "../../local-aws.ts";
import { jsonProblem } from "../definition/json-problem.ts";
import { MAX_PAYLOAD_BYTES, isTooLarge } from "../engine/payload-limit.ts";
import { textOf } from "../wire-text.ts";

export function checkInput(input: unknown): string {
  const text = input === undefined ? "{}" : textOf(input);
  if (isTooLarge(text)) {
    throw new AwsError(
      "ValidationException",
      "1 validation error detected: Value at 'input' failed to satisfy constraint: " +
        `Member must have length less than or equal to ${MAX_PAYLOAD_BYTES}`,
    );
  }
  try {
    JSON.parse(text);
    return text;
  } catch {
    const reason = text === "" ? "Invalid execution input." : jsonProblem(text).message;
    throw new AwsError("InvalidExecutionInput", `Invalid State Machine Execution Input: '${reason}'`);
  }
}
