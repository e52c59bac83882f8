/** Pages of the console's list of calls: nothing is shown twice, nothing is left out, and no page reads without end. */
import { ListExecutionsCommand } from "@aws-sdk/client-sfn";
import { BatchGetCommand } from "@aws-sdk/lib-dynamodb";
import { expect, test } from "vitest";
import type { Call } from "../../calls/call.ts";
import { readCalls } from "../../tools/console/calls.ts";
import type { CallsQuery } from "../../tools/console/calls-query.ts";
import type { Reading } from "../../tools/console/reading.ts";
import { remembered } from "../../tools/console/remembered.ts";
import { at, callId, completed, endedWhileRinging } from "../builders.ts";

/** Every third call was declined; the one with the highest number began last. */
const callOf = (number: number): Call => ({
  ...(number % 3 === 0 ? endedWhileRinging("declined") : completed()),
  callId: callId(number),
  createdAtMs: at(number),
});

/** So many calls, with as many executions, and how often they were listed. */
function stackWith(amount: number) {
  const calls = Array.from({ length: amount }, (_, index) => callOf(amount - index));
  const byId = new Map<unknown, Call>(calls.map((call) => [call.callId, call]));
  const listed = { times: 0 };
  const send = async (command: unknown) => {
    if (command instanceof ListExecutionsCommand) {
      listed.times += 1;
      const { nextToken = "0", maxResults = 0 } = command.input;
      const end = Number(nextToken) + maxResults;
      const executions = calls.slice(Number(nextToken), end).map(({ callId: name, createdAtMs }) => ({
        name,
        status: "SUCCEEDED",
        startDate: new Date(createdAtMs),
      }));
      return { executions, ...(end < calls.length && { nextToken: String(end) }) };
    }
    if (!(command instanceof BatchGetCommand)) return { Items: [] };
    const Keys = command.input.RequestItems?.["calls"]?.Keys ?? [];
    return { Responses: { calls: Keys.flatMap(({ pk }) => byId.get(pk) ?? []) } };
  };
  const names = remembered<string>({ most: 10, now: () => 0 });
  const stack = { tables: { calls: "calls", people: "people" }, callWorkflowArn: "arn" };
  // The list of calls reads by nothing else.
  const reading = { sfn: { send }, documents: { send }, stack, memory: { names } } as unknown as Reading;
  return { reading, listed };
}

async function pages(reading: Reading, query: CallsQuery): Promise<string[][]> {
  const found: string[][] = [];
  let page: string | undefined;
  do {
    const view = await readCalls(reading, { ...query, page });
    found.push(view.calls.map((call) => call.callId));
    page = view.nextPage;
  } while (page !== undefined && found.length < 100);
  return found;
}
const ids = (from: number, to: number, keep = (_number: number): boolean => true): string[] =>
  Array.from({ length: from - to + 1 }, (_, index) => from - index)
    .filter(keep)
    .map((number) => callId(number));

test("a page has fifty calls, the latest first, and the pages together have each call once", async () => {
  const found = await pages(stackWith(120).reading, {});
  expect(found).toEqual([ids(120, 71), ids(70, 21), ids(20, 1)]);
});

test("a filter fills its pages from as many executions as it takes", async () => {
  const found = await pages(stackWith(400).reading, { reason: "completed" });
  expect(found.map(({ length }) => length)).toEqual([50, 50, 50, 50, 50, 17]);
  expect(found.flat()).toEqual(ids(400, 1, (number) => number % 3 !== 0));
});

test("one page looks through a thousand executions at most, and says how far back that was", async () => {
  const { reading, listed } = stackWith(1_500);
  const view = await readCalls(reading, { reason: "missed" });
  expect(view).toMatchObject({ calls: [], lookedBackToMs: at(501), nextPage: expect.any(String) });
  expect(listed.times).toBe(20);
  expect(await readCalls(reading, { reason: "missed", page: view.nextPage })).toEqual({
    calls: [],
    lookedBackToMs: at(1),
  });
});

test("nobody looks for calls that began before the time that was asked for", async () => {
  const { reading, listed } = stackWith(1_500);
  const found = await pages(reading, { from: at(1_490), to: at(1_492) });
  expect(found).toEqual([ids(1_492, 1_490)]);
  expect(listed.times).toBe(1);
});
