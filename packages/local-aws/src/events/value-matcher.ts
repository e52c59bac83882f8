/** The matchers of a single value in an event pattern: {"prefix": …}, {"anything-but": …}, {"numeric": […]}, … */
import { BlockList, isIP } from "node:net";
import { AwsError } from "../local-aws.ts";

/** Undefined stands for a field that is not there. */
export type ValueMatcher = (value: unknown) => boolean;

export const invalidPattern = (reason: string): AwsError =>
  new AwsError("InvalidEventPatternException", `Event pattern is not valid. Reason: ${reason}`);

export function compileValue(match: unknown): ValueMatcher {
  if (match === null || ["string", "number", "boolean"].includes(typeof match))
    return (value) => value === match;
  if (typeof match !== "object" || Array.isArray(match)) {
    throw invalidPattern("Match value must be String, number, true, false, or null");
  }
  const [[name, operand] = ["", undefined], ...others] = Object.entries(match as object);
  if (others.length > 0) throw invalidPattern("Only one key allowed in match expression");
  const compile = Object.hasOwn(MATCHERS, name) ? MATCHERS[name] : undefined;
  if (!compile) throw invalidPattern(`Unrecognized match type ${name}`);
  return compile(operand);
}

const MATCHERS: Readonly<Record<string, (operand: unknown) => ValueMatcher>> = {
  prefix: (operand) => affix("prefix", operand, (value, text) => value.startsWith(text)),
  suffix: (operand) => affix("suffix", operand, (value, text) => value.endsWith(text)),
  "equals-ignore-case": (operand) => {
    const text = textOperand("equals-ignore-case", operand).toLowerCase();
    return (value) => typeof value === "string" && value.toLowerCase() === text;
  },
  wildcard: (operand) => {
    const expression = wildcard(textOperand("wildcard", operand));
    return (value) => typeof value === "string" && expression.test(value);
  },
  exists: (operand) => {
    if (typeof operand !== "boolean")
      throw invalidPattern("exists match pattern must be either true or false.");
    return (value) => (value !== undefined) === operand;
  },
  numeric: compileNumeric,
  cidr: compileCidr,
  "anything-but": compileAnythingBut,
};

export const isMatcher = (name: string): boolean => Object.hasOwn(MATCHERS, name);

function textOperand(name: string, operand: unknown): string {
  if (typeof operand !== "string") throw invalidPattern(`${name} match pattern must be a string`);
  return operand;
}

/** Prefix and suffix take a string, or {"equals-ignore-case": string}. */
function affix(name: string, operand: unknown, test: (value: string, text: string) => boolean): ValueMatcher {
  const folded = (operand as { "equals-ignore-case"?: unknown } | null)?.["equals-ignore-case"];
  if (folded === undefined) {
    const text = textOperand(name, operand);
    return (value) => typeof value === "string" && test(value, text);
  }
  const text = textOperand(name, folded).toLowerCase();
  return (value) => typeof value === "string" && test(value.toLowerCase(), text);
}

/** "*" is any text; "\*" and "\\" are the characters themselves. */
function wildcard(text: string): RegExp {
  let expression = "";
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] as string;
    if (character === "*" && text[at + 1] === "*") {
      throw invalidPattern(`Consecutive wildcard characters at pos ${at}`);
    }
    if (character === "\\") {
      at += 1;
      if (text[at] !== "*" && text[at] !== "\\")
        throw invalidPattern(`Invalid escape character at pos ${at - 1}`);
      expression += `\\${text[at]}`;
    } else expression += character === "*" ? "[^]*" : character.replace(/[.+?^${}()|[\]/]/, "\\$&");
  }
  return new RegExp(`^${expression}$`);
}

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  "=": (value, bound) => value === bound,
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};

/** [">", 0, "<=", 5]: one comparison or a range. */
function compileNumeric(operand: unknown): ValueMatcher {
  if (!Array.isArray(operand)) throw invalidPattern("Value of numeric must be an array.");
  if (operand.length !== 2 && operand.length !== 4)
    throw invalidPattern("Too few or too many terms in numeric range");
  refuseHollowRange(operand);
  const tests: ((value: number) => boolean)[] = [];
  for (let at = 0; at < operand.length; at += 2) {
    const [comparison, bound] = operand.slice(at, at + 2) as unknown[];
    const compare = COMPARISONS[comparison as string];
    if (!compare)
      throw invalidPattern(`Unrecognized numeric range operator: ${String(comparison as string)}`);
    if (typeof bound !== "number") throw invalidPattern(`Value of ${comparison as string} must be numeric`);
    tests.push((value) => compare(value, bound));
  }
  return (value) => typeof value === "number" && tests.every((holds) => holds(value));
}

/** A range has a bottom and then a top above it; any other pair of comparisons is refused rather than never true. */
function refuseHollowRange([first, bottom, second, top]: unknown[]): void {
  if (second === undefined) return;
  if (![">", ">="].includes(first as string) || !["<", "<="].includes(second as string))
    throw invalidPattern(`Bad numeric range operator: ${JSON.stringify(second)}`);
  if (typeof bottom === "number" && typeof top === "number" && bottom >= top)
    throw invalidPattern("Bottom must be less than top");
}

function compileCidr(operand: unknown): ValueMatcher {
  const [address = "", bits, ...more] = textOperand("cidr", operand).split("/");
  const family = isIP(address);
  if (family === 0 || bits === undefined || more.length > 0)
    throw invalidPattern(`Malformed CIDR, one '/' required`);
  const type = family === 4 ? "ipv4" : "ipv6";
  const size = family === 4 ? 32 : 128;
  if (!/^\d+$/.test(bits)) throw invalidPattern("Malformed CIDR, mask bits must be an integer");
  if (Number(bits) > size) throw invalidPattern(`IPv${family} mask bits must be at most ${size}`);
  const range = new BlockList();
  range.addSubnet(address, Number(bits), type);
  return (value) => typeof value === "string" && isIP(value) === family && range.check(value, type);
}

const NEGATABLE = new Set(["prefix", "suffix", "equals-ignore-case", "wildcard"]);

/** Takes a value, a list of values, or one of the text matchers with a value or a list. A missing field never matches. */
function compileAnythingBut(operand: unknown): ValueMatcher {
  const excluded =
    typeof operand === "object" && !Array.isArray(operand) ? nested(operand) : plainValues(operand);
  const matchers = excluded.map(compileValue);
  return (value) => value !== undefined && !matchers.some((matches) => matches(value));
}

function nested(operand: object | null): unknown[] {
  if (operand === null) throw invalidPattern(NOT_NEGATABLE);
  const [[name, values] = ["", undefined]] = Object.entries(operand);
  if (!NEGATABLE.has(name)) throw invalidPattern(`Unsupported anything-but pattern: ${name}`);
  const listed: unknown[] = [values].flat();
  if (listed.length === 0) throw invalidPattern("Empty arrays are not allowed");
  if (typeof values === "object" && !Array.isArray(values)) throw invalidPattern(NOT_NEGATABLE);
  if (name === "prefix" || name === "suffix") listed.forEach(refuseNoAffix);
  return listed.map((value) => ({ [name]: value }));
}

/** Every text has an empty prefix. */
function refuseNoAffix(value: unknown): void {
  if (typeof value !== "string") throw invalidPattern("prefix/suffix match pattern must be a string");
  if (value === "") throw invalidPattern("Null prefix/suffix not allowed");
}

const NOT_NEGATABLE = "Value of anything-but must be an array or single string/number value.";

/** Strings or numbers, but not both. */
function plainValues(operand: unknown): unknown[] {
  const isList = Array.isArray(operand);
  const values: unknown[] = [operand].flat();
  if (values.length === 0) throw invalidPattern("Empty arrays are not allowed");
  const types = new Set(values.map((value) => typeof value));
  if ([...types].some((type) => type !== "string" && type !== "number")) {
    throw invalidPattern(
      isList ? "Inside anything but list, start|null|boolean is not supported." : NOT_NEGATABLE,
    );
  }
  if (types.size === 1) return values;
  throw invalidPattern(
    "Inside anything but list, either all values are number or string, mixed type is not supported",
  );
}

/** The wildcards among the alternatives of one field, also the negated ones. */
export const wildcardsIn = (alternatives: readonly unknown[]): string[] =>
  alternatives.flatMap((one) => {
    const { wildcard, "anything-but": negated } = (one ?? {}) as Record<string, unknown>;
    const inner = (negated as { wildcard?: unknown } | undefined)?.wildcard;
    return [wildcard, inner].flat().filter((text) => typeof text === "string");
  });
