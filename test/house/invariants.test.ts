/** Families of numbered invariants: a letter stands for one module. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { sourcesIn, textOf } from "./tree.ts";

const FOLDERS = [
  "events",
  "api",
  "calls",
  "workflows",
  "handlers",
  "people",
  "infra",
  "local",
  "tools",
  "web",
  "bench",
  "test/simulation",
];

/** `[letter, path]` of each module that opens with numbered invariants. */
const families = FOLDERS.flatMap((folder) => sourcesIn(folder)).flatMap((path) => {
  const letter = /^ \* ([A-Z])1 /m.exec(textOf(path))?.[1];
  return letter ? [[letter, path] as const] : [];
});

test("each family has a letter of its own, and docs/architecture.md lists it", () => {
  const page = readFileSync(new URL("../../docs/architecture.md", import.meta.url), "utf8");
  const listed = [...page.matchAll(/^\| ([A-Z]) +\| `([^`]+)`/gm)].map(([, letter, path]) => [letter, path]);
  expect(listed.length).toBeGreaterThan(0);
  expect(new Set(listed.map(([letter]) => letter)).size).toBe(listed.length);
  expect(listed).toEqual(families.toSorted(([one], [other]) => one.localeCompare(other)));
});
