/** What the tables hold: equal before and after a request that was refused. */
import type { Shape } from "../../packages/local-aws/src/local-aws.ts";
import type { World } from "../world.ts";

const TABLES = ["PeopleTable", "OwnersTable", "ClientsTable", "DevicesTable", "CallsTable", "StagesTable"];

/** Each item as text, in order, by table. */
export async function contentsOf(world: World): Promise<Readonly<Record<string, readonly string[]>>> {
  const contents: Record<string, readonly string[]> = {};
  for (const table of TABLES) contents[table] = await itemsOf(world, world.runtime.physicalId(table));
  return contents;
}

async function itemsOf(world: World, TableName: string): Promise<string[]> {
  const items: string[] = [];
  let ExclusiveStartKey: unknown;
  do {
    const page: Shape = await world.aws("dynamodb", "Scan", {
      TableName,
      ...(ExclusiveStartKey !== undefined && { ExclusiveStartKey }),
    });
    items.push(...(page["Items"] as Shape[]).map((item) => JSON.stringify(sorted(item))));
    ExclusiveStartKey = page["LastEvaluatedKey"];
  } while (ExclusiveStartKey !== undefined);
  return items.toSorted();
}

const sorted = (item: Shape): Shape =>
  Object.fromEntries(Object.entries(item).toSorted(([one], [other]) => (one < other ? -1 : 1)));
