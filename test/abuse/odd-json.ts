/** JSON texts that make programs stumble: texts, because numbers such as -0 and 1e400 exist only there. */
import fc from "fast-check";

const nested = (open: string, close: string, levels: number): string =>
  `${open.repeat(levels)}1${close.repeat(levels)}`;

const NUMBERS = [
  "0",
  "-0",
  "-1",
  "0.5",
  "1e308",
  "-1e308",
  "1e400",
  "5e-324",
  "9007199254740992",
  "9007199254740993",
  "123456789012345678901234567890",
  "1e1000000",
];
const TEXTS = [
  "",
  " ",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "\udfff\ud800",
  "\u202Ecod.exe",
  "\uFEFF",
  "e\u0301",
  "𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
  "İ",
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "undefined",
  "null",
  "NaN",
  "[object Object]",
  "../../etc/passwd",
  "%00%2e%2e%2f",
  "\r\nset-cookie: a=b",
  "$.detail",
  "{% $states.input %}",
  "<aws.events.event>",
  "' OR 1=1 --",
  "00000000-0000-0000-0000-000000000000",
  "x".repeat(300),
  "𝔘".repeat(3_000),
];
const STRUCTURES = [
  "[]",
  "{}",
  "[null]",
  "[[]]",
  '{"__proto__":{"operator":true}}',
  '{"constructor":{"prototype":{"operator":true}}}',
  '{"toString":1,"valueOf":2,"then":3}',
  '{"length":4294967295}',
  '{"S":"x"}',
  '{"a":1,"a":2}',
  nested("[", "]", 500),
  nested('{"a":', "}", 500),
  nested("[", "]", 7_000),
];

/** Any of them, or what chance makes. */
export const oddJson: fc.Arbitrary<string> = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom("null", "true", "false") },
  { weight: 3, arbitrary: fc.constantFrom(...NUMBERS) },
  { weight: 4, arbitrary: fc.constantFrom(...TEXTS).map((text) => JSON.stringify(text)) },
  { weight: 3, arbitrary: fc.constantFrom(...STRUCTURES) },
  { weight: 1, arbitrary: fc.json({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)) },
);

export const oddText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...TEXTS),
  fc.string({ unit: "binary", maxLength: 40 }),
);

export const ODD_NAMES = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "then",
  "",
  "\u0000",
  "action",
  "idempotencyKey",
  "callId ",
];

/** An object's text, whatever its names. */
export const objectOf = (members: readonly (readonly [name: string, json: string])[]): string =>
  `{${members.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(",")}}`;
