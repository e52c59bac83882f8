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

test("a list may contain client ids in upper or lower case", () => {
  const id = "abcdefab-cdef-4abc-8def-abcdefabcdef";
  for (const line of [id, id.toUpperCase(), { clientId: id.toUpperCase() }])
    expect(clientIdIn(line)).toBe(id);
});

test("our own operation ids are read in either case, and an operator's own name keeps its case", () => {
  const [made, uuid] = ["0123456789abcdef".repeat(2), "abcdefab-cdef-4abc-8def-abcdefabcdef"];
  const read = (id: string): string => namedOperationSchema.parse(id);
  for (const id of [made, uuid]) expect(read(id.toUpperCase())).toBe(id);
  expect(read("Monday-2")).toBe("Monday-2");
});

test("a deletion with an owner deletes only their clients, and one without deletes any", () => {
  const ofAlice = { ...operation, owner: alice().sub };
  expect(verdictOn(alice(), ofAlice)).toBe("delete");
  expect(verdictOn(bob(), ofAlice)).toBe("not_your_client");
  expect(verdictOn(bob(), operation)).toBe("delete");
});

test("a client that registered after the request for its deletion stays, and one of the same moment is deleted", () => {
  expect(verdictOn({ ...alice(), registeredAtMs: START_MS + 2 }, operation)).toBe("registered_again");
  expect(verdictOn({ ...alice(), registeredAtMs: START_MS + 1 }, operation)).toBe("delete");
  expect(verdictOn({ ...alice(), createdAtMs: START_MS + 2 }, operation)).toBe("registered_again");
});

test("a client is stale if it was last seen 120 days ago, at any hour of that day", () => {
  const staleBeforeMs = staleBefore(START_MS, 120);
  const seenOn = (days: number) => ({ ...alice(), seenOnMs: dayOf(START_MS) - days * DAY_MS });
  const stale = { ...operation, staleBeforeMs };
  expect(verdictOn(seenOn(120), stale)).toBe("delete");
  expect(verdictOn(seenOn(119), stale)).toBe("seen_again");
});

test("clients are spread over all shards of the index", () => {
  const ids = Array.from({ length: 256 }, (_, index) => `${index.toString(16).padStart(4, "0")}0000-rest`);
  expect(new Set(ids.map(seenShard))).toEqual(new Set(seenShards));
});

test("a report adds up all batches and contains the first hundred failures", () => {
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

test("a repeated deletion adds up what each run deleted, and counts as failed what the last run left", () => {
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

test("a run that has only begun does not count the clients of an earlier run as already gone", () => {
  const first = { deleted: 60, alreadyGone: 0, callsEnded: 0, failed: 40 };
  const begun = { deleted: 0, alreadyGone: 20, callsEnded: 0, failed: 0 };
  expect(ofAllRuns([first], begun)).toEqual({ deleted: 60, alreadyGone: 0, callsEnded: 0, failed: 0 });
});
