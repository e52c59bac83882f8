import { expect, test } from "vitest";
import { reportOf } from "../cpu-reporter.ts";

const BUDGETS = { "races.test.ts": 20, "rings.test.ts": 4, "ids.test.ts": 0.1 };

test("the dearest files come first, and one without a budget says so", () => {
  const lines = reportOf({ ...BUDGETS, "new.test.ts": 7 }, BUDGETS).split("\n");
  expect(lines[0]).toContain("31 s, 1.00 times their budgets");
  expect(lines.slice(1)).toEqual([
    expect.stringMatching(/20\.0 s {2}races\.test\.ts \(budget 20 s\)/),
    expect.stringMatching(/7\.0 s {2}new\.test\.ts \(no budget yet\)/),
    expect.stringContaining("rings.test.ts"),
    expect.stringContaining("ids.test.ts"),
  ]);
});

test("a file that has grown by half more than the others is told", () => {
  const report = reportOf({ "races.test.ts": 40, "rings.test.ts": 17, "ids.test.ts": 0.2 }, BUDGETS);
  expect(report.split("Grown by half or more")[1]).toContain("rings.test.ts");
  expect(report.split("Grown by half or more")[1]).not.toContain("races.test.ts");
});

test("on a slow machine, where all take twice as long, none has grown", () => {
  const report = reportOf({ "races.test.ts": 40, "rings.test.ts": 8, "ids.test.ts": 0.9 }, BUDGETS);
  expect(report).not.toContain("Grown");
});
