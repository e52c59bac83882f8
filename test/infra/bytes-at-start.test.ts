/** How much code each function loads at its start: test/budgets.json. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bundle, bytesAtStart } from "../../infra/bundle.ts";
import { functionNames } from "../../infra/function-sizes.ts";

interface Budgets {
  readonly bytesAtStart: Readonly<Record<string, number>>;
}
const budgets = JSON.parse(readFileSync(new URL("../budgets.json", import.meta.url), "utf8")) as Budgets;
const { metafile } = await bundle();

test("every function has a budget, and every budget a function", () => {
  expect(Object.keys(budgets.bytesAtStart).toSorted()).toEqual(functionNames.toSorted());
});

test.each(functionNames)("%s loads no more code at its start than its budget says", (name) => {
  expect(bytesAtStart(metafile, name)).toBeLessThanOrEqual(budgets.bytesAtStart[name] ?? 0);
});
