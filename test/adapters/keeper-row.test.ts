/** The lease of the pool's keeper and what it remembers, in DynamoDB. */
import { expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import { INITIAL_STATE } from "../../handlers/media/ivs/pool/pool-keeper.ts";
import {
  type KeeperReading,
  keeperReading,
  type KeeperRow,
  keeperRow,
} from "../../handlers/media/ivs/pool/keeper-row.ts";
import { NOW } from "./builders.ts";
import { openTables, type Tables } from "./tables.ts";

let tables: Tables;
let row: KeeperRow;
let reading: KeeperReading;

openForEach(openTables, (opened) => {
  tables = opened;
  row = keeperRow(tables.env);
  reading = keeperReading(tables.env);
});

const LEARNT = { ...INITIAL_STATE, goal: 120, demand: 1.5, cursor: "page" };

test("one run at a time has the lease, until it gives it back or its time is over", async () => {
  expect(await row.take("one", NOW, NOW + 10)).toEqual(INITIAL_STATE);
  expect(await row.take("other", NOW + 9, NOW + 20)).toBeUndefined();
  expect(await row.take("other", NOW + 10, NOW + 20)).toEqual(INITIAL_STATE);
  expect(await row.keep("one", LEARNT, NOW + 30)).toBe(false);
  expect(await row.keep("other", LEARNT, 0)).toBe(true);
  expect(await row.take("one", NOW + 11, NOW + 20)).toEqual(LEARNT);
});

test("a request whose first answer was lost has the lease all the same", async () => {
  await row.take("one", NOW, NOW + 10);
  expect(await row.take("one", NOW, NOW + 10)).toEqual(INITIAL_STATE);
});

test("of two runs that want it at once exactly one gets it", async () => {
  const taken = await Promise.all(["one", "other"].map((owner) => row.take(owner, NOW, NOW + 10)));
  expect(taken.filter(Boolean)).toHaveLength(1);
});

test.each([
  ["of no kind", undefined],
  ["that is text", "soon"],
  ["longer than any run's", NOW + 24 * 3_600_000],
])("a lease %s is none", async (_what, untilMs) => {
  await row.take("one", NOW, NOW + 10);
  await tables.set("STAGES_TABLE", { stageId: "keeper" }, "untilMs", untilMs ?? null);
  expect(await row.take("other", NOW, NOW + 10)).toEqual(INITIAL_STATE);
});

test("what was remembered is read by others; what cannot be read is learnt anew", async () => {
  expect(await reading.read()).toBeUndefined();
  await row.take("one", NOW, NOW + 10);
  await row.keep("one", LEARNT, 0);
  expect(await reading.read()).toEqual(LEARNT);
  await tables.set("STAGES_TABLE", { stageId: "keeper" }, "state", { goal: "many" });
  expect(await row.take("one", NOW, NOW + 10)).toEqual(INITIAL_STATE);
});
