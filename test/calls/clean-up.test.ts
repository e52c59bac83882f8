import { expect, test } from "vitest";
import {
  dayOf,
  namedOperationSchema,
  noResult,
  operationIdSchema,
  seenShard,
  seenShards,
  staleBefore,
  type Summary,
  summed,
  verdictOn,
} from "../../calls/clean-up.ts";
import { ofAllRuns, runName } from "../../calls/clean-up-runs.ts";
import { clientIdIn } from "../../calls/client-list.ts";
import { MAX_REPORTED_FAILURES } from "../../calls/limits.ts";
import { ALICE, alice, bob, START_MS } from "../builders.ts";

const DAY_MS = 86_400_000;
const operation = {
  operationId: operationIdSchema.parse("monday"),
  askedAtMs: START_MS + 1,
  key: "list",
  dryRun: false,
};

test("a list may name a client in either case", () => {
  const id = "abcdefab-cdef-4abc-8def-abcdefabcdef";
  for (const line of [id, id.toUpperCase(), { clientId: id.toUpperCase() }])
    expect(clientIdIn(line)).toBe(id);
});

test("an operation of ours is named in either case, and an operator's own name is kept as it is", () => {
  const [made, uuid] = ["0123456789abcdef".repeat(2), "abcdefab-cdef-4abc-8def-abcdefabcdef"];
  const read = (id: string): string => namedOperationSchema.parse(id);
  for (const id of [made, uuid]) expect(read(id.toUpperCase())).toBe(id);
  expect(read("Monday-2")).toBe("Monday-2");
});

test("a person deletes their own client and nobody else's; without an owner any may go", () => {
  const ofAlice = { ...operation, owner: alice().sub };
  expect(verdictOn(alice(), ofAlice)).toBe("delete");
  expect(verdictOn(bob(), ofAlice)).toBe("not_your_client");
  expect(verdictOn(bob(), operation)).toBe("delete");
});

test("a client that registered after the deletion was asked for stays; one that registered in that moment goes", () => {
  expect(verdictOn({ ...alice(), registeredAtMs: START_MS + 2 }, operation)).toBe("registered_again");
  expect(verdictOn({ ...alice(), registeredAtMs: START_MS + 1 }, operation)).toBe("delete");
  expect(verdictOn({ ...alice(), createdAtMs: START_MS + 2 }, operation)).toBe("registered_again");
});

test("stale is a client whose last day is 120 days ago, whatever the hour", () => {
  const staleBeforeMs = staleBefore(START_MS, 120);
  const seenOn = (days: number) => ({ ...alice(), seenOnMs: dayOf(START_MS) - days * DAY_MS });
  const stale = { ...operation, staleBeforeMs };
  expect(verdictOn(seenOn(120), stale)).toBe("delete");
  expect(verdictOn(seenOn(119), stale)).toBe("seen_again");
});

test("clients spread over all shards of the index", () => {
  const ids = Array.from({ length: 256 }, (_, index) => `${index.toString(16).padStart(4, "0")}0000-rest`);
  expect(new Set(ids.map(seenShard))).toEqual(new Set(seenShards));
});

test("a report adds all batches and names the first hundred failures", () => {
  const failures = Array.from({ length: 70 }, () => ({ clientId: ALICE, reason: "try_again" as const }));
  const batch = { ...noResult(), deleted: 30, callsEnded: 1, failed: 70, failures };
  const nothing: Summary = {
    deleted: 0,
    alreadyGone: 0,
    callsEnded: 0,
    failed: 0,
    reasons: {},
    failures: [],
  };
  const sum = summed(summed(nothing, batch), batch);
  expect(sum).toMatchObject({ deleted: 60, callsEnded: 2, failed: 140, reasons: { try_again: 140 } });
  expect(sum.failures).toHaveLength(MAX_REPORTED_FAILURES);
});

test("a deletion that was given up runs again: what each run deleted counts once, and what failed is what the last one left", () => {
  expect([1, 2, 3].map((run) => runName(operation.operationId, run))).toEqual([
    "monday",
    "monday-2",
    "monday-3",
  ]);
  const first = { deleted: 60, alreadyGone: 10, callsEnded: 2, failed: 30 };
  const second = { deleted: 20, alreadyGone: 70, callsEnded: 1, failed: 10 };
  const third = { deleted: 9, alreadyGone: 90, callsEnded: 0, failed: 1 };
  expect(ofAllRuns([], first)).toEqual(first);
  expect(ofAllRuns([first, second], third)).toEqual({
    deleted: 89,
    alreadyGone: 10,
    callsEnded: 3,
    failed: 1,
  });
});

test("a run that has only begun makes nobody already gone whom an earlier run deleted", () => {
  const first = { deleted: 60, alreadyGone: 0, callsEnded: 0, failed: 40 };
  const begun = { deleted: 0, alreadyGone: 20, callsEnded: 0, failed: 0 };
  expect(ofAllRuns([first], begun)).toEqual({ deleted: 60, alreadyGone: 0, callsEnded: 0, failed: 0 });
});
