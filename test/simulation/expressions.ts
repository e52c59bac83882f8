/**
 * DynamoDB's expressions, as far as the stores write them: compiled once, then run with names and values. What is not known is
 * refused, so that a store never runs on a condition that means something else here.
 */
export type Item = Readonly<Record<string, unknown>>;

export interface Placeholders {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, unknown>>;
}
export type Condition = (item: Item, given: Placeholders) => boolean;
type Value = (item: Item, given: Placeholders) => unknown;
type Path = (given: Placeholders) => readonly (string | number)[];

const TOKEN = /\s*(<>|<=|>=|[=<>(),+]|[#:]?[A-Za-z_]\w*(?:(?:\.[#]?\w+)|(?:\[\d+\]))*)/y;

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(text)?.[1];
    if (found === undefined) throw new Error(`expression not understood: ${text.slice(at)} in ${text}`);
    tokens.push(found);
  }
  return tokens;
}

function once<Made>(compile: (text: string) => Made): (text: string) => Made {
  const known = new Map<string, Made>();
  return (text) => {
    const made = known.get(text) ?? compile(text);
    known.set(text, made);
    return made;
  };
}

/** Reads tokens from left to right. */
class Reader {
  readonly #tokens: readonly string[];
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }
  peek(): string | undefined {
    return this.#tokens[this.#at];
  }
  next(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new Error(`expression ends early: ${this.#text}`);
    return token;
  }
  take(...wanted: string[]): boolean {
    const found = wanted.includes(this.peek() ?? "");
    if (found) this.#at += 1;
    return found;
  }
  expect(wanted: string): void {
    if (!this.take(wanted)) throw new Error(`expected ${wanted} in ${this.#text}`);
  }
  get isOver(): boolean {
    return this.#at >= this.#tokens.length;
  }
}

function pathOf(token: string): Path {
  const steps = token
    .split(/\.|(?=\[)/)
    .map((step) => (step.startsWith("[") ? Number(step.slice(1, -1)) : step));
  return ({ names }) =>
    steps.map((step) => {
      if (typeof step === "number" || !step.startsWith("#")) return step;
      const name = names[step];
      if (name === undefined) throw new Error(`the name ${step} is not given`);
      return name;
    });
}

const at = (item: Item, path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>(
    (value, step) => (value as Record<string | number, unknown> | undefined)?.[step],
    item,
  );

function valueOf(token: string): Value {
  if (!token.startsWith(":")) {
    const path = pathOf(token);
    return (item, given) => at(item, path(given));
  }
  return (_item, { values }) => {
    if (!(token in values)) throw new Error(`the value ${token} is not given`);
    return values[token];
  };
}

/** False if a side is missing or of another type, as in DynamoDB. */
function compared(operator: string, one: unknown, other: unknown): boolean {
  if (operator === "<>") return one !== other;
  if (one === undefined || typeof one !== typeof other) return false;
  if (operator === "=") return one === other;
  const [left, right] = [one as number, other as number];
  if (operator === "<") return left < right;
  if (operator === "<=") return left <= right;
  if (operator === ">") return left > right;
  return left >= right;
}

const TYPES: Readonly<Record<string, string>> = { N: "number", S: "string", BOOL: "boolean" };

function functionOf(name: string, reader: Reader): Condition {
  reader.expect("(");
  const first = valueOf(reader.next());
  const second = reader.take(",") ? valueOf(reader.next()) : undefined;
  reader.expect(")");
  switch (name) {
    case "attribute_exists":
      return (item, given) => first(item, given) !== undefined;
    case "attribute_not_exists":
      return (item, given) => first(item, given) === undefined;
    case "begins_with":
      return (item, given) => {
        const [text, beginning] = [first(item, given), second?.(item, given)];
        return typeof text === "string" && typeof beginning === "string" && text.startsWith(beginning);
      };
    case "attribute_type":
      return (item, given) => typeof first(item, given) === TYPES[String(second?.(item, given))];
    default:
      throw new Error(`the function ${name} is not known`);
  }
}

function sizeOf(reader: Reader): Value {
  reader.expect("(");
  const value = valueOf(reader.next());
  reader.expect(")");
  return (item, given) => Object.keys(value(item, given) ?? {}).length;
}

function single(reader: Reader): Condition {
  if (reader.take("NOT")) {
    const negated = single(reader);
    return (item, given) => !negated(item, given);
  }
  if (reader.take("(")) {
    const inner = anyOf(reader);
    reader.expect(")");
    return inner;
  }
  const token = reader.next();
  if (reader.peek() === "(" && token !== "size") return functionOf(token, reader);
  const left = token === "size" ? sizeOf(reader) : valueOf(token);
  const operator = reader.next();
  if (!["=", "<>", "<", "<=", ">", ">="].includes(operator)) throw new Error(`no comparison: ${operator}`);
  const right = valueOf(reader.next());
  return (item, given) => compared(operator, left(item, given), right(item, given));
}

function allOf(reader: Reader): Condition {
  const parts = [single(reader)];
  while (reader.take("AND")) parts.push(single(reader));
  return parts.length === 1 ? (parts[0] as Condition) : (...asked) => parts.every((part) => part(...asked));
}

function anyOf(reader: Reader): Condition {
  const parts = [allOf(reader)];
  while (reader.take("OR")) parts.push(allOf(reader));
  return parts.length === 1 ? (parts[0] as Condition) : (...asked) => parts.some((part) => part(...asked));
}

/** Of a condition, a key condition or a filter. */
export const conditionOf = once((text): Condition => {
  const reader = new Reader(text);
  const condition = anyOf(reader);
  if (!reader.isOver) throw new Error(`expression goes on: ${text}`);
  return condition;
});

type Change = (before: Item, after: Record<string, unknown>, given: Placeholders) => void;

function write(after: Record<string, unknown>, path: readonly (string | number)[], value: unknown): void {
  const [name, ...inner] = path as [string, ...string[]];
  if (inner.length === 0) {
    if (value === undefined) delete after[name];
    else after[name] = value;
    return;
  }
  const copy = { ...(after[name] as Record<string, unknown>) };
  write(copy, inner, value);
  after[name] = copy;
}

function setting(reader: Reader): Change {
  const path = pathOf(reader.next());
  reader.expect("=");
  const value = valueOf(reader.next());
  return (before, after, given) => {
    const found = value(before, given);
    if (found === undefined) throw new Error("an attribute is set to one that does not exist");
    write(after, path(given), found);
  };
}

function removing(reader: Reader): Change {
  const path = pathOf(reader.next());
  return (_before, after, given) => write(after, path(given), undefined);
}

const CLAUSES: Readonly<Record<string, (reader: Reader) => Change>> = {
  SET: setting,
  REMOVE: removing,
};

/** All changes see the item as it was. */
export const updateOf = once((text): ((before: Item, given: Placeholders) => Item) => {
  const reader = new Reader(text);
  const changes: Change[] = [];
  while (!reader.isOver) {
    const clause = CLAUSES[reader.next()];
    if (!clause) throw new Error(`no such clause: ${text}`);
    do changes.push(clause(reader));
    while (reader.take(","));
  }
  return (before, given) => {
    const after: Record<string, unknown> = { ...before };
    for (const change of changes) change(before, after, given);
    return after;
  };
});
