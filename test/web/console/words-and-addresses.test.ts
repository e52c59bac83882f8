/** Addresses, durations and prices. */
import { expect, test } from "vitest";
import { PRICES } from "../../../bench/prices.ts";
import { dayOf } from "../../../web/console/state/day.ts";
import { costOfDay, overviewSchema, partOf } from "../../../web/console/state/overview-facts.ts";
import { dollars, LIST_PRICES } from "../../../web/console/state/cost.ts";
import { exact, moment, relative, sinceStart, spell } from "../../../web/console/state/durations.ts";
import { factsUrlOf, routeOf, urlOf } from "../../../web/console/state/route.ts";

test.each([
  "/console/calls",
  "/console/calls?client=a&reason=missed",
  "/console/calls/c-1",
  "/console/calls/c-1?state=How+did+ringing+end%3F",
  "/console/calls/c-1?execution=c-1-repair-1",
  "/console/calls/c-1?hide=event.push",
  "/console/clients?search=al",
  "/console/clients?search=al&order=seen&next=x",
  "/console/overview",
  "/console/search?q=zo%C3%AB+adams",
  "/console/clients/a%2Fb",
  "/console/stages",
  "/console/clean-ups",
  "/console/clean-ups/op-1",
  "/console/events?type=CallEnded&call=c-1&text=missed",
  "/console/dead-letters",
])("%s is parsed and printed as the same address", (url) => {
  const [path = "", query = ""] = url.split("?");
  expect(urlOf(routeOf(path, query))).toBe(url);
});

test("the console opens with the calls, and an unknown address shows that it is unknown", () => {
  expect(routeOf("/console", "")).toEqual({ page: "calls", filter: {} });
  expect(routeOf("/console/", "")).toEqual({ page: "calls", filter: {} });
  expect(routeOf("/console/nothing", "").page).toBe("nowhere");
  expect(routeOf("/console/calls/%E0", "")).toMatchObject({ page: "call", callId: "%E0" });
});

test("the server gets the filter", () => {
  const route = routeOf("/console/calls", "reason=missed&from=1&next=abc");
  expect(factsUrlOf(route)).toBe("/console/api/calls?reason=missed&from=1&page=abc");
});

test("a client that is no complete id is searched for, and is no filter", () => {
  const id = "00000000-0000-4000-8000-000000000001";
  expect(factsUrlOf(routeOf("/console/calls", "client=bob&reason=missed"))).toBe(
    "/console/api/calls?reason=missed",
  );
  expect(factsUrlOf(routeOf("/console/calls", `client=${id}`))).toBe(`/console/api/calls?client=${id}`);
});

test("a day lasts from midnight to midnight in the operator's time zone", () => {
  const { name, fromMs, toMs } = dayOf(new Date(2026, 10, 29, 13, 5).getTime());
  expect([name, new Date(fromMs).getHours(), new Date(toMs + 1).getDate()]).toEqual(["2026-11-29", 0, 30]);
});

test("a day costs its media and its calls' orchestration, as for calls of two", () => {
  const day = overviewSchema.parse({
    fromMs: 0,
    untilMs: 1,
    isWhole: true,
    living: 0,
    mostLiving: 1_000,
    ended: 3,
    answered: 1,
    byReason: [],
    hours: [],
    rang: 0,
    pushes: 0,
    failures: [],
    talkMs: { audio: 3_600_000, video: 3_600_000 },
    pool: { maxStages: 1, counts: { free: 0, leased: 0, resting: 0, retiring: 0 } },
  });
  const { media, orchestration } = costOfDay(day);
  expect(media).toBeCloseTo(0.144 + 0.0144, 6);
  expect(orchestration).toBeCloseTo(0.000317 + 2 * 0.00024 + 2 * 0.000077, 9);
  expect([partOf(1, 3), partOf(0, 0)]).toEqual(["33%", undefined]);
});

test.each([
  [0, "0 ms"],
  [850, "850 ms"],
  [5_300, "5.3 s"],
  [9_999, "9.9 s"],
  [59_999, "59 s"],
  [187_000, "3 min 7 s"],
  [3_600_000, "1 h"],
  [7_500_000, "2 h 5 min"],
  [90_000_000, "1 d 1 h"],
])("%i ms are spelled %s", (ms, text) => {
  expect(spell(ms)).toBe(text);
});

test("a time has its date and time zone, and the year if it is another year", () => {
  const atMs = Date.UTC(2026, 10, 29, 12, 3, 22, 45);
  expect(moment(atMs, atMs)).toMatch(/^\d\d? Nov, \d\d:\d\d:\d\d \S+$/);
  expect(moment(atMs, atMs + 300 * 86_400_000)).toMatch(/^\d\d? Nov 2026, \d\d:\d\d:\d\d \S+$/);
  expect(exact(atMs)).toBe("2026-11-29T12:03:22.045Z");
});

test.each([
  [187_000, "3 min 7 s ago"],
  [400, "now"],
  [-7_500_000, "in 2 h 5 min"],
])("%i ms before now is %s", (ms, text) => {
  expect(relative(1_000_000_000 - ms, 1_000_000_000)).toBe(text);
});

test("offsets are shown to the millisecond", () => {
  expect(sinceStart(0)).toBe("+0");
  expect(sinceStart(193_001)).toBe("+193\u202F001");
});

test("the list prices are those of the bench", () => {
  expect(LIST_PRICES).toMatchObject({
    transition: PRICES["states:transition"],
    event: PRICES["events:event"],
    lambdaRequest: PRICES["lambda:request"],
    lambdaGbSecond: PRICES["lambda:gb-second"],
  });
});

test("small prices keep their significant digits", () => {
  expect([0, 0.000025, 0.0000002, 0.0078123, 1.5].map(dollars)).toEqual([
    "$0",
    "$0.000025",
    "$0.0000002",
    "$0.0078",
    "$1.50",
  ]);
});
