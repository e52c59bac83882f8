/** The pool of stages in DynamoDB. */
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freed, leased, rested } from "../../calls/stage-pool.ts";
import { type StageStore, stageStore } from "../../handlers/adapters/stage-store.ts";
import { callId, freeStage, NOW } from "./builders.ts";
import { openTables, type Tables } from "./tables.ts";

let tables: Tables;
let stages: StageStore;

beforeEach(async () => {
  tables = await openTables();
  stages = stageStore(tables.env);
});
afterEach(() => tables.close());

const free = freeStage("stage-a");
const [FIRST, SECOND] = [callId(1), callId(2)];
const idsOf = async (query: Parameters<StageStore["page"]>[0]) =>
  (await stages.page(query)).map(({ stageId }) => stageId);

test("a stage comes back as it was added, by its id and from its pool", async () => {
  await stages.add(free);
  expect(await stages.read("stage-a")).toEqual(free);
  expect(await stages.page({ status: "free", shard: 0 })).toEqual([free]);
  expect(await stages.read("stage-b")).toBeUndefined();
});

test("adding a stage never replaces one that a call holds", async () => {
  const held = leased(free, FIRST, NOW);
  await stages.add(held);
  await expect(stages.add(free)).rejects.toThrow(ConditionalCheckFailedException);
  expect(await stages.read("stage-a")).toEqual(held);
});

test("a page has the stages of one status and shard in id order, from a place on, up to its limit", async () => {
  for (const id of ["d", "a", "c", "b"]) await stages.add(freeStage(id));
  await stages.add(freeStage("of-another-shard", 1));
  await stages.add(leased(freeStage("of-another-status"), FIRST, NOW));
  const query = { status: "free", shard: 0 } as const;
  expect(await idsOf(query)).toEqual(["a", "b", "c", "d"]);
  expect(await idsOf({ ...query, after: "b" })).toEqual(["c", "d"]);
  expect(await idsOf({ ...query, after: "a", limit: 2 })).toEqual(["b", "c"]);
  expect(await idsOf({ ...query, shard: 1 })).toEqual(["of-another-shard"]);
  expect(await idsOf({ ...query, status: "leased" })).toEqual(["of-another-status"]);
});

test("a stage that changes its status changes its pool", async () => {
  const resting = rested(leased(free, FIRST, NOW), NOW + 60_000, NOW);
  await stages.add(resting);
  expect(await stages.replace(resting, freed(resting, NOW + 61_000))).toBe(true);
  expect(await idsOf({ status: "resting", shard: 0 })).toEqual([]);
  expect(await stages.page({ status: "free", shard: 0 })).toEqual([freed(resting, NOW + 61_000)]);
});

test("of two calls that want a stage at the same moment exactly one gets it", async () => {
  await stages.add(free);
  const wants = [leased(free, FIRST, NOW), leased(free, SECOND, NOW)];
  const written = await Promise.all(wants.map((next) => stages.replace(free, next)));
  expect(written.filter(Boolean)).toHaveLength(1);
  expect(await stages.read("stage-a")).toEqual(wants[written.indexOf(true)]);
});

test("a stage that has gone to another call since it was read is neither changed nor removed", async () => {
  const before = leased(free, FIRST, NOW);
  const now = leased(free, SECOND, NOW);
  await stages.add(now);
  expect(await stages.replace(before, rested(before, 0, NOW))).toBe(false);
  expect(await stages.remove(before)).toBe(false);
  expect(await stages.read("stage-a")).toEqual(now);
});

test("a stage that was leased since it was read as new is not removed", async () => {
  const now = leased(free, FIRST, NOW);
  await stages.add(now);
  expect(await stages.remove(free)).toBe(false);
  expect(await stages.read("stage-a")).toEqual(now);
});

test("a stage that is unchanged is removed, once, and a change does not bring it back", async () => {
  await stages.add(free);
  expect(await stages.remove(free)).toBe(true);
  expect(await stages.remove(free)).toBe(false);
  expect(await stages.replace(free, leased(free, FIRST, NOW))).toBe(false);
  expect(await tables.stored("STAGES_TABLE", { stageId: "stage-a" })).toBeUndefined();
});
