/** Which caller gets which stage, in every order in which callers read, lose and win. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_LOST_ROOMS } from "../../calls/limits.ts";
import { STAGE_CANDIDATES } from "../../handlers/media/ivs/quotas.ts";
import {
  leased,
  newStage,
  oldestEndpointsMs,
  type PooledStage,
} from "../../handlers/media/ivs/pool/stage-pool.ts";
import type { FreeQuery } from "../../handlers/media/ivs/pool/free-stage-index.ts";
import { offersOf } from "../../handlers/media/ivs/pool/stage-offers.ts";
import { freeStages } from "../../handlers/media/ivs/pool/free-stages.ts";
import { CALL, callId, START_MS, stage } from "../builders.ts";
import { fakeStages } from "../fakes.ts";
import { world } from "./world.ts";

const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".split("");
const stageIds = (least: number, most: number) =>
  fc.uniqueArray(fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 12, maxLength: 12 }), {
    minLength: least,
    maxLength: most,
  });
const stageOf = (stageId: string): PooledStage => newStage({ ...stage(), stageId }, START_MS);

/** A pool, and callers who each choose at random. */
function pool(ids: readonly string[], seed: number) {
  const stages = fakeStages(...ids.map(stageOf));
  let drawn = seed;
  const random = (bytes: number): Uint8Array =>
    Uint8Array.from({ length: bytes }, () => (drawn = (drawn * 1_103_515_245 + 12_345) % 2 ** 31) >>> 16);
  const { keeper, edge } = world();
  return { stages, tools: { stages, keeper, edge: { ...edge, random }, table: "stages" } };
}

type Pool = ReturnType<typeof pool>;
const isFree = ({ stages }: Pool): number =>
  [...stages.items.values()].filter(({ status }) => status === "free").length;

interface Outcome {
  readonly stageId: string | undefined;
  readonly lost: number;
  /** In the whole pool, at the caller's last query. */
  readonly freeAtLastQuery: number;
  readonly queries: number;
}

/** One admission. Other callers may act before each of its steps. */
async function caller(it: Pool, n: number, step: <T>(work: () => T) => Promise<T>): Promise<Outcome> {
  let [lost, queries, freeAtLastQuery] = [0, 0, 0];
  const free = (query: FreeQuery) =>
    step(() => {
      queries += 1;
      freeAtLastQuery = isFree(it);
      return it.stages.free(query);
    }).then((found) => found);
  const tools = { ...it.tools, stages: { ...it.stages, free } };
  const told = (stageId: string | undefined): Outcome => ({ stageId, lost, freeAtLastQuery, queries });
  const mine = await offersOf(tools).offer();
  for (;;) {
    const offered = await mine.next();
    if (offered.kind === "no_room") return told(undefined);
    const { stageId } = offered.roomOf(CALL);
    const wanted = stageOf(stageId);
    const won = await step(() => it.stages.replace(wanted, leased(wanted, callId(n + 1), START_MS)));
    if (won) return told(stageId);
    lost += 1;
  }
}

const seeds = fc.integer({ min: 1, max: 2 ** 30 });

test("if there is a stage for each caller, each gets its own, in any order of their steps", async () => {
  const crowd = fc.integer({ min: 1, max: 24 });
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      stageIds(24, 40),
      crowd,
      seeds,
      async (scheduler, ids, callers, seed) => {
        const it = pool(ids, seed);
        const step = <T>(work: () => T) => scheduler.schedule(Promise.resolve()).then(work);
        const all = Array.from({ length: callers }, (_, n) => caller(it, n, step));
        const outcomes = await scheduler.waitFor(Promise.all(all));
        expect(new Set(outcomes.map(({ stageId }) => stageId)).size).toBe(callers);
        expect(outcomes.map(({ stageId }) => stageId)).not.toContain(undefined);
        expect(Math.max(...outcomes.map(({ lost }) => lost))).toBeLessThan(MAX_LOST_ROOMS);
      },
    ),
    { numRuns: 60 },
  );
});

test("no caller is refused while a stage is free, and more callers than stages take every stage", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), stageIds(0, 12), seeds, async (scheduler, ids, seed) => {
      const it = pool(ids, seed);
      const step = <T>(work: () => T) => scheduler.schedule(Promise.resolve()).then(work);
      const outcomes = await scheduler.waitFor(
        Promise.all(Array.from({ length: 16 }, (_, n) => caller(it, n, step))),
      );
      const refused = outcomes.filter(({ stageId }) => stageId === undefined);
      expect(refused.map(({ freeAtLastQuery }) => freeAtLastQuery)).toEqual(refused.map(() => 0));
      expect(refused).toHaveLength(16 - ids.length);
      expect(isFree(it)).toBe(0);
    }),
    { numRuns: 60 },
  );
});

test("a caller finds the only free stage from any starting point, in at most two queries", async () => {
  await fc.assert(
    fc.asyncProperty(stageIds(1, 1), seeds, async (ids, seed) => {
      const it = pool(ids, seed);
      const found = await freeStages(it.tools);
      expect(found.stages.map(({ stageId }) => stageId)).toEqual(ids);
      expect(it.stages.state.queries).toBeLessThanOrEqual(2);
    }),
  );
});

test("an empty pool costs a caller two queries, and one read for the time to come back", async () => {
  const it = pool([], 7);
  let reads = 0;
  const { read } = it.tools.keeper;
  const keeper = { read: () => read().finally(() => (reads += 1)) };
  const tools = { ...it.tools, keeper };
  expect(await (await offersOf(tools).offer()).next()).toEqual({
    kind: "no_room",
    retryAfterSeconds: expect.any(Number),
  });
  expect([it.stages.state.queries, reads]).toEqual([2, 1]);
});

test("a full pool costs one query and is not low, and a pool with few stages is low", async () => {
  const ids = Array.from({ length: 62 }, (_, n) => `${LETTERS[n]}00000000000`);
  const full = pool(ids, 3);
  const found = await freeStages(full.tools);
  expect([found.stages.length, found.low, full.stages.state.queries]).toEqual([STAGE_CANDIDATES, false, 1]);
  expect((await freeStages(pool(ids.slice(0, 2), 3).tools)).low).toBe(true);
});

test("a stage with endpoints that are too old is no candidate", async () => {
  const it = pool(["a"], 5);
  const old = stageOf("z");
  it.stages.items.set("z", { ...old, endpointsAtMs: oldestEndpointsMs(START_MS) - 1 });
  expect((await freeStages(it.tools)).stages.map(({ stageId }) => stageId)).toEqual(["a"]);
});
