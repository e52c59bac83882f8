/** TransactGetItems: up to 100 items as they were at one moment. The caller holds the lock alone. */
import type { Shape } from "../local-aws.ts";
import type { Dynalite } from "./dynalite.ts";
import { validationError } from "./engine.ts";
import { refuseWrongCount } from "./transact-write-items.ts";

export async function transactGetItems(dynalite: Dynalite, input: Shape): Promise<Shape> {
  const parts = (input["TransactItems"] ?? []) as { Get?: Shape }[];
  refuseWrongCount(parts);
  const units = new Map<string, number>();
  const responses: Shape[] = [];
  for (const { Get: get } of parts) {
    if (!get) throw validationError("TransactItems can only contain Get");
    const table = String(get["TableName"]);
    const reply = await dynalite.call("GetItem", {
      ...get,
      ConsistentRead: true,
      ReturnConsumedCapacity: "TOTAL",
    });
    const { CapacityUnits: consumed } = reply["ConsumedCapacity"] as { CapacityUnits: number };
    units.set(table, (units.get(table) ?? 0) + 2 * consumed);
    responses.push(reply["Item"] ? { Item: reply["Item"] } : {});
  }
  const capacity = [...units].map(([TableName, CapacityUnits]) => ({ TableName, CapacityUnits }));
  return { Responses: responses, ConsumedCapacity: capacity };
}
