/** The mock of a TestState request, checked against what the state would really get. */
import { AwsError, type Json, type Shape } from "../../local-aws.ts";
import { isObject, type State } from "../definition/definition.ts";
import { StateError } from "../engine/state-error.ts";
import { textOf } from "../wire-text.ts";
import { checkEnum } from "./constraints.ts";

export interface Mock {
  /** As it was given: a result that no Output changes comes back letter by letter. */
  readonly resultText?: string;
  readonly result?: Json;
  readonly failure?: StateError;
  readonly mode: "STRICT" | "PRESENT" | "NONE";
}

const refused = (message: string): AwsError => new AwsError("ValidationException", message);

export function mockOf(mock: unknown, revealsSecrets: boolean): Mock | undefined {
  if (!isObject(mock)) return undefined;
  const { result, errorOutput, fieldValidationMode } = mock;
  if (revealsSecrets) throw refused("TestState does not support RevealSecrets when a mock is specified.");
  if ((result === undefined) === (errorOutput === undefined)) {
    throw refused("A test mock should have only one of the following fields: [result, errorOutput].");
  }
  const mode =
    checkEnum("mock.fieldValidationMode", fieldValidationMode, ["STRICT", "PRESENT", "NONE"]) ?? "STRICT";
  if (isObject(errorOutput)) return { mode, failure: failureOf(errorOutput) };
  return { mode, resultText: textOf(result), result: parse(textOf(result)) };
}

function failureOf({ error, cause }: Shape): StateError {
  const text = (value: unknown): string | undefined => (value === undefined ? undefined : textOf(value));
  return new StateError(text(error), text(cause));
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw refused("Mocked result must be valid JSON.");
  }
}

const MOCKED_TYPES: readonly string[] = ["Task", "Map", "Parallel"];

export function checkMock({ Type: type, Branches, Resource = "" }: State, mock: Mock): void {
  if (!MOCKED_TYPES.includes(type)) {
    throw refused(`State type '${type}' is not supported when a mock is specified`);
  }
  const { result } = mock;
  if (result === undefined) return;
  if (type === "Task") return checkFields(Resource, result, mock.mode);
  if (!Array.isArray(result)) throw refused("Mocked result must be an array.");
  if (type === "Parallel" && result.length !== Branches?.length) {
    throw refused("Mocked result must contain the same number of items as number of Parallel branches.");
  }
}

type FieldType = "string" | "number" | { readonly [field: string]: FieldType };
interface Fields {
  readonly required?: readonly string[];
  readonly types: Readonly<Record<string, FieldType>>;
}

/** Replies of the optimized integrations; an object as a type stands for a list of such objects. */
const FIELDS: Readonly<Record<string, Fields>> = {
  "events:putEvents": {
    types: {
      Entries: { EventId: "string", ErrorCode: "string", ErrorMessage: "string" },
      FailedEntryCount: "number",
    },
  },
  "lambda:invoke": {
    types: { StatusCode: "number", FunctionError: "string", LogResult: "string", ExecutedVersion: "string" },
  },
  "sqs:sendMessage": {
    types: {
      MD5OfMessageAttributes: "string",
      MD5OfMessageBody: "string",
      MessageId: "string",
      SequenceNumber: "string",
    },
  },
  "states:startExecution": {
    required: ["ExecutionArn", "StartDate"],
    types: { ExecutionArn: "string", StartDate: "string" },
  },
};

function checkFields(resource: string, result: Json, mode: Mock["mode"]): void {
  const fields = FIELDS[/:states:::([a-z]+:[A-Za-z]+)$/.exec(resource)?.[1] ?? ""];
  if (!fields || mode === "NONE" || !isObject(result)) return;
  const missing = (fields.required ?? []).find((name) => result[name] === undefined);
  if (missing !== undefined && mode === "STRICT") throw mismatch(`Required field '${missing}' is missing`);
  checkTypes(fields.types, result);
}

const mismatch = (reason: string): AwsError => refused(`Mock result schema validation error: ${reason}`);

function checkTypes(types: Readonly<Record<string, FieldType>>, value: Shape): void {
  for (const [name, type] of Object.entries(types)) {
    const given = value[name];
    if (given === undefined) continue;
    if (typeof type === "string") {
      if (typeof given !== type) throw mismatch(`Field '${name}' must be a ${type}`);
      continue;
    }
    if (!Array.isArray(given)) throw mismatch(`Field '${name}' must be an array`);
    for (const item of (given as unknown[]).filter(isObject)) checkTypes(type, item);
  }
}
