/** A statement of an identity policy: parsed once, with an error for whatever it says that could not be decided here. */
import type { Permission } from "../local-aws.ts";
import { matchesPattern } from "./match-pattern.ts";

export interface Statement {
  readonly effect: "Allow" | "Deny";
  /** Its place in its document. */
  readonly index: number;
  /** `Resource` as the document lists it; empty with `NotResource`. */
  readonly resources: readonly string[];
  covers(permission: Permission): boolean;
}

type Condition = Record<string, Record<string, unknown>>;

/** Values of the condition keys that are known for a call made here. */
export type ConditionKeys = Readonly<Record<string, string>>;

const MEMBERS = ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"];

const OPERATORS: Record<string, (wanted: string, actual: string) => boolean> = {
  StringEquals: (wanted, actual) => wanted === actual,
  StringNotEquals: (wanted, actual) => wanted !== actual,
  StringLike: matchesPattern,
  ArnEquals: matchesPattern,
  ArnLike: matchesPattern,
  Bool: (wanted, actual) => wanted.toLowerCase() === actual.toLowerCase(),
};

export function parsePolicy(document: unknown, keys: ConditionKeys): Statement[] {
  const { Statement } = (document ?? {}) as { Statement?: unknown };
  return listOf(Statement).map((statement, index) =>
    parseStatement(statement as Record<string, unknown>, index, keys),
  );
}

function parseStatement(statement: Record<string, unknown>, index: number, keys: ConditionKeys): Statement {
  const strange = Object.keys(statement).find((member) => !MEMBERS.includes(member));
  if (strange) throw new Error(`policy statement has ${strange}, which an identity policy cannot have`);
  const effect = statement["Effect"];
  if (effect !== "Allow" && effect !== "Deny") throw new Error(`policy Effect is ${String(effect)}`);
  const actionCovered = matcher(statement, "Action", (text) => text.toLowerCase());
  const resourceCovered = matcher(statement, "Resource", (text) => text);
  const applies = conditionHolds((statement["Condition"] ?? {}) as Condition, keys);
  return {
    effect,
    index,
    resources: listOf(statement["Resource"]).map(String),
    covers: ({ action, resource }) => applies && actionCovered(action) && resourceCovered(resource),
  };
}

/** `Action` and `Resource` match one of; `NotAction` and `NotResource` match none of. Actions ignore case. */
function matcher(
  statement: Record<string, unknown>,
  member: "Action" | "Resource",
  normalize: (text: string) => string,
): (value: string) => boolean {
  const negated = statement[`Not${member}`] !== undefined;
  const patterns = listOf(statement[negated ? `Not${member}` : member]).map((one) => normalize(String(one)));
  if (patterns.length === 0) throw new Error(`policy statement has no ${member}`);
  return (value) => patterns.some((pattern) => matchesPattern(pattern, normalize(value))) !== negated;
}

/** The known keys are the same for every call, so a condition is decided once. */
function conditionHolds(condition: Condition, keys: ConditionKeys): boolean {
  return Object.entries(condition).every(([operator, wanted]) => {
    const compare = OPERATORS[operator];
    if (!compare) throw new Error(`policy condition operator ${operator} is not part of the local runtime`);
    return Object.entries(wanted).every(([key, values]) => {
      const actual = keys[key];
      if (actual === undefined)
        throw new Error(`policy condition key ${key} is not part of the local runtime`);
      const holds = (value: unknown): boolean => compare(String(value), actual);
      return operator === "StringNotEquals" ? listOf(values).every(holds) : listOf(values).some(holds);
    });
  });
}

function listOf(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
