/** Custom resource: makes the stages that the pool begins with. */
import { ivsStages } from "./media/ivs/ivs-stages.ts";
import { stageStore } from "./media/ivs/pool/stage-store.ts";
import { customResource } from "./edge/custom-resource.ts";
import { readIvsEnvironment } from "./media/ivs/environment.ts";
import { edge, logger } from "./edge/handler.ts";
import { type FillStages, fillStages } from "./media/ivs/pool/fill-stages.ts";

const env = readIvsEnvironment("AWS_REGION", "STAGES_TABLE", "MIN_STAGES", "STACK_NAME");
const tools: FillStages = {
  stages: stageStore(env),
  ivs: ivsStages(env),
  edge,
  minStages: env.MIN_STAGES,
};

export const handler = customResource(async ({ RequestType, PhysicalResourceId }) => {
  if (RequestType !== "Delete") {
    const size = await fillStages(tools);
    if (size < tools.minStages) logger.warn("pool not filled", { size, minStages: tools.minStages });
  }
  return PhysicalResourceId ?? "stage-pool";
});
