/** BatchGetItem of a resolver: items of any tables that its role may read, by their keys. */
import { isDeepStrictEqual } from "node:util";
import type { Shape } from "../../local-aws.ts";
import { type Expression, itemOf, namesAndValues } from "./wire-shapes.ts";

export interface BatchOfKeys {
  readonly keys: readonly Shape[];
  readonly consistentRead?: boolean;
  readonly projection?: Expression;
}

interface Batch {
  /** In the order of the keys; null where there is no item, or where DynamoDB has held it back. */
  readonly data: Shape;
  readonly unprocessedKeys: Shape;
}

export async function batchGet(
  call: (operation: string, input: Shape) => Promise<Shape>,
  tables: Readonly<Record<string, BatchOfKeys>>,
): Promise<Batch> {
  const asked = Object.entries(tables);
  const RequestItems = Object.fromEntries(asked.map(([table, batch]) => [table, requestOf(batch)]));
  const reply = await call("BatchGetItem", { RequestItems });
  const found = (reply["Responses"] ?? {}) as Record<string, Shape[]>;
  const left = (reply["UnprocessedKeys"] ?? {}) as Record<string, { Keys?: Shape[] }>;
  return {
    data: Object.fromEntries(asked.map(([table, { keys }]) => [table, inOrder(keys, found[table] ?? [])])),
    unprocessedKeys: Object.fromEntries(
      asked.map(([table]) => [table, (left[table]?.Keys ?? []).map(itemOf)]),
    ),
  };
}

const requestOf = ({ keys, consistentRead, projection }: BatchOfKeys): Shape => ({
  Keys: keys,
  ...(consistentRead && { ConsistentRead: true }),
  ...(projection && { ProjectionExpression: projection.expression, ...namesAndValues(projection) }),
});

const inOrder = (keys: readonly Shape[], items: readonly Shape[]): unknown[] =>
  keys.map((key) => itemOf(items.find((item) => hasKey(item, key))));

const hasKey = (item: Shape, key: Shape): boolean =>
  Object.entries(key).every(([name, value]) => isDeepStrictEqual(item[name], value));
