/** What keeps the local engine from running a definition: structure that is wrong, and parts that it does not have. */
import { integrationOf } from "../integrations/integration.ts";
import { isObject, type PlainObject } from "./definition.ts";
import { blocksOf, waysOf, type Block } from "./places.ts";
import { textOf } from "../wire-text.ts";

const EVERY_STATE = ["Type", "Comment", "QueryLanguage"];
const GOES_ON = ["Next", "End"];
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  Task: [
    "Resource",
    "Arguments",
    "Output",
    "Assign",
    "TimeoutSeconds",
    "HeartbeatSeconds",
    "Retry",
    "Catch",
    ...GOES_ON,
  ],
  Parallel: ["Branches", "Arguments", "Output", "Assign", "Retry", "Catch", ...GOES_ON],
  Choice: ["Choices", "Default", "Output", "Assign"],
  Pass: ["Output", "Assign", ...GOES_ON],
  Wait: ["Seconds", "Timestamp", "Output", "Assign", ...GOES_ON],
  Succeed: ["Output"],
  Fail: ["Error", "Cause"],
};
/** A state in JSONPath is accepted if each of its fields means the same in both languages. */
const SAME_IN_JSONPATH: Readonly<Record<string, readonly string[]>> = {
  Pass: GOES_ON,
  Wait: ["Seconds", "Timestamp", ...GOES_ON],
  Succeed: [],
  Fail: ["Error", "Cause"],
};
const MACHINE_FIELDS = ["Comment", "QueryLanguage", "StartAt", "States", "TimeoutSeconds", "Version"];

export function unsupportedParts(definition: unknown): string[] {
  if (!isObject(definition)) return ["SCHEMA_VALIDATION_FAILED: The definition is not an object at /"];
  const language = definition["QueryLanguage"] ?? "JSONPath";
  const unknown = Object.keys(definition).filter((field) => !MACHINE_FIELDS.includes(field));
  const blocks = blocksOf(definition);
  return [
    ...unknown.map((field) => schema(`Field '${field}' is not supported`, "/")),
    ...(blocks.length === 0 ? [schema("States is missing", "/")] : []),
    ...blocks.flatMap((block) => checkBlock(block, textOf(language))),
  ];
}

const schema = (message: string, path: string): string => `SCHEMA_VALIDATION_FAILED: ${message} at ${path}`;

function checkBlock(block: Block, language: string): string[] {
  const { states, startAt, path } = block;
  const start = Object.hasOwn(states, startAt)
    ? []
    : [`MISSING_TRANSITION_TARGET: Missing 'StartAt' target: ${startAt} at ${path}/StartAt`];
  const perState = Object.entries(states).flatMap(([name, state]) => {
    const place = `${path}/States/${name}`;
    const targets = waysOf(state).filter(({ next }) => !Object.hasOwn(states, next));
    const missing = targets.map(
      ({ next }) => `MISSING_TRANSITION_TARGET: Missing 'Next' target: ${next} at ${place}`,
    );
    return [...checkState(state, textOf(state["QueryLanguage"] ?? language), place), ...missing];
  });
  return [...start, ...perState];
}

function checkState(state: PlainObject, language: string, path: string): string[] {
  const type = String(state["Type"]);
  const fields = FIELDS[type];
  if (!fields) return [schema(`The local Step Functions has no state of type '${type}'`, path)];
  const wrong = Object.keys(state).filter((field) => ![...EVERY_STATE, ...fields].includes(field));
  if (language !== "JSONata") return checkJsonPath(state, type, path);
  return [
    ...wrong.map((field) => schema(`Field '${field}' is not supported`, path)),
    ...checkRequired(state, type, path),
  ];
}

function checkJsonPath(state: PlainObject, type: string, path: string): string[] {
  const same = SAME_IN_JSONPATH[type];
  const differs = Object.keys(state).some((field) => ![...EVERY_STATE, ...(same ?? [])].includes(field));
  return !same || differs
    ? [schema("The QueryLanguage is 'JSONPath'; the local Step Functions runs 'JSONata' only", path)]
    : checkRequired(state, type, path);
}

function checkRequired(state: PlainObject, type: string, path: string): string[] {
  const goesOn = FIELDS[type]?.includes("Next") === true;
  const findings: string[] = [];
  if (goesOn && (typeof state["Next"] === "string") === (state["End"] === true)) {
    findings.push(schema("Exactly one of 'Next' and 'End' is needed", path));
  }
  if (type === "Task" && !integrationOf(String(state["Resource"]))) {
    findings.push(schema(`The local Step Functions has no resource '${String(state["Resource"])}'`, path));
  }
  if (type === "Wait" && (state["Seconds"] === undefined) === (state["Timestamp"] === undefined)) {
    findings.push(schema("Exactly one of 'Seconds' and 'Timestamp' is needed", path));
  }
  if (type === "Choice" && !(Array.isArray(state["Choices"]) && state["Choices"].length > 0)) {
    findings.push(schema("'Choices' must not be empty", path));
  }
  if (type === "Parallel" && !Array.isArray(state["Branches"])) {
    findings.push(schema("'Branches' is missing", path));
  }
  return findings;
}
