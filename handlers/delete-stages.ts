/**
 * Custom resource: deletes the stages of the pool when its stack is deleted; CloudFormation does not know of them. By then the keeper
 * has no schedule and no function any more, and a run that goes on gives its lease back within a minute. What does not fit into one
 * run fails the deletion, which says how much is left: deleting the stack again goes on.
 */
import { keeperRow, type KeeperRow } from "./adapters/keeper-row.ts";
import { type IvsStages, ivsStages } from "./adapters/ivs-stages.ts";
import { customResource } from "./custom-resource.ts";
import { readEnvironment } from "./environment.ts";
import { type Edge, edge, logger } from "./handler.ts";
import { deleteAll } from "./keeping/delete-all.ts";

/** Leaves room to reply before the function's timeout of 900 s. */
const RUN_MS = 840_000;
const LEASE_MS = 15_000;
/** CloudFormation shows no long reasons. */
const NAMED = 5;

export interface DeleteStages {
  readonly ivs: Pick<IvsStages, "list" | "remove">;
  readonly row: Pick<KeeperRow, "take">;
  readonly edge: Pick<Edge, "now" | "pause">;
  readonly stackName: string;
}

/** How many stages it has deleted. Throws if some are left. */
export async function deleteStages({ ivs, row, edge, stackName }: DeleteStages): Promise<number> {
  const untilMs = edge.now() + RUN_MS;
  const isQuiet = async () =>
    (await row.take("delete-stages", edge.now(), edge.now() + LEASE_MS)) !== undefined;
  const { deleted, left, isAll } = await deleteAll({ ivs, edge, untilMs, isQuiet });
  if (isAll) return deleted;
  throw new Error(
    `${deleted} stages are deleted, ${left.length} or more are left: ${named(left)}. Delete the stack again, which goes on, or run npm run stages -- delete --stack ${stackName}`,
  );
}

const named = (arns: readonly string[]): string =>
  [...arns.slice(0, NAMED), ...(arns.length > NAMED ? ["…"] : [])].join(", ");

const env = readEnvironment("AWS_REGION", "STAGES_TABLE", "STACK_NAME");
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
