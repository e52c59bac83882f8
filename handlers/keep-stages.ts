/**
 * Every minute: keeps the pool of stages. Frees stages that have rested and are seen empty, replaces those somebody
 * lurks on, takes back leases of calls that are over, and creates or deletes stages until enough are free. Calls whose
 * stage has no session are passed on to `verify-legs`: the list of stages, which is read anyway, answers that in bulk.
 *
 * IVS allows 5 calls a second of each operation for the whole account. Of those that nobody else needs this function makes
 * 4 a second, one after another; of those that `verify-legs` and `remove-participants` spend, it makes 1.
 */
import * as z from "zod";
import { isOver } from "../calls/call.ts";
import { JOIN_SECONDS } from "../calls/limits.ts";
import type { Hint } from "../calls/presence.ts";
import {
  freed,
  LEAK_GRACE_MS,
  newStage,
  nextStepOfResting,
  type PooledStage,
  RESERVATION_MS,
  rested,
  STAGE_STATUSES,
  type StageStatus,
  wantsNewEndpoints,
} from "../calls/stage-pool.ts";
import { type Doubts, doubts } from "./adapters/hint-queues.ts";
import { callStore } from "./adapters/call-store.ts";
import { type IvsStages, ivsStages, type ListedStage } from "./adapters/ivs-stages.ts";
import { type StageStore, stageStore } from "./adapters/stage-store.ts";
import type { CallStore } from "./change-call.ts";
import { readEnvironment } from "./environment.ts";
import { count, defineHandler, type Edge, edge, gauge, logger } from "./handler.ts";

const PACE_MS = 250;
/** Of GetStage, ListParticipants, DisconnectParticipant and DeleteStage: others make 4 a second of each. */
const SHARED_PACE_MS = 1_000;
/** Calls passed on in one run; the rest is found a minute later. */
const MAX_DOUBTED_CALLS = 300;
/** Leaves room to finish before the function's timeout of 60 s. */
const RUN_MS = 45_000;

export interface KeepStages {
  readonly stages: StageStore;
  readonly ivs: IvsStages;
  readonly calls: Pick<CallStore, "read">;
  readonly doubts: Doubts;
  readonly edge: Edge;
  /** Free stages to keep ready. */
  readonly target: number;
  readonly shards: number;
  /** What proves a stage empty: that it has no session, or that nobody is connected in it. */
  readonly proof: "session" | "participants";
}

type Step = (name: string, call: () => Promise<unknown>, paceMs?: number) => Promise<boolean>;

export async function keepStages(tools: KeepStages): Promise<Record<string, number>> {
  const done: Record<string, number> = {};
  const untilMs = tools.edge.now() + RUN_MS;
  /** One paced call to IVS; false when the run is over. */
  const step: Step = async (name, call, paceMs = PACE_MS) => {
    if (tools.edge.now() >= untilMs) return false;
    await call();
    done[name] = (done[name] ?? 0) + 1;
    await tools.edge.pause(paceMs);
    return true;
  };
  const listedAtMs = tools.edge.now();
  const listed = await listAll(tools, step);
  const known = await readPool(tools);
  await takeBackLeaks(tools, known);
  const doubted = await passOnDoubts(tools, known, { listed, atMs: listedAtMs });
  if (doubted > 0) done["without session"] = doubted;
  for (const stage of known.filter(({ status }) => status === "resting")) {
    const seen = listed.get(stage.stageId);
    if (seen) await tendResting(tools, stage, { ...seen, atMs: listedAtMs }, step);
  }
  await reconcile(tools, known, listed, step);
  await resize(tools, step);
  return done;
}

async function listAll({ ivs }: KeepStages, step: Step): Promise<Map<string, ListedStage>> {
  const listed = new Map<string, ListedStage>();
  let nextToken: string | undefined;
  do {
    const going = await step("listed", async () => {
      const page = await ivs.list(nextToken);
      for (const stage of page.stages) listed.set(stage.stageId, stage);
      nextToken = page.nextToken;
    });
    if (!going) break;
  } while (nextToken);
  return listed;
}

async function readPool(tools: KeepStages, ...statuses: StageStatus[]): Promise<PooledStage[]> {
  const wanted = statuses.length > 0 ? statuses : STAGE_STATUSES;
  const shards = Array.from({ length: tools.shards }, (_, shard) => shard);
  const pages = wanted.flatMap((status) => shards.map((shard) => tools.stages.page({ status, shard })));
  return (await Promise.all(pages)).flat();
}

/** A lease whose call is over and closed, or does not exist, is a leak; so is a reservation that nobody took up. */
async function takeBackLeaks(
  { stages, calls, edge: { now } }: KeepStages,
  known: PooledStage[],
): Promise<void> {
  const nowMs = now();
  for (const stage of known.filter(
    ({ status, sinceMs }) => status === "reserved" && nowMs - sinceMs > RESERVATION_MS,
  )) {
    await stages.replace(stage, freed(stage, nowMs));
  }
  for (const stage of known.filter(
    ({ status, sinceMs }) => status === "leased" && nowMs - sinceMs > LEAK_GRACE_MS,
  )) {
    const call = stage.callId && (await calls.read(stage.callId));
    if (call && (!isOver(call) || call.cleanedUpAtMs === undefined)) continue;
    await stages.replace(stage, rested(stage, nowMs, nowMs));
  }
}

/** A call that has had time to begin, and whose stage nobody is on: both sides may be gone, and no event said so. */
async function passOnDoubts(
  { doubts }: KeepStages,
  known: readonly PooledStage[],
  { listed, atMs }: { listed: ReadonlyMap<string, ListedStage>; atMs: number },
): Promise<number> {
  const hints = known
    .filter(({ status, sinceMs }) => status === "leased" && sinceMs + JOIN_SECONDS * 1000 <= atMs)
    .filter(({ stageId }) => listed.get(stageId)?.active === false)
    .flatMap(({ callId }): Hint[] => (callId ? [{ kind: "no_session", callId, atMs }] : []))
    .slice(0, MAX_DOUBTED_CALLS);
  if (hints.length > 0) await doubts.pass(hints);
  return hints.length;
}

/** A stage is judged as of the moment it was seen: empty before the last token expired proves nothing. */
async function tendResting(
  tools: KeepStages,
  stage: PooledStage,
  seen: ListedStage & { readonly atMs: number },
  step: Step,
): Promise<void> {
  if (seen.atMs <= stage.tokensUntilMs) return;
  const next = nextStepOfResting(stage, await inUse(tools, seen, step), seen.atMs);
  if (next === "free") await tools.stages.replace(stage, freed(stage, tools.edge.now()));
  if (next !== "replace") return;
  await expel(tools.ivs, seen, step);
  if (await step("deleted", () => tools.ivs.remove(stage.arn), SHARED_PACE_MS))
    await tools.stages.remove(stage);
}

async function inUse({ proof, ivs }: KeepStages, { arn, active }: ListedStage, step: Step): Promise<boolean> {
  if (proof === "session" || !active) return active;
  let anybody = true;
  const looked = await step(
    "looked",
    async () => {
      const session = await ivs.sessionOf(arn);
      anybody = session !== undefined && (await ivs.connected(arn, session)).length > 0;
    },
    SHARED_PACE_MS,
  );
  return !looked || anybody;
}

/** Ends the tokens of everybody on the stage, so that nobody finds a way back before it is deleted. */
async function expel(ivs: IvsStages, { arn }: ListedStage, step: Step): Promise<void> {
  let connected: string[] = [];
  await step(
    "looked",
    async () => {
      const session = await ivs.sessionOf(arn);
      connected = session ? await ivs.connected(arn, session) : [];
    },
    SHARED_PACE_MS,
  );
  for (const participant of connected) {
    await step("disconnected", () => ivs.disconnect(arn, participant), SHARED_PACE_MS);
  }
}

/** Records without a stage are dropped; stages without a record, left by a crash between the two, are deleted. */
async function reconcile(
  { stages, ivs }: KeepStages,
  known: PooledStage[],
  listed: Map<string, ListedStage>,
  step: Step,
) {
  const recorded = new Set(known.map(({ stageId }) => stageId));
  for (const stage of known) {
    if (listed.has(stage.stageId) || stage.status === "leased") continue;
    await step("looked for", async () => (await ivs.get(stage.arn)) ?? stages.remove(stage), SHARED_PACE_MS);
  }
  for (const { stageId, arn, active } of listed.values()) {
    if (recorded.has(stageId) || active || (await stages.read(stageId))) continue;
    await step("unrecorded deleted", () => ivs.remove(arn), SHARED_PACE_MS);
  }
}

async function resize(tools: KeepStages, step: Step): Promise<void> {
  const {
    stages,
    ivs,
    target,
    shards,
    edge: { now },
  } = tools;
  const free = await readPool(tools, "free");
  for (let size = free.length; size < target; size += 1) {
    const created = await step("created", async () =>
      stages.add(newStage(await ivs.create(), size % shards, now())),
    );
    if (!created) return;
  }
  // Twice the target may stay: stages that come back from a busy hour are cheaper kept than made again.
  for (const stage of free.slice(2 * target)) {
    if (await stages.remove(stage))
      await step("surplus deleted", () => ivs.remove(stage.arn), SHARED_PACE_MS);
  }
  for (const stage of free.filter((one) => wantsNewEndpoints(one, now()))) {
    await step(
      "refreshed",
      async () => {
        const fresh = await ivs.get(stage.arn);
        if (fresh) await stages.replace(stage, { ...stage, ...fresh, endpointsAtMs: now() });
      },
      SHARED_PACE_MS,
    );
  }
}

const env = readEnvironment(
  "AWS_REGION",
  "CALLS_TABLE",
  "DOUBTS_QUEUE_URL",
  "STAGES_TABLE",
  "STAGE_POOL_TARGET",
  "STAGE_POOL_SHARDS",
  "STAGE_EMPTY_PROOF",
  "STACK_NAME",
);
const tools: KeepStages = {
  stages: stageStore(env),
  ivs: ivsStages(env),
  calls: callStore(env),
  doubts: doubts(env),
  edge,
  target: env.STAGE_POOL_TARGET,
  shards: env.STAGE_POOL_SHARDS,
  proof: env.STAGE_EMPTY_PROOF,
};

export const handler = defineHandler(z.unknown(), async () => {
  const done = await keepStages(tools);
  logger.info("kept", done);
  gauge("FreeStages", (await readPool(tools, "free")).length);
  for (const [what, amount] of Object.entries(done)) count(`Stages_${what.replaceAll(" ", "_")}`, amount);
});
