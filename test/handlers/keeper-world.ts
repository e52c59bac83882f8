/** The keeper of the stage pool, around an IVS that counts its requests and throttles them like the real one. */
import { INITIAL_STATE, type KeeperState } from "../../handlers/media/ivs/pool/pool-keeper.ts";
import type { PooledStage } from "../../handlers/media/ivs/pool/stage-pool.ts";
import { keepStages } from "../../handlers/media/ivs/pool/keep-stages.ts";
import type { KeepStages } from "../../handlers/media/ivs/pool/run.ts";
import { at, stage } from "../builders.ts";
import { fakeDoubts } from "../fake-presence.ts";
import { fakeCalls, fakeEdge, fakeKeeperRow, fakeStages } from "../fakes.ts";

type Operation = "create" | "get" | "list" | "participants" | "remove";

export const PAGE = 100;
const PER_SECOND = 5;
const arnOf = (stageId: string): string => `arn:aws:ivs:us-east-1:000000000000:stage/${stageId}`;
const idOf = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1);

/** IVS with these stages. A stage named in `people` has a session with that many connected participants. */
function fakeIvs(stageIds: readonly string[], people: Record<string, number>, now: () => number) {
  const existing = new Map(stageIds.map((stageId, serial) => [stageId, serial]));
  const sessions = new Map(Object.entries(people));
  const asked: { operation: Operation; stageId: string; atMs: number }[] = [];
  /** Operations that IVS throttles while they are in this set. */
  const throttled = new Set<Operation>();
  const spentIn = new Map<string, number>();
  const state = { quota: Number.POSITIVE_INFINITY, serial: stageIds.length, throttles: 0 };

  /** IVS's own limit: the number of requests of each operation in a second. */
  function isAllowed(operation: Operation, stageId = ""): boolean {
    asked.push({ operation, stageId, atMs: now() });
    const second = `${operation} ${Math.floor(now() / 1000)}`;
    spentIn.set(second, (spentIn.get(second) ?? 0) + 1);
    const allowed = !throttled.has(operation) && (spentIn.get(second) ?? 0) <= PER_SECOND;
    if (!allowed) state.throttles += 1;
    return allowed;
  }

  const ivs: KeepStages["ivs"] = {
    async create() {
      if (!isAllowed("create")) return "throttled";
      if (existing.size >= state.quota) return "quota full";
      state.serial += 1;
      const stageId = `made-${state.serial}`;
      existing.set(stageId, state.serial);
      return { ...stage(), stageId, arn: arnOf(stageId) };
    },
    async get(arn) {
      if (!isAllowed("get", idOf(arn))) return "throttled";
      return existing.has(idOf(arn)) ? { ...stage(), stageId: idOf(arn), arn } : "gone";
    },
    async list(nextToken = "-1") {
      if (!isAllowed("list")) return "throttled";
      const rest = [...existing].filter(([, serial]) => serial > Number(nextToken));
      const stages = rest.slice(0, PAGE).map(([stageId]) => ({
        stageId,
        arn: arnOf(stageId),
        ...(sessions.has(stageId) && { sessionId: `session of ${stageId}` }),
      }));
      const last = rest[PAGE - 1];
      return { stages, nextToken: last && rest.length > PAGE ? String(last[1]) : undefined };
    },
    async connected(arn) {
      return isAllowed("participants", idOf(arn)) ? (sessions.get(idOf(arn)) ?? 0) : "throttled";
    },
    async remove(arn) {
      if (!isAllowed("remove", idOf(arn))) return "throttled";
      existing.delete(idOf(arn));
      sessions.delete(idOf(arn));
      return "removed";
    },
  };
  const did = (operation: Operation): string[] =>
    asked.filter((one) => one.operation === operation).map(({ stageId }) => stageId);
  return { ...ivs, asked, existing, sessions, throttled, state, did };
}

export interface Setting {
  readonly pool?: readonly PooledStage[];
  /** The stages in IVS. Without this option they are those of the pool. */
  readonly ivs?: readonly string[];
  readonly people?: Record<string, number>;
  readonly minStages?: number;
  readonly maxStages?: number;
  readonly nowMs?: number;
  readonly calls?: Parameters<typeof fakeCalls>;
  readonly state?: Partial<KeeperState>;
}

/** The pool may have as many stages as it has, unless the setting gives another maximum. */
export function keeperWorld(setting: Setting) {
  const { pool = [], people = {}, nowMs = at(0), calls = [], state = {} } = setting;
  const { minStages = Math.max(1, pool.length), maxStages = minStages } = setting;
  const edge = fakeEdge(nowMs);
  const tools = {
    stages: fakeStages(...pool),
    ivs: fakeIvs(setting.ivs ?? pool.map(({ stageId }) => stageId), people, edge.now),
    calls: fakeCalls(...calls),
    doubts: fakeDoubts(),
    row: fakeKeeperRow({ ...INITIAL_STATE, ...state }),
    remover: { atWork: async () => false },
    edge,
    minStages,
    maxStages,
  };
  const statuses = (): Record<string, string> =>
    Object.fromEntries([...tools.stages.items.values()].map(({ stageId, status }) => [stageId, status]));
  const count = (status: string): number => Object.values(statuses()).filter((one) => one === status).length;
  return { ...tools, statuses, count, keep: () => keepStages(tools) };
}
