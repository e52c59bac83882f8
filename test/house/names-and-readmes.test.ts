/** A file is named for what it holds; a folder says what belongs into it. */
import { basename } from "node:path";
import { expect, test } from "vitest";
import { filesOfProject, textOf } from "./tree.ts";

const files = filesOfProject();
const linesOf = (path: string): number => textOf(path).trimEnd().split("\n").length;
const folders = [
  ...new Set(files.filter((path) => path.includes("/")).map((path) => path.split("/")[0] ?? "")),
];

test("no file is named for being shared", () => {
  const vague = /^(utils?|helpers?|common|misc|types|constants)\.[a-z.]+$/;
  expect(files.filter((path) => vague.test(basename(path)))).toEqual([]);
});

test("each top-level folder has a README of at most 40 lines", () => {
  const visible = folders.filter((folder) => !folder.startsWith("."));
  expect(visible).toEqual(expect.arrayContaining(["calls", "events", "workflows", "handlers", "test"]));
  const wanting = visible.filter((folder) => !files.includes(`${folder}/README.md`));
  expect(wanting).toEqual([]);
  expect(visible.filter((folder) => linesOf(`${folder}/README.md`) > 40)).toEqual([]);
});

test("the root README has at most 120 lines", () => {
  expect(files).toContain("README.md");
  expect(linesOf("README.md")).toBeLessThanOrEqual(120);
});
