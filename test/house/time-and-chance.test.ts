/** Time and randomness are inputs: only the functions' edge, handlers/edge/handler.ts, reads a clock or draws. */
import { expect, test } from "vitest";
import { sourcesIn, textOf, withoutComments } from "./tree.ts";

const EDGE = "handlers/edge/handler.ts";
const READS = [
  /\bDate\.now\b/,
  /\bnew Date\(\s*\)/,
  /\bDate\(\s*\)/,
  /\bMath\.random\b/,
  /\brandomUUID\b/,
  /\brandomBytes\b/,
  /\bset(Timeout|Interval|Immediate)\b/,
  /\bperformance\.now\b/,
];
const readsIn = (text: string): string[] =>
  READS.flatMap((pattern) => pattern.exec(withoutComments(text))?.[0] ?? []);

test("rules, events, workflows, resolvers and functions read no clock and draw no randomness", () => {
  const sources = sourcesIn("api", "calls", "events", "workflows", "people", "handlers");
  expect(sources.length).toBeGreaterThan(40);
  const found = sources
    .filter((path) => path !== EDGE)
    .flatMap((path) => readsIn(textOf(path)).map((read) => `${path}: ${read}`));
  expect(found).toEqual([]);
});

test("the edge does", () => {
  expect(readsIn(textOf(EDGE))).toEqual(expect.arrayContaining(["Date.now", "randomBytes", "setTimeout"]));
});
