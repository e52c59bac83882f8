import { describe, expect, test } from "vitest";
import { closeCall } from "../../calls/closing.ts";
import { endBy } from "../../calls/ending.ts";
import { adopted, rested, retired } from "../../handlers/media/ivs/pool/stage-pool.ts";
import {
  after,
  answered,
  at,
  CALL,
  callId,
  freeStage,
  leasedStage,
  restingStage,
  START_MS,
} from "../builders.ts";
import { keeperWorld, PAGE } from "./keeper-world.ts";

const range = (length: number, from = 1): number[] => Array.from({ length }, (_, n) => n + from);
/** Two hours later, when every comparison with IVS's list is due. */
const lateMs = at(7_200);

describe("a resting stage", () => {
  const resting = restingStage(1, at(165), at(60));

  test("is not free if it was seen empty while a token of its call was still valid", async () => {
    const it = keeperWorld({ pool: [resting, freeStage(2)], nowMs: at(165) });
    await it.keep();
    expect(it.statuses()).toMatchObject({ "stage-1": "resting" });
  });

  test("is free once the tokens have expired and it has no session", async () => {
    const it = keeperWorld({ pool: [resting], nowMs: at(166) });
    await it.keep();
    expect(it.statuses()).toEqual({ "stage-1": "free" });
    expect(it.ivs.did("participants")).toEqual([]);
  });

  test("is free at once if its session has no connected participant, while stages are short", async () => {
    const it = keeperWorld({ pool: [resting], people: { "stage-1": 0 }, nowMs: at(166) });
    await it.keep();
    expect(it.statuses()).toEqual({ "stage-1": "free" });
    expect(it.ivs.did("participants")).toEqual(["stage-1"]);
  });

  test("is not checked for participants while enough stages are free: its session ends by itself", async () => {
    const pool = [resting, ...range(4, 2).map((n) => freeStage(n))];
    const it = keeperWorld({ pool, people: { "stage-1": 0 }, nowMs: at(166) });
    await it.keep();
    expect([it.statuses()["stage-1"], it.ivs.did("participants")]).toEqual(["resting", []]);
  });

  test("is not free while a participant is connected, and is not checked again for half a minute", async () => {
    const it = keeperWorld({ pool: [resting], people: { "stage-1": 1 }, nowMs: at(166), state: { goal: 1 } });
    it.ivs.throttled.add("remove");
    await it.keep();
    expect(it.count("free")).toBe(0);
    const times = it.ivs.asked
      .filter(({ operation }) => operation === "participants")
      .map(({ atMs }) => atMs);
    expect(times.slice(1).every((atMs, index) => atMs - (times[index] ?? 0) >= 30_000)).toBe(true);
  });

  test("is replaced if a participant lurks on it for ten minutes, however many stages are free", async () => {
    const pool = [resting, ...range(4, 2).map((n) => freeStage(n))];
    const setting = { pool, people: { "stage-1": 1 } };
    const patient = keeperWorld({ ...setting, nowMs: at(60 + 599) });
    await patient.keep();
    expect(patient.statuses()["stage-1"]).toBe("resting");
    const it = keeperWorld({ ...setting, nowMs: at(60 + 601) });
    await it.keep();
    expect(it.ivs.did("remove")).toEqual(["stage-1"]);
    expect([it.statuses()["stage-1"], it.count("free")]).toEqual([undefined, 5]);
  });
});

describe("while stages are short", () => {
  /** Stages of unanswered calls, whose callers' tokens are still valid. */
  const waiting = range(20).map((n) => restingStage(n, at(165 + n), at(20)));

  test("the stages with the longest wait for a token are replaced, as fast as IVS allows deletions", async () => {
    const it = keeperWorld({ pool: waiting, nowMs: at(25) });
    await it.keep();
    expect(it.ivs.did("remove").slice(0, 4)).toEqual(["stage-20", "stage-19", "stage-18", "stage-17"]);
    expect([it.count("free"), it.stages.items.size]).toEqual([12, 20]);
    const seconds = (Math.max(...it.ivs.asked.map(({ atMs }) => atMs)) - at(25)) / 1_000;
    expect(seconds).toBeLessThan(5);
  });

  test("a session that IVS may keep for minutes counts as a longer wait than a token's last half minute", async () => {
    const left = range(6).map((n) => restingStage(n, at(10), at(20)));
    const soon = range(3, 7).map((n) => restingStage(n, at(65), at(20)));
    const people = Object.fromEntries(left.map(({ stageId }) => [stageId, 2]));
    const early = keeperWorld({ pool: [...left, ...soon], people, nowMs: at(29) });
    early.edge.pause = async () => early.edge.setNow(at(999));
    await early.keep();
    expect(early.ivs.did("remove").slice(0, 3)).toEqual(["stage-9", "stage-8", "stage-7"]);
    const it = keeperWorld({ pool: [...left, ...soon], people, nowMs: at(31) });
    await it.keep();
    // This second's checks have asked for the participants of four of the six.
    expect(it.ivs.did("remove").slice(0, 2).toSorted()).toEqual(["stage-5", "stage-6"]);
  });

  test("one stage a second is replaced while the remover is at work", async () => {
    const it = keeperWorld({ pool: waiting, nowMs: at(25) });
    it.remover.atWork = async () => true;
    await it.keep();
    const times = it.ivs.asked.filter(({ operation }) => operation === "remove").map(({ atMs }) => atMs);
    expect(new Set(times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0)))).toEqual(
      new Set([1_000]),
    );
  });

  test("no stage is replaced as long as the pool can grow, which needs no deletion", async () => {
    const it = keeperWorld({ pool: waiting, maxStages: 40, nowMs: at(25) });
    await it.keep();
    expect([it.ivs.did("remove"), it.count("free")]).toEqual([[], 10]);
  });

  test("stages adopted without a record wait longer still, and are left alone", async () => {
    const found = range(8, 101).map((n) => adopted(freeStage(n), at(20), "resting"));
    const it = keeperWorld({ pool: [...waiting, ...found], nowMs: at(25) });
    await it.keep();
    expect(it.ivs.did("remove").slice(0, 2)).toEqual(["stage-20", "stage-19"]);
    expect(found.filter(({ stageId }) => it.statuses()[stageId] === "resting")).toHaveLength(8);
  });

  test("no stage is replaced while enough are free", async () => {
    const it = keeperWorld({ pool: [...waiting, ...range(20, 21).map((n) => freeStage(n))], nowMs: at(25) });
    await it.keep();
    expect(it.ivs.did("remove")).toEqual([]);
  });

  test("the next run finishes a replacement whose run died between IVS and the record", async () => {
    const it = keeperWorld({
      pool: [retired(restingStage(1, at(165), at(60)), at(70))],
      ivs: [],
      nowMs: at(80),
    });
    await it.keep();
    expect([it.stages.items.has("stage-1"), it.count("free")]).toEqual([false, 1]);
  });
});

describe("the pool grows", () => {
  test("to the minimum size, five stages a second", async () => {
    const it = keeperWorld({ minStages: 12 });
    await it.keep();
    expect(it.count("free")).toBe(12);
    const times = it.ivs.asked
      .filter(({ operation }) => operation === "create")
      .map(({ atMs }) => atMs - at(0));
    expect(times).toEqual([0, 0, 0, 0, 0, 1_000, 1_000, 1_000, 1_000, 1_000, 2_000, 2_000]);
  });

  test("while few stages are free, up to the maximum size", async () => {
    const pool = range(12).map((n) => leasedStage(n, at(0), callId(n)));
    const it = keeperWorld({ pool, minStages: 12, maxStages: 16, nowMs: at(5) });
    await it.keep();
    expect([it.stages.items.size, it.count("free")]).toEqual([16, 4]);
  });

  test("with the demand: enough stages for the calls of a minute are to be free", async () => {
    const it = keeperWorld({
      pool: range(20).map((n) => freeStage(n)),
      maxStages: 400,
      state: { demand: 1 },
    });
    await it.keep();
    expect(it.count("free")).toBeGreaterThanOrEqual(40);
  });

  test("but not because thousands of stages come back at once", async () => {
    const pool = range(4_000).map((n) => (n <= 2_000 ? freeStage(n) : restingStage(n, at(165), at(60))));
    const it = keeperWorld({ pool, minStages: 100, maxStages: 9_000, nowMs: at(166) });
    await it.keep();
    expect([it.count("free"), it.stages.items.size]).toEqual([4_000, 4_000]);
    expect(it.row.stored.state.demand).toBe(0);
  });

  test("and does not shrink when the demand is over", async () => {
    const pool = range(50).map((n) => freeStage(n, lateMs));
    const it = keeperWorld({ pool, minStages: 10, maxStages: 400, nowMs: lateMs });
    await it.keep();
    expect([it.stages.items.size, it.ivs.did("remove")]).toEqual([50, []]);
  });

  test("until the operator lowers the maximum: then free stages are deleted, each before its record", async () => {
    const pool = [...range(6).map((n) => freeStage(n)), leasedStage(7)];
    const it = keeperWorld({ pool, minStages: 2, maxStages: 2, nowMs: at(5) });
    const remove = it.stages.remove.bind(it.stages);
    it.stages.remove = async (stage) => {
      expect(it.ivs.existing.has(stage.stageId)).toBe(false);
      return remove(stage);
    };
    await it.keep();
    expect([it.stages.items.size, it.ivs.existing.size, it.count("leased")]).toEqual([2, 2, 1]);
  });

  test("not beyond IVS's quota, which is reported, and tries again only after a minute", async () => {
    const pool = range(8).map((n) => leasedStage(n, at(0), callId(n)));
    const it = keeperWorld({ pool, minStages: 8, maxStages: 100, nowMs: at(5) });
    it.ivs.state.quota = 10;
    const kept = await it.keep();
    expect([it.stages.items.size, kept?.done["quota full"]]).toEqual([10, 3]);
    it.ivs.state.quota = 100;
    it.edge.setNow(at(70));
    await it.keep();
    expect(it.stages.items.size).toBeGreaterThan(10);
  });
});

describe("a lease", () => {
  const over = after(after(answered(), endBy("dropped"), at(60)), closeCall(90), at(61));

  test.each([
    ["of a call that is over and closed", [over]],
    ["of a call that does not exist", []],
  ])("%s is taken back after ten minutes", async (_which, calls) => {
    const pool = [leasedStage(), freeStage(2)];
    const early = keeperWorld({ pool, calls, nowMs: at(590) });
    await early.keep();
    expect(early.statuses()["stage-1"]).toBe("leased");
    const it = keeperWorld({ pool, calls, nowMs: at(700) });
    await it.keep();
    expect(it.statuses()["stage-1"]).toBe("resting");
  });

  test.each([
    ["of a call that goes on", answered()],
    ["of a call that is not cleaned up yet", after(answered(), endBy("dropped"), at(699))],
  ])("%s is left alone, and checked again ten minutes later", async (_which, call) => {
    const it = keeperWorld({ pool: [leasedStage(), freeStage(2)], calls: [call], nowMs: at(700) });
    await it.keep();
    expect(it.stages.items.get("stage-1")).toMatchObject({ status: "leased", dueAtMs: at(1_300) });
  });
});

describe("a call whose stage has no session", () => {
  const passed = ({ doubts }: ReturnType<typeof keeperWorld>) => doubts.passed.map(({ hint }) => hint);

  test("is passed on for a check after 30 seconds, and then once a minute", async () => {
    const pool = [leasedStage(), freeStage(2)];
    const early = keeperWorld({ pool, nowMs: at(29) });
    await early.keep();
    expect(passed(early)).toEqual([]);
    const it = keeperWorld({ pool, nowMs: at(30) });
    await it.keep();
    it.edge.setNow(at(60));
    await it.keep();
    expect(passed(it)).toEqual([{ kind: "no_session", callId: CALL, atMs: at(30) }]);
    expect(it.ivs.did("get")).toEqual([]);
  });

  test("is not passed on if a participant is connected, or if the list lacks the stage", async () => {
    const pool = [leasedStage(), freeStage(2)];
    const used = keeperWorld({ pool, people: { "stage-1": 1 }, nowMs: at(60) });
    const unlisted = keeperWorld({ pool, ivs: ["stage-2"], nowMs: at(60) });
    for (const it of [used, unlisted]) {
      await it.keep();
      expect(passed(it)).toEqual([]);
    }
  });

  test("waits a minute if hundreds of others are passed on", async () => {
    const pool = range(310).map((n) => leasedStage(n, at(0), callId(n)));
    const it = keeperWorld({ pool, nowMs: at(60) });
    await it.keep();
    expect(passed(it)).toHaveLength(300);
  });
});

describe("the pool and IVS disagree", () => {
  test("a stage without a record is adopted, and rests as long as a token may be valid", async () => {
    const pool = [freeStage(1, lateMs)];
    const it = keeperWorld({ pool, ivs: ["stage-1", "stage-8"], maxStages: 3, nowMs: lateMs });
    await it.keep();
    expect(it.stages.items.get("stage-8")).toMatchObject({ status: "resting" });
    expect(it.stages.items.get("stage-8")?.tokensUntilMs).toBeGreaterThanOrEqual(lateMs + 15 * 60_000);
    expect(it.ivs.did("remove")).toEqual([]);
  });

  test("a stage without a record is deleted if the pool has enough, unless a participant is connected", async () => {
    const pool = [freeStage(1, lateMs)];
    const ivs = ["stage-1", "stage-8", "stage-9"];
    const it = keeperWorld({ pool, ivs, people: { "stage-9": 1 }, nowMs: lateMs });
    await it.keep();
    it.edge.setNow(lateMs + 60_000);
    await it.keep();
    expect(it.ivs.did("remove")).toEqual(["stage-8"]);
    expect([...it.stages.items.keys()]).toEqual(["stage-1"]);
  });

  test("a record whose stage IVS does not know is deleted, and another stage is created", async () => {
    const pool = [freeStage(1, lateMs), freeStage(2, lateMs)];
    const it = keeperWorld({ pool, ivs: ["stage-2"], nowMs: lateMs });
    await it.keep();
    expect(it.ivs.did("get")).toEqual(["stage-1"]);
    expect(it.statuses()).toEqual({ "stage-2": "free", "made-2": "free" });
  });

  test("a stage that is only missing from the list keeps its record", async () => {
    const it = keeperWorld({ pool: [freeStage(1, lateMs), freeStage(2, lateMs)], nowMs: lateMs });
    it.ivs.list = async () => ({ stages: [], nextToken: undefined });
    await it.keep();
    expect(it.ivs.did("get").toSorted()).toEqual(["stage-1", "stage-2"]);
    expect(it.statuses()).toEqual({ "stage-1": "free", "stage-2": "free" });
  });

  test("a resting stage that no list shows is looked up", async () => {
    const gone = restingStage(1, at(165), at(60));
    const it = keeperWorld({
      pool: [gone, freeStage(2, lateMs)],
      ivs: ["stage-2"],
      nowMs: lateMs,
      state: { comparedAtMs: lateMs },
    });
    await it.keep();
    expect(it.stages.items.has("stage-1")).toBe(false);
  });
});

test("endpoints are read again before they are too old for a lease", async () => {
  const nowMs = at(13 * 86_400);
  const it = keeperWorld({ pool: [freeStage(1), freeStage(2, nowMs)], nowMs });
  await it.keep();
  expect(it.ivs.did("get")).toEqual(["stage-1"]);
  expect(it.stages.items.get("stage-1")?.endpointsAtMs).toBeGreaterThanOrEqual(nowMs);
});

describe("a large pool", () => {
  const resting = (n: number) => restingStage(n, at(165), at(60));

  test("of 30,000 stages takes several runs, each of which continues where the last one ended", async () => {
    const pool = range(30_000).map(resting);
    const it = keeperWorld({ pool, nowMs: at(166) });
    await it.keep();
    const first = it.count("free");
    expect(first).toBeGreaterThan(25_000);
    expect(first).toBeLessThan(30_000);
    await it.keep();
    expect(it.count("free")).toBe(30_000);
    expect(it.ivs.did("list").length).toBeLessThanOrEqual(30_000 / PAGE + 1);
  });

  test("starts its round again if IVS does not know the page token any more", async () => {
    const it = keeperWorld({ pool: [resting(1)], nowMs: at(166), state: { cursor: "gone" } });
    const list = it.ivs.list.bind(it.ivs);
    it.ivs.list = async (token) => (token === "gone" ? "bad token" : list(token));
    await it.keep();
    expect(it.count("free")).toBe(1);
  });
});

describe("failures", () => {
  test.each(["create", "get", "list", "participants", "remove"] as const)(
    "a throttle of %s slows the run down and does not end it",
    async (operation) => {
      const pool = [
        ...range(10).map((n) => restingStage(n, at(165), at(60))),
        ...range(20, 11).map((n) => restingStage(n, at(400), at(150))),
      ];
      const it = keeperWorld({
        pool,
        ivs: pool.slice(0, 29).map(({ stageId }) => stageId),
        people: { "stage-1": 0 },
        minStages: 60,
        nowMs: at(166),
      });
      it.ivs.throttled.add(operation);
      await it.keep();
      const asked = it.ivs.did(operation).length;
      expect(asked).toBeLessThanOrEqual(15);
      it.ivs.throttled.clear();
      it.edge.setNow(at(300));
      await it.keep();
      expect(it.count("free")).toBeGreaterThanOrEqual(30);
    },
  );

  test("another failure of IVS is reported at the end, after all other work", async () => {
    const it = keeperWorld({ pool: [restingStage(1, at(165), at(60))], minStages: 3, nowMs: at(166) });
    it.ivs.create = () => Promise.reject(new Error("AccessDenied"));
    const kept = await it.keep();
    expect(kept?.failures[0]).toMatchObject({ message: "AccessDenied" });
    expect(it.statuses()).toEqual({ "stage-1": "free" });
    expect(it.row.stored.untilMs).toBe(0);
  });

  test("a record that cannot be read is counted, and does not hold up the others", async () => {
    const pool = range(3).map((n) => restingStage(n, at(165), at(60)));
    const it = keeperWorld({ pool, nowMs: at(166) });
    it.stages.broken.add("stage-1");
    const kept = await it.keep();
    expect([it.count("free"), kept?.unreadable]).toEqual([2, 1]);
  });

  test("a call that cannot be read does not hold up the leases of other calls", async () => {
    const pool = range(30).map((n) => leasedStage(n, at(0), callId(n)));
    const it = keeperWorld({ pool, nowMs: at(700) });
    const read = it.calls.read.bind(it.calls);
    it.calls.read = (id) => (id === callId(3) ? Promise.reject(new Error("not a call")) : read(id));
    const kept = await it.keep();
    expect([it.statuses()["stage-3"], it.count("leased"), kept?.failures.length]).toEqual(["leased", 1, 1]);
  });

  test("a run that ends while stages are short reports itself unfinished, so that the next begins at once", async () => {
    const short = keeperWorld({ pool: range(4).map((n) => leasedStage(n, at(0), callId(n))), nowMs: at(5) });
    const calm = keeperWorld({ pool: range(4).map((n) => freeStage(n)), nowMs: at(5) });
    expect([(await short.keep())?.unfinished, (await calm.keep())?.unfinished]).toEqual([true, false]);
    expect(short.edge.now() - at(5)).toBeLessThanOrEqual(57_000);
  });

  test("a run does nothing while another run keeps the pool", async () => {
    const it = keeperWorld({ minStages: 5 });
    await it.row.take("another", at(0), at(15));
    expect([await it.keep(), it.ivs.asked]).toEqual([undefined, []]);
    it.edge.setNow(at(15));
    await it.keep();
    expect(it.count("free")).toBe(5);
  });

  test("a run stops once another run has taken its lease", async () => {
    const it = keeperWorld({ minStages: 100 });
    const { pause } = it.edge;
    it.edge.pause = async (ms) => {
      it.row.stored.owner = "another";
      await pause(ms);
    };
    await it.keep();
    expect(it.stages.items.size).toBe(10);
    expect(it.row.stored.owner).toBe("another");
  });

  test("no operation of IVS is called more than five times a second", async () => {
    const pool = [
      ...range(200).map((n) => rested(leasedStage(n, at(0), callId(n)), at(100 + n), at(60))),
      ...range(50, 301).map((n) => leasedStage(n, at(0), callId(n))),
    ];
    const people = Object.fromEntries(range(60).map((n) => [`stage-${n}`, n % 2]));
    const it = keeperWorld({ pool, people, minStages: 260, nowMs: at(150) });
    await it.keep();
    expect(it.ivs.asked.length).toBeGreaterThan(200);
    expect(it.ivs.state.throttles).toBe(0);
  });
});

test("a pool that needs nothing asks IVS nothing", async () => {
  const it = keeperWorld({
    pool: range(100).map((n) => freeStage(n)),
    state: { roundAtMs: START_MS - 60_000 },
  });
  await it.keep();
  expect([it.ivs.asked, it.edge.pauses]).toEqual([[], []]);
});

describe("the time of the next free stage", () => {
  const refill = ({ row, edge }: ReturnType<typeof keeperWorld>) => row.stored.state.refillAtMs - edge.now();

  test("is in a second while the pool grows", async () => {
    const it = keeperWorld({ pool: [leasedStage()], minStages: 300, nowMs: at(5) });
    await it.keep();
    expect(refill(it)).toBe(1_000);
  });

  test("is when the tokens of the resting stage expire, if nothing comes earlier", async () => {
    const pool = [restingStage(1, at(200), at(60)), freeStage(2)];
    const it = keeperWorld({ pool, nowMs: at(70) });
    await it.keep();
    expect(it.row.stored.state.refillAtMs).toBe(at(203) + 1);
  });
});
