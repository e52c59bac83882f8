/**
 * Stages that a call could lease, one after another. The lease itself is part of the admission's transaction.
 *
 * L1 A call is refused for want of a stage only after a read that found none. An empty pool is read once: two queries.
 * L2 Calls never make a stage: only the keeper does, with all of IVS's quota.
 */
import { count, type RuntimeInputs } from "../../../edge/handler.ts";
import type { NoRoom, OfferedRoom, RoomOffer, RoomOffers } from "../../port.ts";
import type { IvsEnvironment } from "../environment.ts";
import { freeStageIndex } from "./free-stage-index.ts";
import { type FoundStages, freeStages, type StageFinding } from "./free-stages.ts";
import type { KeeperReading } from "./keeper-row.ts";
import { leaseItem } from "./lease-stage.ts";
import { poolIsLow } from "./pool-is-low.ts";
import type { PooledStage } from "./stage-pool.ts";

export interface StageOffering extends StageFinding {
  /** Returns when the next stage becomes free. */
  readonly keeper: KeeperReading;
  readonly table: string;
}

export function stageOffers(
  env: IvsEnvironment<"AWS_REGION" | "STAGES_TABLE">,
  edge: Pick<RuntimeInputs, "now" | "random">,
): RoomOffers {
  // Loaded only when a call is refused.
  const keeper = { read: async () => (await import("./keeper-row.ts")).keeperReading(env).read() };
  return offersOf({ stages: freeStageIndex(env), keeper, edge, table: env.STAGES_TABLE });
}

export const offersOf = (pool: StageOffering): RoomOffers => ({
  offer: async () => stagesOffered(pool, await freeStages(pool)),
});

export function stagesOffered(pool: StageOffering, first: FoundStages): RoomOffer {
  const roomsOf = ({ stages }: FoundStages): OfferedRoom[] => stages.map((one) => offerOf(pool.table, one));
  let [rooms, low] = [roomsOf(first), first.low];
  let foundNone = rooms.length === 0;
  return {
    async next() {
      if (rooms.length === 0 && !foundNone) {
        // All stages that were read were lost to others.
        const again = await freeStages(pool);
        [rooms, low] = [roomsOf(again), low || again.low];
        foundNone = rooms.length === 0;
      }
      const [room, ...others] = rooms;
      if (!room) return noStage(pool);
      rooms = others;
      return room;
    },
    giveBack: (room) => void (rooms = [room, ...rooms]),
    announcements: (atMs) => (low ? [poolIsLow(atMs)] : []),
  };
}

function offerOf(table: string, stage: PooledStage): OfferedRoom {
  const { stageId, arn, endpoints } = stage;
  return {
    kind: "room",
    roomOf: () => ({ stageId, arn, endpoints }),
    claim: (callId, nowMs) => [leaseItem(table, stage, callId, nowMs)],
  };
}

async function noStage({ keeper, edge }: StageOffering): Promise<NoRoom> {
  count("StagePoolEmpty");
  // Loaded only then. The call is refused even if the table does not answer.
  const { retryAfterSeconds } = await import("./pool-keeper.ts");
  const state = await keeper.read().catch(() => undefined);
  return { kind: "no_room", retryAfterSeconds: retryAfterSeconds(state, edge.now()) };
}
