/** What is stored about a person, in DynamoDB: counts that conflict, refusals that stop them, and an end of the row. */
import { expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import { STANDING_KEPT_SECONDS } from "../../calls/limits.ts";
import type { Counted } from "../../calls/standing.ts";
import { type PersonStore, personStore } from "../../handlers/store/person-store.ts";
import { ALICE, BOB, NOW } from "./builders.ts";
import { openTables, type Tables } from "./tables.ts";

let tables: Tables;
let persons: PersonStore;
openForEach(openTables, (opened) => {
  tables = opened;
  persons = personStore(tables.env);
});

const row = { owner: `person#${ALICE.sub}` };
const first = { sinceMs: NOW, count: 1 };
const deletion = (more: Partial<Counted> = {}): Counted => ({
  sub: ALICE.sub,
  deed: "deletions",
  seen: undefined,
  next: first,
  atMs: NOW,
  ...more,
});

test("one of two simultaneous requests is counted", async () => {
  const both = await Promise.all([persons.count(deletion()), persons.count(deletion())]);
  expect(both.toSorted()).toEqual([false, true]);
  expect((await persons.read(ALICE.sub)).deletions).toEqual(first);
  expect(await persons.read(BOB.sub)).toEqual({});
});

test("deeds of different kinds are counted separately, and each postpones the end of the row", async () => {
  await persons.count(deletion());
  await persons.count(deletion({ deed: "calls", atMs: NOW + 5_000 }));
  expect(await tables.stored("OWNERS_TABLE", row)).toEqual({
    ...row,
    deletions: first,
    calls: first,
    expiresAtSeconds: NOW / 1_000 + 5 + STANDING_KEPT_SECONDS,
  });
});

test("members of the row that this version does not know are read and kept", async () => {
  await tables.put("OWNERS_TABLE", { ...row, colour: "blue" });
  await persons.count(deletion());
  await persons.refuse(ALICE.sub, NOW + 1, NOW);
  expect(await persons.read(ALICE.sub)).toMatchObject({ colour: "blue", deletions: first });
});

test("nothing is counted while a refusal lasts, and a second refusal does not shorten it", async () => {
  await persons.refuse(ALICE.sub, NOW + 60_000, NOW);
  await persons.refuse(ALICE.sub, NOW + 1_000, NOW);
  expect((await persons.read(ALICE.sub)).refusedUntilMs).toBe(NOW + 60_000);
  expect(await persons.count(deletion({ atMs: NOW + 59_999 }))).toBe(false);
  expect(await persons.count(deletion({ atMs: NOW + 60_000 }))).toBe(true);
});
