/** AWS's sentences about members of a request that break a constraint. */
import { AwsError } from "../../local-aws.ts";
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
