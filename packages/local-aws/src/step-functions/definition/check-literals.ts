/** Findings about fields whose value is written into the definition: a number outside its range, a text that is none. */
import { expressionIn, isObject, type PlainObject } from "./definition.ts";

interface NumberField {
  readonly least: number;
  readonly most: number;
  /** A fraction is a value too. */
  readonly fraction?: boolean;
}

const SECONDS = { least: 1, most: 99_999_999 };
const COUNT = { least: 0, most: Number.MAX_SAFE_INTEGER };
const NUMBERS: Readonly<Record<string, NumberField>> = {
  Seconds: { least: 0, most: 99_999_999 },
  TimeoutSeconds: SECONDS,
  HeartbeatSeconds: SECONDS,
  MaxConcurrency: COUNT,
  ToleratedFailureCount: COUNT,
  ToleratedFailurePercentage: { least: 0, most: 100, fraction: true },
};
const TEXTS = ["Error", "Cause", "Timestamp"];

export function checkLiterals(state: PlainObject, path: string): string[] {
  const numbers = Object.entries(NUMBERS).flatMap(([field, range]) =>
    expressionIn(state[field]) === undefined ? checkNumber(state, field, range) : [],
  );
  const texts = TEXTS.filter((field) => !["string", "undefined"].includes(typeof state[field]));
  return [...numbers, ...texts.map((field) => `'${field}' must be a string`)].map(
    (finding) => `${finding} at ${path}`,
  );
}

/** A machine's own timeout, which cannot be an expression. */
export const checkMachineTimeout = (definition: unknown): string[] =>
  isObject(definition)
    ? checkNumber(definition, "TimeoutSeconds", SECONDS).map((finding) => `${finding} at /TimeoutSeconds`)
    : [];

function checkNumber(fields: PlainObject, name: string, { least, most, fraction }: NumberField): string[] {
  const value = fields[name];
  if (value === undefined) return [];
  const isNumber = fraction ? Number.isFinite(value) : Number.isInteger(value);
  if (isNumber && Number(value) >= least && Number(value) <= most) return [];
  return [`'${name}' must be ${fraction ? "a number" : "an integer"} from ${least} to ${most}`];
}
