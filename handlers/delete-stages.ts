/**
 * Custom resource: deletes the stages of the pool when its stack is deleted; CloudFormation does not know of them. By then the keeper
 * has no schedule and no function any more, and a run that goes on gives its lease back within a minute. What does not fit into one
 * run fails the deletion, which says how much is left: deleting the stack again goes on.
 */
import { customResource } from "./edge/custom-resource.ts";
import { readIvsEnvironment } from "./media/ivs/environment.ts";
import { edge, logger } from "./edge/handler.ts";
import { ivsStages } from "./media/ivs/ivs-stages.ts";
import { type DeleteStages, deleteStages } from "./media/ivs/pool/delete-stages.ts";
import { keeperRow } from "./media/ivs/pool/keeper-row.ts";

const env = readIvsEnvironment("AWS_REGION", "STAGES_TABLE", "STACK_NAME");
const tools: DeleteStages = {
  ivs: ivsStages(env),
  row: keeperRow(env),
  edge,
  stackName: env.STACK_NAME,
};

export const handler = customResource(async ({ RequestType, PhysicalResourceId }) => {
  if (RequestType === "Delete") logger.info("stages deleted", { deleted: await deleteStages(tools) });
  return PhysicalResourceId ?? "stages-of-the-pool";
});
