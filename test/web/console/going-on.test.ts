/** A filter continues until it finds something or reaches the end, and says how far it looked. */
import { expect, test } from "vitest";
import { goOn } from "../../../web/console/state/going-on.ts";

const row = {
  callId: "c-1",
  status: "ended",
  endReason: "missed",
  media: "audio",
  parties: [],
  createdAtMs: 5,
} as const;
const first = { calls: [], nextPage: "1", lookedAt: 800, lookedBackToMs: 900 };

/** Pages by their tokens, and the requests in order. */
function pages(of: Readonly<Record<string, object>>, status = 200) {
  const asked: string[] = [];
  const going = goOn(
    {
      urlOf: (page) => page,
      async ask(url) {
        asked.push(url);
        return { status, body: of[url] };
      },
    },
    first,
  );
  return { asked, going };
}
const settled = (): Promise<void> => new Promise((done) => setImmediate(done));

test("stops at the first match, and keeps the token of the next page", async () => {
  const { asked, going } = pages({
    1: { calls: [], nextPage: "2", lookedAt: 800, lookedBackToMs: 600 },
    2: { calls: [row], nextPage: "3", lookedAt: 700, lookedBackToMs: 300 },
  });
  going.subscribe(() => undefined);
  await settled();
  expect(asked).toEqual(["1", "2"]);
  expect(going.snapshot()).toEqual({
    step: "found",
    calls: [row],
    nextPage: "3",
    lookedAt: 2_300,
    lookedBackToMs: 300,
  });
});

test("stops at the end, after all calls", async () => {
  const { going } = pages({ 1: { calls: [], lookedAt: 100, lookedBackToMs: 600 } });
  going.subscribe(() => undefined);
  await settled();
  expect(going.snapshot()).toMatchObject({ step: "at-the-end", lookedAt: 900, lookedBackToMs: 600 });
});

test("reads no page without a subscriber, and stops on request", async () => {
  const further = { calls: [], nextPage: "1", lookedAt: 1 };
  const { asked, going } = pages({ 1: further });
  await settled();
  expect(asked).toEqual([]);
  const leave = going.subscribe(() => undefined);
  going.stop();
  await settled();
  expect(going.snapshot()).toMatchObject({ step: "stopped", lookedAt: 800 });
  leave();
});

test("shows a refused page as a problem", async () => {
  const { going } = pages({ 1: { title: "AWS throttles the console" } }, 503);
  going.subscribe(() => undefined);
  await settled();
  expect(going.snapshot()).toMatchObject({
    step: "refused",
    problem: { title: "AWS throttles the console" },
  });
});
