/**
 * Custom resource: makes the first stages of the pool, so that the first calls of a deployment find some. It makes five a
 * second, IVS's quota. The keeper of the pool makes the rest later: a full quota fails no deployment.
 */
import type { IvsStages } from "../ivs-stages.ts";
import { KEEPER_A_SECOND } from "../quotas.ts";
import { newStage } from "./stage-pool.ts";
import type { StageStore } from "./stage-store.ts";
import type { RuntimeInputs } from "../../../edge/handler.ts";

/** Leaves room to finish before the function's timeout of 300 s. */
const RUN_MS = 270_000;
const SECOND_MS = 1_000;

export interface FillStages {
  readonly stages: Pick<StageStore, "count" | "add">;
  readonly ivs: Pick<IvsStages, "create">;
  readonly edge: Pick<RuntimeInputs, "now" | "pause">;
  readonly minStages: number;
}

type Made = "made" | "quota full" | "throttled";

/** Returns the final number of stages. Safe to repeat: it makes the missing ones. */
export async function fillStages({ minStages, ...tools }: FillStages): Promise<number> {
  const { stages, edge } = tools;
  const untilMs = edge.now() + RUN_MS;
  const counts = (["free", "leased", "resting"] as const).map((status) => stages.count(status));
  let size = (await Promise.all(counts)).reduce((sum, each) => sum + each, 0);
  while (size < minStages) {
    const secondMs = edge.now();
    const wanted = Math.min(KEEPER_A_SECOND.CreateStage, minStages - size);
    const made = await Promise.all(Array.from({ length: wanted }, () => make(tools)));
    size += made.filter((one) => one === "made").length;
    if (size >= minStages || made.includes("quota full") || edge.now() + SECOND_MS >= untilMs) break;
    await edge.pause(Math.max(0, secondMs + SECOND_MS - edge.now()));
  }
  return size;
}

async function make({ stages, ivs, edge }: Omit<FillStages, "minStages">): Promise<Made> {
  const stage = await ivs.create();
  if (stage === "throttled" || stage === "quota full") return stage;
  // The keeper may have found and adopted it before it was recorded.
  await stages.add(newStage(stage, edge.now()));
  return "made";
}
