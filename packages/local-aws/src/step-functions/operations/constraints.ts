/** What members of a request may hold, checked in AWS's words. */
import { AwsError } from "../../local-aws.ts";
import { jsonProblem } from "../definition/json-problem.ts";
import { isTooLarge, MAX_PAYLOAD_BYTES } from "../engine/payload-limit.ts";
import { textOf } from "../wire-text.ts";

const problem = (value: string, at: string, constraint: string): string =>
  `1 validation error detected: Value '${value}' at '${at}' failed to satisfy constraint: ${constraint}`;

export const enumProblem = (at: string, value: unknown, allowed: readonly string[]): string =>
  problem(textOf(value), at, `Member must satisfy enum value set: [${allowed.join(", ")}]`);

export function checkPresent(at: string, value: unknown): void {
  if (value !== undefined && value !== null) return;
  const constraint = `Value null at '${at}' failed to satisfy constraint: Member must not be null`;
  throw new AwsError("ValidationException", `1 validation error detected: ${constraint}`);
}

/** Undefined, or one of the values. */
export function checkEnum<T extends string>(
  at: string,
  value: unknown,
  allowed: readonly T[],
): T | undefined {
  if (value === undefined) return undefined;
  const found = allowed.find((each) => each === value);
  if (found !== undefined) return found;
  throw new AwsError("ValidationException", enumProblem(at, value, allowed));
}

export function checkLeast(at: string, value: number, least: number): void {
  if (value >= least) return;
  const constraint = `Member must have value greater than or equal to ${least}`;
  throw new AwsError("ValidationException", problem(String(value), at, constraint));
}

export function checkMost(at: string, value: number, most: number): void {
  if (value <= most) return;
  const constraint = `Member must have value less than or equal to ${most}`;
  throw new AwsError("ValidationException", problem(String(value), at, constraint));
}

export function checkLength(at: string, value: unknown, most: number): void {
  const text = textOf(value ?? "");
  if (text.length <= most) return;
  const constraint = `Member must have length less than or equal to ${most}`;
  // A value that is too long to be read is not shown.
  const shown = text.length > 4000 ? "" : ` '${text}'`;
  const found = `1 validation error detected: Value${shown} at '${at}' failed to satisfy constraint: ${constraint}`;
  throw new AwsError("ValidationException", found);
}

/** AWS's words where Standard and Express state machines differ. */
export const WRONG_TYPE = "This operation is not supported by this type of state machine";

/** In names of state machines and executions. */
// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\s?*<>{}[\]"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/;

const ROLE = /^arn:aws[\w-]*:iam::\d{12}:role\/.+$/;

export function checkRole(arn: unknown): string {
  const text = textOf(arn);
  if (ROLE.test(text)) return text;
  throw new AwsError("InvalidArn", `Invalid Role Arn: '${text}'`);
}

export function checkName(name: unknown): string {
  if (typeof name === "string" && name.length >= 1 && name.length <= 80 && !FORBIDDEN.test(name)) return name;
  throw new AwsError("InvalidName", `Invalid Name: '${String(name)}'`);
}

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
