/**
 * Metric math: an expression over time series. A point is missing where one of its operands is; `FILL` puts a value there.
 *
 *   expression = sum { comparison sum } ; sum = product { + - product } ; product = power { * / power } ; power = unary { ^ unary }
 */

/** A value for each period, the latest first; undefined where there is none. */
export type Series = readonly (number | undefined)[];

export interface Scope {
  /** Of a metric or another expression, by its id. */
  readonly series: (id: string) => Series;
  readonly length: number;
}

type Operator = (one: number, other: number) => number;
const OPERATORS: readonly Readonly<Record<string, Operator>>[] = [
  { "||": (a, b) => Number(a !== 0 || b !== 0), OR: (a, b) => Number(a !== 0 || b !== 0) },
  { "&&": (a, b) => Number(a !== 0 && b !== 0), AND: (a, b) => Number(a !== 0 && b !== 0) },
  {
    "<": (a, b) => Number(a < b),
    "<=": (a, b) => Number(a <= b),
    ">": (a, b) => Number(a > b),
    ">=": (a, b) => Number(a >= b),
    "==": (a, b) => Number(a === b),
    "!=": (a, b) => Number(a !== b),
  },
  { "+": (a, b) => a + b, "-": (a, b) => a - b },
  { "*": (a, b) => a * b, "/": (a, b) => a / b },
  { "^": (a, b) => a ** b },
];

const TOKEN = /\s*(\d+(?:\.\d+)?|[A-Za-z]\w*|<=|>=|==|!=|&&|\|\||[-+*/^<>(),])/y;

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const [, token] = TOKEN.exec(text) ?? [];
    if (token === undefined)
      throw new Error(`metric math: ${text.slice(at)} is not part of the local runtime`);
    tokens.push(token);
  }
  return tokens;
}

export function evaluate(text: string, { series, length }: Scope): Series {
  const tokens = tokensOf(text);
  const constant = (value: number): Series => Array.from({ length }, () => value);

  function expect(token: string): void {
    const found = tokens.shift();
    if (found !== token)
      throw new Error(`metric math: expected ${token}, got ${found ?? "the end"} in ${text}`);
  }

  function binary(level: number): Series {
    const operators = OPERATORS[level];
    if (!operators) return operand();
    let left = binary(level + 1);
    for (;;) {
      const apply = Object.hasOwn(operators, tokens[0] ?? "") ? operators[tokens[0] ?? ""] : undefined;
      if (!apply) return left;
      tokens.shift();
      const right = binary(level + 1);
      left = left.map((value, at) => both(value, right[at], apply));
    }
  }

  function operand(): Series {
    const token = tokens.shift();
    if (token === undefined) throw new Error(`metric math: ${text} ends too early`);
    if (token === "-") return operand().map((value) => (value === undefined ? undefined : -value));
    if (token === "(") {
      const inside = binary(0);
      expect(")");
      return inside;
    }
    if (/^\d/.test(token)) return constant(Number(token));
    return tokens[0] === "(" ? call(token) : series(token);
  }

  function call(name: string): Series {
    expect("(");
    const args = [binary(0)];
    while (tokens[0] === ",") {
      tokens.shift();
      args.push(binary(0));
    }
    expect(")");
    return applied(name, args);
  }

  const result = binary(0);
  if (tokens.length > 0) throw new Error(`metric math: ${tokens.join(" ")} is left of ${text}`);
  return result;
}

const both = (one: number | undefined, other: number | undefined, apply: Operator): number | undefined =>
  one === undefined || other === undefined ? undefined : apply(one, other);

function applied(name: string, [first = [], second = [], third = []]: readonly Series[]): Series {
  switch (name) {
    case "FILL":
      return first.map((value, at) => value ?? second[at]);
    case "IF":
      return first.map((value, at) =>
        value === undefined ? undefined : value === 0 ? third[at] : second[at],
      );
    case "ABS":
      return first.map((value) => (value === undefined ? undefined : Math.abs(value)));
    default:
      throw new Error(`metric math: ${name} is not part of the local runtime`);
  }
}
