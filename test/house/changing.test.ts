/** docs/changing.md lists where each example stands. */
import { expect, test } from "vitest";
import { filesOfProject, textOf } from "./tree.ts";

const PAGE = "docs/changing.md";
/** Where an example stands by design: not in tests, figures, or the history of the project. */
const ASIDE =
  /^(test|bench|docs\/decisions|docs\/performance|packages\/local-aws|examples)\b|\/test\/|^CHANGELOG/;

const sections = textOf(PAGE)
  .split(/^## /m)
  .slice(1)
  .flatMap((section) => {
    const word = /^Example: `([\w-]+)`\.$/m.exec(section)?.[1];
    const listed = [...section.matchAll(/^- `([^`]+)`/gm)].map(([, path = ""]) => path);
    return word ? [{ word, listed }] : [];
  });

test("there are three examples", () => expect(sections.map(({ word }) => word)).toHaveLength(3));

test.each(sections)("of $word the page lists every file", ({ word, listed }) => {
  const stands = new RegExp(String.raw`(?<!\w)${word}(?!\w)`);
  const found = filesOfProject().filter(
    (path) =>
      path !== PAGE &&
      !ASIDE.test(path) &&
      /\.(ts|tsx|json|graphql|md)$/.test(path) &&
      stands.test(textOf(path)),
  );
  expect(listed.toSorted()).toEqual(found.toSorted());
});
