/** Views that stay up to date, and what they show if they cannot. */
import { expect, test } from "vitest";
import * as z from "zod/mini";
import { openLiveViews, type Stream } from "../../../web/console/state/live.ts";

const schema = z.object({ calls: z.number() });

/** A server whose streams the test controls. */
function world(asked: { status: number; body: unknown } = { status: 200, body: { calls: 0 } }) {
  const opened: {
    url: string;
    closed: boolean;
    refuse: () => void;
    say: (type: string, data?: unknown) => void;
  }[] = [];
  const waiting: { ms: number; run: () => void }[] = [];
  const live = openLiveViews({
    now: () => 1_000,
    ask: async () => asked,
    after(ms, run) {
      const timer = { ms, run };
      waiting.push(timer);
      return () => void waiting.splice(waiting.indexOf(timer), waiting.includes(timer) ? 1 : 0);
    },
    open(url) {
      const listeners = new Map<string, (event: { data?: unknown }) => void>();
      let readyState = 0;
      const stream: (typeof opened)[number] = {
        url,
        closed: false,
        refuse: () => (readyState = 2),
        say: (type, data) => listeners.get(type)?.({ data: JSON.stringify(data) }),
      };
      opened.push(stream);
      return {
        get readyState() {
          return readyState;
        },
        addEventListener: (type, listener) => void listeners.set(type, listener),
        close: () => (stream.closed = true),
      } satisfies Stream;
    },
  });
  const pass = (): void => {
    for (const { run } of waiting.splice(0)) run();
  };
  const answered = (): Promise<void> =>
    new Promise((done) => queueMicrotask(() => queueMicrotask(() => queueMicrotask(done))));
  return { live, opened, pass, answered };
}

test("two subscribers of a view share a stream, which closes after the last of them", () => {
  const { live, opened, pass } = world();
  const leave = [live("/calls", schema), live("/calls", schema)].map((view) =>
    view.subscribe(() => undefined),
  );
  expect(opened).toHaveLength(1);
  leave[0]?.();
  pass();
  expect(opened[0]?.closed).toBe(false);
  leave[1]?.();
  pass();
  expect(opened[0]?.closed).toBe(true);
});

test("a page that opens as another closes keeps the stream", () => {
  const { live, opened, pass } = world();
  live("/calls", schema).subscribe(() => undefined)();
  live("/calls", schema).subscribe(() => undefined);
  pass();
  expect(opened).toMatchObject([{ closed: false }]);
});

test("each message replaces the whole view", () => {
  const { live, opened } = world();
  const view = live("/calls", schema);
  let changes = 0;
  view.subscribe(() => (changes += 1));
  opened[0]?.say("message", { calls: 1 });
  opened[0]?.say("message", { calls: 2 });
  expect(view.snapshot()).toEqual({ connection: "open", view: { calls: 2 }, heardAtMs: 1_000 });
  expect(changes).toBe(2);
});

test("a lost connection keeps the last view, and shows that it is lost", () => {
  const { live, opened } = world();
  const view = live("/calls", schema);
  view.subscribe(() => undefined);
  opened[0]?.say("message", { calls: 1 });
  opened[0]?.say("error");
  expect(view.snapshot()).toMatchObject({ connection: "lost", view: { calls: 1 } });
  expect(opened).toHaveLength(1);
  opened[0]?.say("open");
  expect(view.snapshot()).toMatchObject({ connection: "open" });
});

test("a stream that is refused shows the reason, and is opened again only if that may help", async () => {
  const { live, opened, pass, answered } = world({
    status: 404,
    body: { status: 404, title: "No such call" },
  });
  const view = live("/calls/x", schema);
  view.subscribe(() => undefined);
  opened[0]?.refuse();
  opened[0]?.say("error");
  await answered();
  expect(view.snapshot().problem).toEqual({ status: 404, title: "No such call" });
  pass();
  expect(opened).toHaveLength(1);
  view.again();
  expect(opened).toHaveLength(2);
});

test("a stream that is refused for now is opened again", async () => {
  const { live, opened, pass, answered } = world({ status: 503, body: { title: "Too many requests" } });
  live("/calls", schema).subscribe(() => undefined);
  opened[0]?.refuse();
  opened[0]?.say("error");
  await answered();
  pass();
  expect(opened).toHaveLength(2);
});

test("a problem in the stream is shown until the next view", () => {
  const { live, opened } = world();
  const view = live("/calls", schema);
  view.subscribe(() => undefined);
  opened[0]?.say("problem", { title: "Throttled", detail: "Rate exceeded" });
  expect(view.snapshot().problem).toEqual({ title: "Throttled", detail: "Rate exceeded" });
  opened[0]?.say("message", { calls: 3 });
  expect(view.snapshot()).not.toHaveProperty("problem");
});

test("a message that cannot be parsed is a problem, and does not break the page", () => {
  const { live, opened } = world();
  const view = live("/calls", schema);
  view.subscribe(() => undefined);
  opened[0]?.say("message", { calls: "many" });
  expect(view.snapshot().problem?.title).toContain("cannot read");
});
