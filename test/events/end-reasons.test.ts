/** The reasons for which a call ends are one list. These tests check what the compiler does not. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { END_REASONS } from "../../events/end-reason.ts";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("the page for app developers explains each reason, in the same order", () => {
  const [, section = ""] = read("docs/people.md").split("### Why a call ended");
  const [table = ""] = section.split("\n## ");
  const explained = [...table.matchAll(/^\| `(\w+)` *\|/gm)].map(([, reason]) => reason);
  expect(explained).toEqual(["endReason", ...END_REASONS]);
});

/** Files with something of their own about each reason. */
const TABLES = [
  "calls/legs.ts",
  "calls/pushes-due.ts",
  "workflows/call.ts",
  "web/look/ring.tsx",
  "web/phone/state/history.ts",
  "web/phone/state/words.ts",
  "web/console/state/words.ts",
  "web/console/state/why.ts",
];

test.each(TABLES)("%s mentions each reason", (path) => {
  const text = read(path);
  expect(END_REASONS.filter((reason) => !new RegExp(`\\b${reason}\\b`).test(text))).toEqual([]);
});
