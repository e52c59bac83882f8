/** The pool of stages in DynamoDB. */
import { beforeEach, describe, expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import { freed, leased, rested } from "../../handlers/media/ivs/pool/stage-pool.ts";
import type { FreeQuery } from "../../handlers/media/ivs/pool/free-stage-index.ts";
import { type StageStore, stageStore } from "../../handlers/media/ivs/pool/stage-store.ts";
import { callId, freeStage, NOW } from "./builders.ts";
import { openTables, type Tables } from "./tables.ts";

let tables: Tables;
let stages: StageStore;

openForEach(openTables, (opened) => {
  tables = opened;
  stages = stageStore(tables.env);
});

const free = freeStage("stage-a");
const [FIRST, SECOND] = [callId(1), callId(2)];
const freeIds = async (query: Partial<FreeQuery> = {}) =>
  (await stages.free({ limit: 10, ...query })).map(({ stageId }) => stageId);
const dueIds = async (...query: Parameters<StageStore["due"]>) =>
  (await stages.due(...query)).map(({ stageId }) => stageId);

test("a stage is read as it was added, by its id and among the free ones", async () => {
  expect(await stages.add(free)).toBe(true);
  expect(await stages.read("stage-a")).toEqual(free);
  expect(await stages.free({ limit: 10 })).toEqual([free]);
  expect(await stages.read("stage-b")).toBeUndefined();
});

test("stages that are too old or cannot be read do not hide a usable one", async () => {
  for (let number = 0; number < 30; number += 1) {
    const id = `old-${String(number).padStart(2, "0")}`;
    await stages.add({ ...freeStage(id), endpointsAtMs: NOW - 1 });
    if (number % 2 === 0) await tables.set("STAGES_TABLE", { stageId: id }, "endpointsAtMs", "x");
  }
  await stages.add({ ...freeStage("young"), endpointsAtMs: NOW });
  expect(await freeIds({ limit: 3, oldestMs: NOW })).toEqual(["young"]);
  expect(await freeIds({ limit: 3, oldestMs: NOW + 1 })).toEqual([]);
});

test("adding a stage never replaces one that a call holds", async () => {
  const held = leased(free, FIRST, NOW);
  await stages.add(held);
  expect(await stages.add(free)).toBe(false);
  expect(await stages.read("stage-a")).toEqual(held);
});

test("free stages are listed by id, forwards or backwards from a place, up to the limit", async () => {
  for (const id of ["d", "a", "c", "b"]) await stages.add(freeStage(id));
  await stages.add(leased(freeStage("of-another-status"), FIRST, NOW));
  expect(await freeIds()).toEqual(["a", "b", "c", "d"]);
  expect(await freeIds({ after: "b" })).toEqual(["c", "d"]);
  expect(await freeIds({ before: "d", limit: 2 })).toEqual(["c", "b"]);
  expect(await freeIds({ after: "z" })).toEqual([]);
});

describe("stages of a status", () => {
  const resting = (id: string, untilMs: number) => rested(leased(freeStage(id), FIRST, NOW), untilMs, NOW);
  beforeEach(async () => {
    for (const stage of [resting("c", NOW + 30), resting("a", NOW + 10), resting("b", NOW + 20), free])
      await stages.add(stage);
  });

  test("are listed by due time, the earliest first", async () => {
    expect(await stages.due("resting", { limit: 1 })).toEqual([{ stageId: "a", dueAtMs: NOW + 11 }]);
    expect(await dueIds("resting", { untilMs: NOW + 21, limit: 10 })).toEqual(["a", "b"]);
    expect(await dueIds("leased", { limit: 10 })).toEqual([]);
  });

  test("are listed from a time on, the latest first", async () => {
    expect(await dueIds("resting", { fromMs: NOW + 11, limit: 10 })).toEqual(["c", "b"]);
  });

  test("are counted up to a limit, and all their ids are read", async () => {
    expect([await stages.count("resting"), await stages.count("resting", 2)]).toEqual([3, 2]);
    expect([await stages.count("free"), await stages.count("retiring")]).toEqual([1, 0]);
    expect((await stages.ids("resting")).toSorted()).toEqual(["a", "b", "c"]);
  });
});

test("many are read at once: the records, the missing ones, and those that cannot be read or are misplaced", async () => {
  const ids = Array.from({ length: 97 }, (_, n) => `stage-${n}`);
  await stages.add(freeStage("stage-3"));
  await stages.add(freeStage("stage-4"));
  await stages.add(freeStage("stage-5"));
  await tables.set("STAGES_TABLE", { stageId: "stage-4" }, "status", "unheard of");
  await tables.set("STAGES_TABLE", { stageId: "stage-5" }, "pool", "free#0");
  const records = await stages.readMany(ids);
  expect([...records.stages.keys()].toSorted()).toEqual(["stage-3", "stage-5"]);
  expect(records.unreadable).toEqual(["stage-4"]);
  expect(records.missing).toHaveLength(94);
  expect(records.misplaced).toEqual([freeStage("stage-5")]);
  await stages.replace(freeStage("stage-5"), freeStage("stage-5"));
  expect(await freeIds()).toContain("stage-5");
});

test("a free stage whose record cannot be read is skipped", async () => {
  for (const id of ["a", "b"]) await stages.add(freeStage(id));
  await tables.set("STAGES_TABLE", { stageId: "a" }, "arn", 7);
  expect(await freeIds()).toEqual(["b"]);
});

test("a stage that changes its status changes its place in the indexes", async () => {
  const resting = rested(leased(free, FIRST, NOW), NOW + 60_000, NOW);
  await stages.add(resting);
  expect(await freeIds()).toEqual([]);
  expect(await stages.replace(resting, freed(resting, NOW + 61_000))).toBe(true);
  expect(await dueIds("resting", { limit: 10 })).toEqual([]);
  expect(await stages.free({ limit: 10 })).toEqual([freed(resting, NOW + 61_000)]);
  const again = freed(resting, NOW + 61_000);
  expect(await stages.replace(again, leased(again, SECOND, NOW + 62_000))).toBe(true);
  expect([await freeIds(), await dueIds("leased", { limit: 10 })]).toEqual([[], ["stage-a"]]);
});

test("exactly one of two simultaneous calls gets a stage", async () => {
  await stages.add(free);
  const wants = [leased(free, FIRST, NOW), leased(free, SECOND, NOW)];
  const written = await Promise.all(wants.map((next) => stages.replace(free, next)));
  expect(written.filter(Boolean)).toHaveLength(1);
  expect(await stages.read("stage-a")).toEqual(wants[written.indexOf(true)]);
});

test("a stage that another call has leased since it was read is neither changed nor removed", async () => {
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

test("an unchanged stage is removed once, and a later change does not create it again", async () => {
  await stages.add(free);
  expect(await stages.remove(free)).toBe(true);
  expect(await stages.remove(free)).toBe(false);
  expect(await stages.replace(free, leased(free, FIRST, NOW))).toBe(false);
  expect(await tables.stored("STAGES_TABLE", { stageId: "stage-a" })).toBeUndefined();
});
