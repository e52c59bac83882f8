/**
 * Parsing an expression costs dynalite more than carrying it out, and functions send the same few texts again and again with
 * other values. A text is parsed once for each set of names and types of values; its values are put in anew each time.
 *
 * E1 Only what was understood is remembered: errors are found by the parser itself.
 * E2 What depends on the values themselves, and not only on their types, is not remembered.
 */
type Values = Readonly<Record<string, object>>;

/** What dynalite hands its parsers. They take the names that they meet out of `unused…`. */
export interface ParsingContext {
  readonly attrNames?: Readonly<Record<string, string>> | undefined;
  readonly attrVals?: Values | undefined;
  readonly unusedAttrNames: Record<string, boolean>;
  readonly unusedAttrVals: Record<string, boolean>;
}

export interface Parser {
  parse(this: void, text: string, options: { readonly context: ParsingContext }): unknown;
}

/** Makes the parsed expression with the values of another request. */
type Make = (values: Values) => unknown;

interface Remembered {
  readonly make: Make;
  /** The names in it, of attributes and of values. */
  readonly names: readonly string[];
}

const MOST_REMEMBERED = 1_000;
const DEPENDS_ON_VALUES = /between|attribute_type/i;

export function remembering({ parse }: Parser): Parser["parse"] {
  const known = new Map<string, Remembered>();

  function learn(text: string, context: ParsingContext): unknown {
    const [unusedAttrNames, unusedAttrVals] = [flags(context.attrNames), flags(context.attrVals)];
    const names = Object.keys({ ...unusedAttrNames, ...unusedAttrVals });
    const parsed = parse(text, { context: { ...context, unusedAttrNames, unusedAttrVals } });
    const isLeft = (name: string): boolean => name in unusedAttrNames || name in unusedAttrVals;
    for (const name of names) if (!isLeft(name)) use(name, context);
    if (typeof parsed !== "object" || DEPENDS_ON_VALUES.test(text)) return parsed;
    if (known.size >= MOST_REMEMBERED) known.clear();
    const nameOf = new Map(Object.entries(context.attrVals ?? {}).map(([name, value]) => [value, name]));
    const make = makerOf(parsed, nameOf);
    known.set(keyOf(text, context), { make, names: names.filter((name) => !isLeft(name)) });
    return parsed;
  }

  return (text, { context }) => {
    const found = known.get(keyOf(text, context));
    if (!found) return learn(text, context);
    for (const name of found.names) use(name, context);
    return found.make(context.attrVals ?? {});
  };
}

const flags = (named: object = {}): Record<string, boolean> =>
  Object.fromEntries(Object.keys(named).map((name) => [name, true]));

function use(name: string, { unusedAttrNames, unusedAttrVals }: ParsingContext): void {
  delete unusedAttrNames[name];
  delete unusedAttrVals[name];
}

function keyOf(text: string, { attrNames, attrVals }: ParsingContext): string {
  const types = Object.entries(attrVals ?? {}).map(([name, value]) => `${name}=${Object.keys(value).join()}`);
  return `${text}\n${JSON.stringify(attrNames)}\n${types.join()}`;
}

/** dynalite changes what its parser gives, so everything is made anew each time. */
function makerOf(part: unknown, names: ReadonlyMap<unknown, string>): Make {
  const name = names.get(part);
  if (name !== undefined) return (values) => values[name];
  if (Array.isArray(part)) {
    const makers = part.map((one) => makerOf(one, names));
    return (values) => makers.map((make) => make(values));
  }
  if (typeof part !== "object" || part === null) return () => part;
  const makers = Object.entries(part).map(([key, one]) => [key, makerOf(one, names)] as const);
  const prototype = Object.getPrototypeOf(part) as object | null;
  return (values) => {
    const made = Object.create(prototype) as Record<string, unknown>;
    for (const [key, make] of makers) made[key] = make(values);
    return made;
  };
}
