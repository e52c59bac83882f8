import { describe, expect, test } from "vitest";
import { closeCall, endBy } from "../../calls/rules.ts";
import { newStage, type PooledStage } from "../../calls/stage-pool.ts";
import { keepStages } from "../../handlers/keep-stages.ts";
import {
  after,
  answered,
  at,
  CALL,
  callId,
  freeStage,
  leasedStage,
  restingStage,
  stage,
} from "../builders.ts";
import { fakeDoubts } from "../fake-presence.ts";
import { fakeCalls, fakeEdge, fakeStages } from "../fakes.ts";

type Proof = "session" | "participants";

/** IVS with these stages, some of them with people on them. */
function fakeIvs(stageIds: readonly string[], people: Record<string, string[]>, edge: { now: () => number }) {
  const arnOf = (stageId: string) => `arn:aws:ivs:us-east-1:000000000000:stage/${stageId}`;
  const existing = new Set(stageIds.map(arnOf));
  const idOf = (arn: string) => arn.slice(arn.lastIndexOf("/") + 1);
  const calls: { operation: string; arn?: string; atMs: number }[] = [];
  const log = (operation: string, arn?: string) =>
    void calls.push({ operation, atMs: edge.now(), ...(arn && { arn: idOf(arn) }) });
  const sessions = new Set(Object.keys(people));
  let created = 100;
  const pageSize = 2;
  return {
    calls,
    existing,
    did: (operation: string) => calls.filter((call) => call.operation === operation).map(({ arn }) => arn),
    async create() {
      log("create");
      const made = stage((created += 1));
      existing.add(made.arn);
      return made;
    },
    async get(arn: string) {
      log("get", arn);
      return existing.has(arn) ? { ...stage(), arn, stageId: idOf(arn) } : undefined;
    },
    async list(nextToken = "0") {
      log("list");
      const from = Number(nextToken);
      const stages = [...existing].slice(from, from + pageSize).map((arn) => ({
        arn,
        stageId: idOf(arn),
        active: sessions.has(idOf(arn)),
      }));
      const more = from + pageSize < existing.size;
      return { stages, nextToken: more ? String(from + pageSize) : undefined };
    },
    async sessionOf(arn: string) {
      log("get", arn);
      return sessions.has(idOf(arn)) ? "session" : undefined;
    },
    async connected(arn: string) {
      log("participants", arn);
      return people[idOf(arn)] ?? [];
    },
    async disconnect(arn: string, participantId: string) {
      log("disconnect", `${arn}:${participantId}`);
    },
    async remove(arn: string) {
      log("remove", arn);
      existing.delete(arn);
    },
  };
}

const SPARE = 99;

interface Setting {
  readonly pool?: readonly PooledStage[];
  /** Stages in IVS; without it, those of the pool. */
  readonly ivs?: readonly string[];
  readonly people?: Record<string, string[]>;
  readonly target?: number;
  readonly nowMs?: number;
  readonly proof?: Proof;
  readonly calls?: Parameters<typeof fakeCalls>;
}

/** The pool has the one free stage it should have, beside those of the setting, unless the setting has a target. */
function world({
  pool: set = [],
  ivs,
  people = {},
  nowMs = at(0),
  proof = "session",
  calls = [],
  target,
}: Setting) {
  const pool = target === undefined ? [...set, freeStage(SPARE, nowMs)] : set;
  const edge = fakeEdge(nowMs);
  const tools = {
    stages: fakeStages(...pool),
    ivs: fakeIvs(ivs ?? pool.map(({ stageId }) => stageId), people, edge),
    calls: fakeCalls(...calls),
    doubts: fakeDoubts(),
    edge,
    target: target ?? 1,
    shards: 1,
    proof,
  };
  const statuses = () =>
    Object.fromEntries(
      [...tools.stages.items.values()]
        .map(({ stageId, status }) => [stageId, status])
        .filter(([stageId]) => target !== undefined || stageId !== `stage-${SPARE}`),
    ) as Record<string, string>;
  return { ...tools, statuses, keep: () => keepStages(tools) };
}

describe("the pool has its size", () => {
  test("free stages are created up to the target, four a second", async () => {
    const it = world({ target: 12 });
    await it.keep();
    expect(Object.values(it.statuses())).toEqual(Array(12).fill("free"));
    const times = it.ivs.calls.filter(({ operation }) => operation === "create").map(({ atMs }) => atMs);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(new Set(gaps)).toEqual(new Set([250]));
  });

  test("what does not fit into one run is left to the next", async () => {
    const it = world({ target: 1_000 });
    await it.keep();
    expect(it.edge.now() - at(0)).toBeLessThanOrEqual(45_000);
    const first = it.stages.items.size;
    expect(first).toBeGreaterThan(150);
    await it.keep();
    expect(it.stages.items.size).toBeGreaterThan(first);
  });

  test("leased and resting stages do not count", async () => {
    const it = world({ pool: [leasedStage(1), restingStage(2, at(165), at(60)), freeStage(3)], target: 2 });
    await it.keep();
    expect(it.statuses()).toEqual({
      "stage-1": "leased",
      "stage-2": "resting",
      "stage-3": "free",
      "stage-101": "free",
    });
  });

  test("of the free stages twice as many as wanted may stay; the others are deleted", async () => {
    const it = world({
      pool: [freeStage(1), leasedStage(2), freeStage(3), freeStage(4), freeStage(5)],
      target: 1,
    });
    await it.keep();
    expect(it.statuses()).toEqual({ "stage-1": "free", "stage-2": "leased", "stage-3": "free" });
    expect(it.ivs.did("remove")).toEqual(["stage-4", "stage-5"]);
  });

  test("endpoints are read again before they are too old for a lease", async () => {
    const nowMs = at(13 * 86_400);
    const it = world({ pool: [freeStage(1), freeStage(2, nowMs)], target: 2, nowMs });
    await it.keep();
    expect(it.ivs.did("get")).toEqual(["stage-1"]);
    expect(it.stages.items.get("stage-1")?.endpointsAtMs).toBeGreaterThanOrEqual(nowMs);
  });
});

describe("a stage that rests", () => {
  const resting = restingStage(1, at(165), at(60));

  test("is not free if it was seen empty while a token of its call could still be used", async () => {
    const setting = { pool: [resting], people: { "stage-1": [] }, nowMs: at(165) };
    const [empty, deserted] = [
      world({ ...setting, people: {} }),
      world({ ...setting, proof: "participants" }),
    ];
    await empty.keep();
    await deserted.keep();
    expect(empty.statuses()).toEqual({ "stage-1": "resting" });
    expect(deserted.statuses()).toEqual({ "stage-1": "resting" });
    expect(deserted.ivs.did("participants")).toEqual([]);
  });

  test("is free once the tokens have run out and nobody is seen", async () => {
    const it = world({ pool: [resting], nowMs: at(166) });
    await it.keep();
    expect(it.statuses()).toEqual({ "stage-1": "free" });
  });

  test("is not free while somebody is seen", async () => {
    for (const proof of ["session", "participants"] as const) {
      const it = world({ pool: [resting], people: { "stage-1": ["lurker"] }, nowMs: at(166), proof });
      await it.keep();
      expect(it.statuses()).toEqual({ "stage-1": "resting" });
    }
  });

  test("with a session that nobody is in any more is free only if participants are the proof", async () => {
    const setting = { pool: [resting], people: { "stage-1": [] }, nowMs: at(166) };
    const [bySession, byParticipants] = [world(setting), world({ ...setting, proof: "participants" })];
    await bySession.keep();
    await byParticipants.keep();
    expect([bySession.statuses(), byParticipants.statuses()]).toEqual([
      { "stage-1": "resting" },
      { "stage-1": "free" },
    ]);
  });

  test("and on which somebody lurks for ten minutes is emptied and deleted", async () => {
    const setting = { pool: [resting], people: { "stage-1": ["lurker"] } };
    const patient = world({ ...setting, nowMs: at(60 + 599) });
    await patient.keep();
    expect(patient.statuses()).toEqual({ "stage-1": "resting" });
    const it = world({ ...setting, nowMs: at(60 + 601) });
    await it.keep();
    expect(it.ivs.did("disconnect")).toEqual(["stage-1:lurker"]);
    expect(it.ivs.did("remove")).toEqual(["stage-1"]);
    expect(it.statuses()).toEqual({});
  });

  test("and for whose removal the run has no time left is removed by the next", async () => {
    const it = world({ pool: [resting], people: { "stage-1": ["lurker"] }, nowMs: at(60 + 601) });
    it.ivs.connected = async () => {
      it.edge.setNow(at(60 + 601 + 50));
      return ["lurker"];
    };
    await it.keep();
    expect([it.statuses(), it.ivs.did("remove")]).toEqual([{ "stage-1": "resting" }, []]);
  });
});

describe("a lease", () => {
  const over = after(after(answered(), endBy("dropped"), at(60)), closeCall(90), at(61));
  const later = at(700);

  test.each([
    ["of a call that is over and closed", [over]],
    ["of a call that does not exist", []],
  ])("%s is taken back after ten minutes", async (_which, calls) => {
    const early = world({ pool: [leasedStage()], calls, nowMs: at(590) });
    await early.keep();
    expect(early.statuses()).toEqual({ "stage-1": "leased" });
    const it = world({ pool: [leasedStage()], calls, nowMs: later });
    await it.keep();
    expect(it.statuses()).toEqual({ "stage-1": "resting" });
  });

  test.each([
    ["of a call that goes on", answered()],
    ["of a call that is not cleaned up yet", after(answered(), endBy("dropped"), at(699))],
  ])("%s is left alone", async (_which, call) => {
    const it = world({ pool: [leasedStage()], calls: [call], nowMs: later });
    await it.keep();
    expect(it.statuses()).toEqual({ "stage-1": "leased" });
  });
});

describe("a call whose stage has no session", () => {
  const passed = ({ doubts }: ReturnType<typeof world>) => doubts.passed.map(({ hint }) => hint);

  test("is passed on to be looked at, once it has had time to begin", async () => {
    const early = world({ pool: [leasedStage()], nowMs: at(29) });
    await early.keep();
    expect(passed(early)).toEqual([]);
    const it = world({ pool: [leasedStage()], nowMs: at(30) });
    await it.keep();
    expect(passed(it)).toEqual([{ kind: "no_session", callId: CALL, atMs: at(30) }]);
    expect(it.ivs.did("get")).toEqual([]);
  });

  test("is no such call if somebody is on it, or the list does not show it", async () => {
    const pool = [leasedStage()];
    const used = world({ pool, people: { "stage-1": ["x"] }, nowMs: at(60) });
    const unlisted = world({ pool, ivs: [], nowMs: at(60) });
    for (const it of [used, unlisted]) {
      await it.keep();
      expect(passed(it)).toEqual([]);
    }
  });

  test("waits a minute if hundreds of others are passed on", async () => {
    const pool = Array.from({ length: 310 }, (_, n) => leasedStage(n + 1, at(0), callId(n + 1)));
    const it = world({ pool, nowMs: at(60) });
    it.ivs.list = async () => ({
      stages: pool.map(({ arn, stageId }) => ({ arn, stageId, active: false })),
      nextToken: undefined,
    });
    await it.keep();
    expect(passed(it)).toHaveLength(300);
  });
});

test("a stage made for an admission that did not take it is free for all after a minute", async () => {
  const reserved = newStage(stage(1), 0, at(0), "reserved");
  const early = world({ pool: [reserved], nowMs: at(50) });
  await early.keep();
  expect(early.statuses()).toMatchObject({ "stage-1": "reserved" });
  const it = world({ pool: [reserved], nowMs: at(70) });
  await it.keep();
  expect(it.statuses()).toMatchObject({ "stage-1": "free" });
});

describe("pool and IVS disagree", () => {
  test("a stage that nobody recorded is deleted, unless somebody is on it", async () => {
    const it = world({
      pool: [freeStage(1)],
      ivs: ["stage-1", "stage-8", "stage-9"],
      people: { "stage-9": ["x"] },
      target: 1,
    });
    await it.keep();
    expect(it.ivs.did("remove")).toEqual(["stage-8"]);
  });

  test("a record whose stage is gone is dropped; the stage is replaced", async () => {
    const it = world({ pool: [freeStage(1), freeStage(2)], ivs: ["stage-2"], target: 2 });
    await it.keep();
    expect(it.statuses()).toEqual({ "stage-101": "free", "stage-2": "free" });
  });

  test("a stage that is merely missing from the list is looked for before it is dropped", async () => {
    const it = world({ pool: [freeStage(1), freeStage(2)], target: 2 });
    it.ivs.list = async () => ({ stages: [], nextToken: undefined });
    await it.keep();
    expect(it.ivs.did("get")).toEqual(["stage-1", "stage-2"]);
    expect(it.statuses()).toEqual({ "stage-1": "free", "stage-2": "free" });
  });
});

test("no operation of IVS is called more than five times in any second, and looks one at a time", async () => {
  const pool = [
    ...Array.from({ length: 8 }, (_, n) => restingStage(n + 1, at(1), at(0))),
    ...Array.from({ length: 8 }, (_, n) => freeStage(n + 20)),
  ];
  const people = Object.fromEntries(
    pool.slice(0, 8).map(({ stageId }) => [stageId, ["a", "b", "c", "d", "e"]]),
  );
  const ivs = pool.slice(0, 10).map(({ stageId }) => stageId);
  const it = world({ pool, people, ivs, nowMs: at(700), proof: "participants", target: 20 });
  await it.keep();
  const perSecond = it.ivs.calls.map(
    ({ operation, atMs }) =>
      it.ivs.calls.filter(
        (other) => other.operation === operation && other.atMs >= atMs && other.atMs < atMs + 1000,
      ).length,
  );
  expect(it.ivs.calls.length).toBeGreaterThan(30);
  expect(Math.max(...perSecond)).toBeLessThanOrEqual(5);
  // `verify-legs` makes four looks a second at the same time.
  const looks = it.ivs.calls.filter(({ operation }) => operation === "get").map(({ atMs }) => atMs);
  expect(looks.length).toBeGreaterThan(5);
  const gaps = looks.slice(1).map((atMs, index) => atMs - (looks[index] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000);
});
