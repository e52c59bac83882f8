/** The lease and the state of the pool's keeper, in DynamoDB. */
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

test("one run at a time has the lease, until it gives it back or the lease expires", async () => {
  expect(await row.take("one", NOW, NOW + 10)).toEqual(INITIAL_STATE);
  expect(await row.take("other", NOW + 9, NOW + 20)).toBeUndefined();
  expect(await row.take("other", NOW + 10, NOW + 20)).toEqual(INITIAL_STATE);
  expect(await row.keep("one", LEARNT, NOW + 30)).toBe(false);
  expect(await row.keep("other", LEARNT, 0)).toBe(true);
  expect(await row.take("one", NOW + 11, NOW + 20)).toEqual(LEARNT);
});

test("a request whose first answer was lost has the lease", async () => {
  await row.take("one", NOW, NOW + 10);
  expect(await row.take("one", NOW, NOW + 10)).toEqual(INITIAL_STATE);
});

test("exactly one of two simultaneous runs gets the lease", async () => {
  const taken = await Promise.all(["one", "other"].map((owner) => row.take(owner, NOW, NOW + 10)));
  expect(taken.filter(Boolean)).toHaveLength(1);
});

test.each([
  ["without a time", undefined],
  ["with text for a time", "soon"],
  ["longer than any run's", NOW + 24 * 3_600_000],
])("a lease %s does not count", async (_what, untilMs) => {
  await row.take("one", NOW, NOW + 10);
  await tables.set("STAGES_TABLE", { stageId: "keeper" }, "untilMs", untilMs ?? null);
  expect(await row.take("other", NOW, NOW + 10)).toEqual(INITIAL_STATE);
});

test("other functions read the state, and a state that cannot be read is replaced by the initial one", async () => {
  expect(await reading.read()).toBeUndefined();
  await row.take("one", NOW, NOW + 10);
  await row.keep("one", LEARNT, 0);
  expect(await reading.read()).toEqual(LEARNT);
  await tables.set("STAGES_TABLE", { stageId: "keeper" }, "state", { goal: "many" });
  expect(await row.take("one", NOW, NOW + 10)).toEqual(INITIAL_STATE);
});
