/** SECURITY.md says of each threat which test holds it. */
import { expect, test } from "vitest";
import { filesOfProject, textOf } from "./tree.ts";

const rows = textOf("SECURITY.md")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !/^\| (Who|-+) +\|/.test(line) && !line.startsWith("| -"))
  .map((line) => line.split("|").map((cell) => cell.trim()));
const testsIn = (text = ""): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, path = ""]) => path);

test("each threat says what prevents it, and names a test", () => {
  expect(rows.length).toBeGreaterThan(20);
  for (const [, , what, prevention, tests] of rows) {
    expect(what).not.toBe("");
    expect({ what, prevention }).not.toMatchObject({ prevention: "" });
    expect({ what, tests: testsIn(tests) }).not.toMatchObject({ tests: [] });
  }
});

test("the tests that it names exist", () => {
  const files = new Set(filesOfProject());
  const named = rows.flatMap(([, , , , tests]) => testsIn(tests));
  expect(named.filter((path) => !files.has(path))).toEqual([]);
});
