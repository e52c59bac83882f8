/** What keeps the local engine from running a definition: structure that is wrong, and parts that it does not have. */
import { integrationOf } from "../integrations/integration.ts";
import { isObject, type MachineType, type PlainObject } from "./definition.ts";
import { checkDuplicateNames, checkTransitions } from "./check-transitions.ts";
import { checkMapFiles } from "./check-map-files.ts";
import { blocksOf, isDistributed, type Block } from "./places.ts";
import { textOf } from "../wire-text.ts";

const EVERY_STATE = ["Type", "Comment", "QueryLanguage"];
const GOES_ON = ["Next", "End"];
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  Task: [
    "Resource",
    "Arguments",
    "Credentials",
    "Output",
    "Assign",
    "TimeoutSeconds",
    "HeartbeatSeconds",
    "Retry",
    "Catch",
    ...GOES_ON,
  ],
  Parallel: ["Branches", "Arguments", "Output", "Assign", "Retry", "Catch", ...GOES_ON],
  Map: [
    "Items",
    "ItemReader",
    "ResultWriter",
    "ItemSelector",
    "ItemBatcher",
    "ItemProcessor",
    "MaxConcurrency",
    "ToleratedFailureCount",
    "ToleratedFailurePercentage",
    "Label",
    "Output",
    "Assign",
    "Retry",
    "Catch",
    ...GOES_ON,
  ],
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
const ONLY_JSONPATH = new Set([
  "InputPath",
  "Parameters",
  "ResultSelector",
  "ResultPath",
  "OutputPath",
  "Result",
  "ItemsPath",
  "SecondsPath",
  "TimestampPath",
  "TimeoutSecondsPath",
  "HeartbeatSecondsPath",
  "MaxConcurrencyPath",
  "ToleratedFailureCountPath",
  "ToleratedFailurePercentagePath",
  "ErrorPath",
  "CausePath",
]);
const MACHINE_FIELDS = ["Comment", "QueryLanguage", "StartAt", "States", "TimeoutSeconds", "Version"];

export function unsupportedParts(definition: unknown, type: MachineType = "STANDARD"): string[] {
  if (!isObject(definition)) return ["SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object"];
  const missing = ["States", "StartAt"].filter((field) => definition[field] === undefined);
  if (missing.length > 0) return [schema(`These fields are required: [${missing.join(", ")}]`, "/")];
  const unknown = Object.keys(definition).filter((field) => !MACHINE_FIELDS.includes(field));
  const blocks = blocksOf(definition);
  return [
    ...unknown.map((field) => schema(`Field '${field}' is not supported`, "/")),
    ...blocks.flatMap((block) => checkBlock(block, definition["QueryLanguage"], type)),
    ...checkDuplicateNames(blocks),
  ];
}

const required = (field: string, path: string): string =>
  schema(`These fields are required: [${field}]`, path);

const schema = (message: string, path: string): string => `SCHEMA_VALIDATION_FAILED: ${message} at ${path}`;

function checkBlock(block: Block, language: unknown, type: MachineType): string[] {
  const { states, path } = block;
  const perState = Object.entries(states).flatMap(([name, state]) => {
    const place = `${path}/States/${name}`;
    return [...checkState(state, language, place), ...checkExpress(state, type, place)];
  });
  return [...perState, ...checkTransitions(block)];
}

function checkState(state: PlainObject, machineLanguage: unknown, path: string): string[] {
  if (state["Type"] === undefined) return [required("Type", path)];
  const type = textOf(state["Type"]);
  const fields = Object.hasOwn(FIELDS, type) ? FIELDS[type] : undefined;
  if (!fields) return [schema(`The local Step Functions has no state of type '${type}'`, path)];
  if (machineLanguage === "JSONata" && state["QueryLanguage"] === "JSONPath") {
    const downgrade = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine";
    return [schema(downgrade, path)];
  }
  const known = [...EVERY_STATE, ...fields];
  const wrong = Object.keys(state).filter((field) => !known.includes(field));
  if ((state["QueryLanguage"] ?? machineLanguage) !== "JSONata") return checkJsonPath(state, type, path);
  return [...wrong.map((field) => unsupportedField(field, path)), ...checkRequired(state, type, path)];
}

const unsupportedField = (field: string, path: string): string =>
  schema(
    ONLY_JSONPATH.has(field)
      ? `The QueryLanguage is 'JSONata', but the field '${field}' is only supported for the 'JSONPath' QueryLanguage`
      : `Field '${field}' is not supported`,
    path,
  );

/** What an Express state machine cannot do. AWS's first message ends with a space. */
function checkExpress(state: PlainObject, type: MachineType, path: string): string[] {
  if (type !== "EXPRESS") return [];
  const resource = textOf(state["Resource"] ?? "");
  const refused = (what: string): string[] => [
    schema(`Express state machine does not support ${what}`, `${path}/Resource`),
  ];
  if (resource.endsWith(".waitForTaskToken")) return refused("'.waitForTaskToken' service integration ");
  if (/\.sync(?::2)?$/.test(resource)) return refused("'.sync' service integration");
  if (resource.includes(":activity:")) return refused("Activity ARN");
  if (isDistributed(state)) return [schema("Express state machine does not support distributed Map", path)];
  return [];
}

function checkJsonPath(state: PlainObject, type: string, path: string): string[] {
  const same = SAME_IN_JSONPATH[type];
  const differs = Object.keys(state).some((field) => ![...EVERY_STATE, ...(same ?? [])].includes(field));
  return !same || differs
    ? [schema("The QueryLanguage is 'JSONPath'; the local Step Functions runs 'JSONata' only", path)]
    : checkRequired(state, type, path);
}

const NEEDED: Readonly<Record<string, string>> = {
  Task: "Resource",
  Choice: "Choices",
  Parallel: "Branches",
  Map: "ItemProcessor",
};

function checkRequired(state: PlainObject, type: string, path: string): string[] {
  const goesOn = FIELDS[type]?.includes("Next") === true;
  const findings: string[] = [];
  if (goesOn && (typeof state["Next"] === "string") === (state["End"] === true)) {
    findings.push(schema("Exactly one of 'Next' and 'End' is needed", path));
  }
  const missing = NEEDED[type];
  if (missing !== undefined && state[missing] === undefined) return [...findings, required(missing, path)];
  if (type === "Task" && !integrationOf(textOf(state["Resource"]))) {
    findings.push(schema(`The local Step Functions has no resource '${textOf(state["Resource"])}'`, path));
  }
  if (type === "Task") findings.push(...checkCredentials(state, path));
  if (type === "Wait" && (state["Seconds"] === undefined) === (state["Timestamp"] === undefined)) {
    findings.push(schema("Exactly one of 'Seconds' and 'Timestamp' is needed", path));
  }
  if (type === "Choice" && !(Array.isArray(state["Choices"]) && state["Choices"].length > 0)) {
    findings.push(schema("'Choices' must not be empty", path));
  }
  if (type === "Map") findings.push(...checkMap(state, path));
  if (type === "Parallel" && !Array.isArray(state["Branches"])) {
    findings.push(schema("'Branches' must be a list", path));
  }
  return findings;
}

function checkCredentials({ Credentials: credentials }: PlainObject, path: string): string[] {
  if (credentials === undefined) return [];
  if (!isObject(credentials)) return [schema("'Credentials' must be an object", path)];
  const at = `${path}/Credentials`;
  const { RoleArn: role, ...others } = credentials;
  if (role === undefined) return [schema("The field 'RoleArn' is required but was missing", at)];
  return Object.keys(others).map((field) => schema(`Field '${field}' is not supported`, at));
}

function checkMap(state: PlainObject, path: string): string[] {
  const processor = state["ItemProcessor"];
  if (!isObject(processor)) return [schema("'ItemProcessor' must be an object", path)];
  const config = isObject(processor["ProcessorConfig"]) ? processor["ProcessorConfig"] : {};
  const { Mode: mode = "INLINE", ExecutionType: type } = config;
  const label = textOf(state["Label"] ?? "");
  const at = `${path}/ItemProcessor/ProcessorConfig`;
  const types: readonly unknown[] = mode === "DISTRIBUTED" ? ["STANDARD", "EXPRESS"] : [undefined];
  return [
    ...(isObject(processor["States"]) ? [] : [schema("'States' is missing", `${path}/ItemProcessor`)]),
    ...(["INLINE", "DISTRIBUTED"].includes(textOf(mode)) ? [] : [schema("Mode is not valid", at)]),
    ...(types.includes(type) ? [] : [schema("ExecutionType is not valid", at)]),
    ...(label.length > 40 ? [schema("Label must have at most 40 characters", path)] : []),
    ...checkMapFiles(state, mode === "DISTRIBUTED").map((finding) => schema(finding, path)),
  ];
}
