/** The console's overview: a day in numbers, counted from the log of events. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CallEnded, CallRinging } from "../../events/call-progress.ts";
import { readOverview } from "../../tools/console/overview.ts";
import type { Reading } from "../../tools/console/reading.ts";
import { remembered } from "../../tools/console/remembered.ts";
import { newTally, overviewOf, percentile } from "../../tools/console/tally.ts";
import type { EventsView, OverviewView } from "../../tools/console/views.ts";
import { at as second, START_MS } from "../builders.ts";
import { type ConsoleWorld, startConsoleWorld } from "./console-world.ts";

describe("in a stack", () => {
  let at: ConsoleWorld;
  beforeAll(async () => {
    at = await startConsoleWorld();
  });
  afterAll(async () => at?.world[Symbol.asyncDispose]());

  test("calls are counted by end reason, with their minutes and the time until they rang", async () => {
    const callId = String((await at.begin(at.carol)).body["callId"]);
    await at.world.clock.advance(2_000);
    await at.carol.send({ action: "ackRinging", callId });
    await at.world.clock.advance(1_000);
    const view = await at.view<OverviewView>("overview");
    expect(view).toMatchObject({
      isWhole: true,
      living: 1,
      ended: 3,
      answered: 1,
      rang: 1,
      pushes: 5,
      failures: [],
      talkMs: { video: 0 },
      pool: { maxStages: 400, counts: { leased: 1 } },
    });
    expect(new Map(view.byReason.map(({ reason, calls }) => [reason, calls]))).toEqual(
      new Map([
        ["completed", 1],
        ["declined", 1],
        ["missed", 1],
      ]),
    );
    expect(Math.round((view.toRingMs?.p50 ?? 0) / 1000)).toBe(2);
    expect(Math.round(view.talkMs.audio / 1000)).toBe(5);
    expect(view.hours.reduce((sum, { answered, unanswered }) => sum + answered + unanswered, 0)).toBe(3);
  });

  test("refused pushes are counted by network and reason", async () => {
    at.world.runtime.pinpoint.setOutcome(at.bob.deviceToken, "TEMPORARY_FAILURE");
    await at.world.clock.advance(60_000);
    const callId = String((await at.begin(at.bob)).body["callId"]);
    await at.world.clock.advance(60_000);
    await at.world.ended(callId);
    at.world.runtime.pinpoint.setOutcome(at.bob.deviceToken, "SUCCESSFUL");
    const { failures } = await at.view<OverviewView>("overview");
    expect(failures).toMatchObject([
      { channel: "GCM", outcome: "failed", reason: "TEMPORARY_FAILURE (503)" },
    ]);
  });

  test("a day that has not begun is empty", async () => {
    expect(await at.view<OverviewView>(`overview?from=${at.world.clock.now() + 1_000}`)).toMatchObject({
      ended: 0,
      answered: 0,
      byReason: [],
      pushes: 0,
    });
  });

  test("events are found by any text in them", async () => {
    const { events } = await at.view<EventsView>(`events?text=${at.calls.missed}%20MISSED`);
    expect(events.length).toBeGreaterThan(0);
    for (const event of events) expect(JSON.stringify(event)).toMatch(/missed/);
    expect((await at.view<EventsView>("events?text=nothing-like-that")).events).toEqual([]);
  });
});

test.each([
  [[], 0, 0],
  [[7], 7, 7],
  [Array.from({ length: 200 }, (_, index) => index + 1), 100, 198],
])("percentiles are measured values", (values, p50, p99) => {
  expect([percentile(values, 50), percentile(values, 99)]).toEqual([p50, p99]);
});

test("an hour contains the calls that began in it, and the first hour those from before", () => {
  const tally = newTally(START_MS);
  const ended = { media: "audio", endReason: "missed" } as const;
  tally.untilMs = second(2 * 3600);
  tally.ended.set("a", { ...ended, createdAtMs: second(-5) });
  tally.ended.set("b", { ...ended, createdAtMs: second(3601), answeredAtMs: second(3700) });
  expect(overviewOf(tally).hours).toMatchObject([
    { answered: 0, unanswered: 1 },
    { answered: 1, unanswered: 0 },
  ]);
});

describe("a long log of events", () => {
  const entry = (number: number, type: string, more: object) => ({
    message: JSON.stringify({
      id: `event-${number}`,
      source: "ringmaster",
      "detail-type": type,
      time: new Date(second(number)).toISOString(),
      detail: {
        v: 1,
        callId: `call-${number}`,
        version: 2,
        status: "ended",
        media: "audio",
        callerId: "a",
        calleeId: "b",
        createdAtMs: second(number),
        ringUntilMs: second(number + 45),
        ...more,
      },
    }),
    ingestionTime: second(number),
  });

  /** A log of these pages: the requests, and an overview of it. */
  function logOf(pages: readonly (readonly object[])[]) {
    const asked: object[] = [];
    const now = (): number => second(100_000);
    const memory = {
      tallies: remembered({ most: 3, now }),
      pool: remembered({ most: 1, now }),
      everyone: undefined,
    };
    const logs = {
      send: async ({ input }: { input: { nextToken?: string } }) => {
        asked.push(input);
        const page = Number(input.nextToken ?? 0);
        return { events: pages[page] ?? [], ...(page + 1 < pages.length && { nextToken: String(page + 1) }) };
      },
    };
    const none = { send: async () => ({}) };
    const stack = {
      eventLogGroup: "log",
      callWorkflowArn: "arn",
      tables: { stages: "stages" },
      maxStages: 1,
    };
    // The overview uses no other member of a reading.
    const reading = { logs, sfn: none, documents: none, stack, memory, now } as unknown as Reading;
    return { asked, read: () => readOverview(reading, { from: START_MS }) };
  }

  test("is read four pages at a time, including empty ones, each once, and the view says how far it is", async () => {
    const page = (number: number) => [
      entry(number, CallRinging.name, { status: "ringing", ringingAtMs: second(number + 1) }),
      entry(number, CallEnded.name, { endReason: "missed", endedAtMs: second(number + 45) }),
    ];
    const { asked, read } = logOf([page(1), [], page(2), page(3), [], page(5)]);
    expect(await read()).toMatchObject({ isWhole: false, ended: 3, rang: 3, untilMs: second(3) });
    expect(asked).toHaveLength(4);
    expect(await read()).toMatchObject({
      isWhole: true,
      ended: 4,
      toRingMs: { p50: 1_000 },
      untilMs: second(100_000),
    });
    expect(asked).toHaveLength(6);
    expect(asked[4]).toMatchObject({ nextToken: "4", startTime: START_MS });
  });

  test("counts an event that is logged twice once", async () => {
    const twice = entry(1, CallEnded.name, { endReason: "missed" });
    expect(await logOf([[twice, twice]]).read()).toMatchObject({
      ended: 1,
      byReason: [{ reason: "missed", calls: 1 }],
    });
  });
});
