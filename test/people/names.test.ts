/** The rule for people's names, and how names are shown that were stored before the rule. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_NAME_UNITS, NAME_EXPECTED } from "../../people/name-rule.ts";
import { fullName, harmlessName, nameProblem } from "../../people/name-text.ts";
import { NAMES, NO_NAMES } from "./some-names.ts";

/** The shown name may be empty. */
function problemOfShown(stored: string): string | undefined {
  const shown = harmlessName(stored);
  return shown === "" ? undefined : nameProblem("name", shown);
}

describe("a name may be", () => {
  test.each(NAMES)("%s", (name) => {
    expect(nameProblem("firstName", name)).toBeUndefined();
    expect(harmlessName(name)).toBe(name.normalize("NFC"));
  });

  test("with spaces around it, which do not count", () => {
    expect(nameProblem("firstName", `  ${"x".repeat(64)} `)).toBeUndefined();
  });

  test("in any Unicode form, of which the composed one counts", () => {
    expect(nameProblem("firstName", "e\u0301".repeat(64))).toBeUndefined();
  });
});

describe("a name must not have", () => {
  test.each(NO_NAMES)("%s", (_what, name) => {
    expect(nameProblem("lastName", name)).toBe(`lastName ${NAME_EXPECTED}`);
    expect(problemOfShown(name)).toBeUndefined();
  });
});

describe("a name that was stored before the rule", () => {
  test.each([
    ["Mom\u2028Your bank", "Mom Your bank"],
    ["\u202EmoM", "moM"],
    ["\u200B\u2060\u3164", ""],
    ["Mo\u200D\u200Dm", "Mom"],
    ["x".repeat(80), "x".repeat(64)],
    [`M${"\u0334".repeat(30)}om`, `M${"\u0334".repeat(8)}om`],
  ])("%j is shown as %j", (stored, shown) => {
    expect(harmlessName(stored)).toBe(shown);
  });

  test("is shown in one line with the other name, or alone if nothing of the other is visible", () => {
    expect(fullName({ firstName: "Mom\n", lastName: "\u200B" })).toBe("Mom");
    expect(fullName({ firstName: "Bob", lastName: "Brown\u202E" })).toBe("Bob Brown");
  });

  const pieces = [...NAMES, ...NO_NAMES.map(([, name]) => name)].flatMap((name) => Array.from(name));
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.array(fc.constantFrom(...pieces), { maxLength: 120 }).map((parts) => parts.join("")),
  );

  test("is always shown as a valid name or as nothing", () => {
    fc.assert(
      fc.property(text, (stored) => {
        expect(problemOfShown(stored)).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });

  test("is shown unchanged if it is valid", () => {
    fc.assert(
      fc.property(text, (stored) => {
        fc.pre(nameProblem("name", stored) === undefined);
        expect(harmlessName(stored)).toBe(stored.normalize("NFC").trim());
      }),
      { numRuns: 500 },
    );
  });
});

test("no name makes a key that an index refuses", () => {
  let most = 0;
  for (let unit = 0; unit <= 0xffff; unit += 1) {
    const letter = String.fromCharCode(unit);
    if (letter.isWellFormed()) most = Math.max(most, Buffer.byteLength(letter.toUpperCase()));
  }
  expect(most * MAX_NAME_UNITS).toBeLessThanOrEqual(1_024);
});
