/** Deletes the stages of the pool when its stack is deleted, and reports how many are left if one run cannot delete all. */
import type { RuntimeInputs } from "../../../edge/handler.ts";
import type { IvsStages } from "../ivs-stages.ts";
import { deleteAll } from "./delete-all.ts";
import type { KeeperRow } from "./keeper-row.ts";

/** Leaves room to reply before the function's timeout of 900 s. */
const RUN_MS = 840_000;
const LEASE_MS = 15_000;
/** CloudFormation shows only short reasons. */
const NAMED = 5;

export interface DeleteStages {
  readonly ivs: Pick<IvsStages, "list" | "remove">;
  readonly row: Pick<KeeperRow, "take">;
  readonly edge: Pick<RuntimeInputs, "now" | "pause">;
  readonly stackName: string;
}

/** Returns the number of deleted stages. Throws if some are left. */
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
