/** Dead letters in a console that may write: sent again to their origin or deleted, one at a time. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { field } from "../../tools/console/day-csv.ts";
import { refusalOf } from "../../tools/console/server.ts";
import type { DeadLettersView } from "../../tools/console/views.ts";
import { type ConsoleWorld, startConsoleWorld } from "./console-world.ts";

let at: ConsoleWorld;
beforeAll(async () => {
  at = await startConsoleWorld();
});
afterAll(async () => at?.world[Symbol.asyncDispose]());

const urlOf = (queue: string): string => `http://127.0.0.1:4566/000000000000/${queue}`;
const DRIVE = "ringmaster-drive-call-failed";
const VERIFY = "ringmaster-verify-legs-failed";

const put = (queue: string, body: string) =>
  at.world.aws("sqs", "SendMessage", { QueueUrl: urlOf(queue), MessageBody: body });

async function lettersIn(queue: string) {
  await at.world.clock.advance(2_000);
  const { queues } = await at.view<DeadLettersView>("dead-letters");
  return queues.find(({ name }) => name === queue)?.letters ?? [];
}

async function does(deed: string, body: object, headers: Record<string, string> = {}) {
  const json = { "content-type": "application/json", ...headers };
  return at.reply(`dead-letters/${deed}`, json, "POST", JSON.stringify(body));
}

/** An event of the bus, as a rule puts it into its dead-letter queue. */
const event = (callId: string) => ({
  id: "e-1",
  source: "ringmaster",
  "detail-type": "CallRinging",
  time: "2026-01-01T00:00:00Z",
  detail: { v: 1, callId },
});

test("an event is sent to the bus again, its letter is deleted, and the others stay", async () => {
  await put(DRIVE, JSON.stringify(event(at.calls.declined)));
  await put(DRIVE, "no event at all");
  const letters = await lettersIn(DRIVE);
  const letter = letters.find(({ body }) => body.includes("CallRinging"));
  expect(letter).toMatchObject({ replay: "the bus" });
  const before = at.world.happened.length;
  expect(await does("replay", { queue: DRIVE, id: letter?.id })).toMatchObject({ status: 200 });
  await at.world.clock.advance(1_000);
  const carried = at.world.happened.slice(before).flatMap((one) => (one.kind === "event" ? [one] : []));
  expect(carried).toMatchObject([{ detailType: "CallRinging", detail: { callId: at.calls.declined } }]);
  expect((await lettersIn(DRIVE)).map(({ body }) => body)).toEqual(["no event at all"]);
});

test("a letter that is no event of the bus and came from no queue can only be deleted", async () => {
  const [letter] = await lettersIn(DRIVE);
  expect(letter).not.toHaveProperty("replay");
  const which = { queue: DRIVE, id: letter?.id };
  expect(await does("replay", which)).toMatchObject({ status: 422 });
  expect(await lettersIn(DRIVE)).toHaveLength(1);
  expect(await does("delete", which)).toMatchObject({ status: 200, body: { done: "delete" } });
  expect(await lettersIn(DRIVE)).toEqual([]);
  expect(await does("delete", which)).toMatchObject({ status: 409 });
});

test("a letter from a queue goes back to that queue", async () => {
  await put(VERIFY, '{"doubt":1}');
  const [letter] = await lettersIn(VERIFY);
  expect(letter?.replay).toBe("ringmaster-legs-in-doubt");
  const before = at.world.happened.length;
  expect(await does("replay", { queue: VERIFY, id: letter?.id })).toMatchObject({ status: 200 });
  const asked = at.world.happened
    .slice(before)
    .flatMap((one) =>
      one.kind === "aws-call" && /^(Send|Delete)Message$/.test(one.operation) ? [one.operation] : [],
    );
  expect(asked.slice(0, 2)).toEqual(["SendMessage", "DeleteMessage"]);
  expect(await lettersIn(VERIFY)).toEqual([]);
});

test("a wrong request is refused", async () => {
  expect(await does("burn", { queue: DRIVE, id: "1" })).toMatchObject({ status: 404 });
  expect(await does("delete", { queue: DRIVE })).toMatchObject({ status: 400 });
  expect(await does("delete", { queue: "other", id: "1" })).toMatchObject({ status: 404 });
  expect(await does("delete", {}, { "content-type": "text/plain" })).toMatchObject({ status: 415 });
  expect(await does("delete", {}, { "sec-fetch-site": "cross-site" })).toMatchObject({ status: 403 });
});

test("a console without --write refuses every deed", () => {
  const headers = { host: "127.0.0.1:4700", "content-type": "application/json" };
  const request = { method: "POST", path: "/console/api/dead-letters/delete", query: "", headers };
  expect(refusalOf(request)).toMatchObject({ status: 405, detail: expect.stringContaining("--write") });
  expect(refusalOf(request, { canWrite: true })).toBeUndefined();
});

test("a day's calls are a file for spreadsheets, with names, times and durations", async () => {
  const nowMs = at.world.clock.now();
  const answer = await at.ask(`calls.csv?from=${nowMs - 3_600_000}&to=${nowMs}`);
  if ("stream" in answer) throw new Error("the file goes on");
  expect(answer.headers).toMatchObject({ "content-type": "text/csv; charset=utf-8" });
  const [head, ...rows] = String(answer.body).trimEnd().split("\r\n");
  expect(head?.split(",").slice(0, 4)).toEqual(["call id", "began", "status", "ended as"]);
  expect(rows.map((row) => row.split(",")[0])).toEqual([
    at.calls.missed,
    at.calls.declined,
    at.calls.completed,
  ]);
  const completed = rows[2]?.split(",");
  expect(completed?.slice(2, 5)).toEqual(["ended", "completed", "audio"]);
  expect(completed).toContain("Bob Brown");
  expect(Number(completed?.at(-1))).toBeGreaterThanOrEqual(5_000);
  expect(await at.reply("calls.csv?from=1")).toMatchObject({ status: 400 });
  expect(await at.reply(`calls.csv?from=0&to=${nowMs}`)).toMatchObject({ status: 400 });
});

test.each([
  ["plain", "plain"],
  ['Bob "B" Brown, Jr', '"Bob ""B"" Brown, Jr"'],
  ["=1+1", "'=1+1"],
  ["@SUM(A1)", "'@SUM(A1)"],
])("a field of the file cannot become a formula: %s", (text, as) => {
  expect(field(text)).toBe(as);
});
