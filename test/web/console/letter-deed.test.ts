/** An operator confirms a deed on a dead letter once, and it is done once. */
import { expect, test } from "vitest";
import { openDeeds } from "../../../web/console/state/letter-deed.ts";
import type { Problem } from "../../../web/console/state/live.ts";

function deeds(problem?: Problem) {
  const sent: string[] = [];
  const open = openDeeds({
    async send(deed) {
      sent.push(deed);
      return problem;
    },
  });
  return { open, sent };
}

test("a deed is not done before it is confirmed, and can be dropped", async () => {
  const { open, sent } = deeds();
  open.ask("delete");
  expect(open.snapshot()).toEqual({ step: "asking", deed: "delete" });
  open.leave();
  await open.confirm();
  expect([sent, open.snapshot()]).toEqual([[], { step: "idle" }]);
});

test("a deed that is confirmed twice is done once", async () => {
  const { open, sent } = deeds();
  open.ask("replay");
  await Promise.all([open.confirm(), open.confirm()]);
  expect([sent, open.snapshot()]).toEqual([["replay"], { step: "done", deed: "replay" }]);
});

test("a refused deed shows the reason", async () => {
  const problem = { title: "The letter is not there" };
  const { open } = deeds(problem);
  open.ask("delete");
  await open.confirm();
  expect(open.snapshot()).toEqual({ step: "refused", deed: "delete", problem });
});
