/**
 * Event patterns: which events a rule wants.
 *
 * P1 Every field of the pattern must match; the alternatives of a field stand in its array.
 * P2 An array in the event matches if any element does; the fields of one nested pattern match one and the same element.
 * P3 Only values count as existing, not objects.
 * P4 A dot in a name joins names of a path, in the event and in the pattern: `{"a.b": 1}` is `{"a": {"b": 1}}`.
 */
import type { Shape } from "../local-aws.ts";
import { compileValue, invalidPattern, isMatcher, type ValueMatcher, wildcardsIn } from "./value-matcher.ts";
import { isTooComplex } from "./wildcard-complexity.ts";

export type EventPattern = (event: Shape) => boolean;

/** Throws InvalidEventPatternException for text that is not a pattern. */
export function compilePattern(text: string): EventPattern {
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch {
    throw invalidPattern("Filter is not valid JSON");
  }
  if (!isObject(pattern)) throw invalidPattern("Filter is not an object");
  return compileObject(pattern);
}

function compileObject(pattern: Shape): EventPattern {
  const fields = Object.entries(pattern);
  if (fields.length === 0) throw invalidPattern("Empty objects are not allowed");
  const tests = fields.map(([name, wanted]) =>
    name === "$or" && isAlternatives(wanted) ? compileOr(wanted) : compileField(name, wanted),
  );
  return (event) => tests.every((holds) => holds(event));
}

/** Alternatives that name a matcher are values of a field which happens to be called `$or`. */
const isAlternatives = (wanted: unknown): wanted is Shape[] =>
  Array.isArray(wanted) &&
  wanted.length > 1 &&
  wanted.every((one) => isObject(one) && !Object.keys(one).some(isMatcher));

function compileOr(alternatives: readonly Shape[]): EventPattern {
  const tests = alternatives.map(compileObject);
  return (event) => tests.some((holds) => holds(event));
}

function compileField(name: string, wanted: unknown): EventPattern {
  const dot = name.indexOf(".");
  if (dot !== -1) return compileField(name.slice(0, dot), { [name.slice(dot + 1)]: wanted });
  if (Array.isArray(wanted)) {
    if (wanted.length === 0) throw invalidPattern("Empty arrays are not allowed");
    const matchers = wanted.map(compileValue);
    if (isTooComplex(wildcardsIn(wanted))) throw invalidPattern(TOO_COMPLEX);
    return (event) => matchesAny(matchers, valueOf(event, name));
  }
  if (!isObject(wanted)) throw invalidPattern(`"${name}" must be an object or an array`);
  const inner = compileObject(wanted);
  return (event) => {
    const value = valueOf(event, name);
    // A nested pattern may ask for a field not to exist, so it is also put to what is not there.
    const elements: unknown[] = Array.isArray(value) && value.length > 0 ? value.flat(Infinity) : [value];
    return elements.some((element) => inner(isObject(element) ? element : {}));
  };
}

const TOO_COMPLEX =
  "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character";

/** What the event has under this name, also in names that go on behind a dot. */
function valueOf(event: Shape, name: string): unknown {
  const begin = `${name}.`;
  const joined = Object.keys(event).filter((key) => key.startsWith(begin));
  const own = event[name];
  if (joined.length === 0) return own;
  const inner = Object.fromEntries(joined.map((key) => [key.slice(begin.length), event[key]]));
  if (own === undefined) return inner;
  return isObject(own) ? { ...own, ...inner } : [own, inner].flat();
}

function matchesAny(matchers: readonly ValueMatcher[], value: unknown): boolean {
  const values = [value].flat(Infinity).filter((one) => one !== undefined && !isObject(one));
  const candidates = values.length > 0 ? values : [undefined];
  return matchers.some((matches) => candidates.some(matches));
}

const isObject = (value: unknown): value is Shape =>
  typeof value === "object" && value !== null && !Array.isArray(value);
