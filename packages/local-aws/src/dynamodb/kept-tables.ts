/**
 * What lasts of the tables: how each was made, and its items. Indexes are made again from the items.
 *
 * K1 A table is made again as it was described last, before the template is deployed.
 * K2 The template may change what is made from the items, such as an index, and nothing that they are stored under.
 */
import type { Shape } from "../local-aws.ts";
import { asItIs, type Rows, type Store } from "../store/store.ts";

/** Of a table's description what cannot be made again. */
export interface KeptTable {
  readonly input: Shape;
  readonly identity: Shape;
}

export interface KeptTables {
  readonly tables: Map<string, KeptTable>;
  itemsOf(table: string): Rows | undefined;
  /** Removes the items with the table. */
  forget(table: string): void;
}

const ITEMS = "dynamodb.items ";

export function keptTables(store: Store): KeptTables {
  const tables = store.map("dynamodb.tables", asItIs<KeptTable>());
  return {
    tables,
    itemsOf: (table) => store.rows(ITEMS + table),
    forget(table) {
      tables.delete(table);
      for (const [key] of store.rows(ITEMS + table)?.entries() ?? []) store.rows(ITEMS + table)?.delete(key);
    },
  };
}

/** A transaction is kept whole or not at all. */
export const keptTogether = <T>(store: Store, work: () => Promise<T>): Promise<T> =>
  store.together(ITEMS, work);

interface Index {
  readonly IndexName: unknown;
  readonly KeySchema: unknown;
  readonly Projection: unknown;
}

/** The CreateTable that makes a table of this description. */
export function keptTable(description: Shape): KeptTable {
  const { TableName, KeySchema, AttributeDefinitions, TableId, CreationDateTime } = description;
  const indexes = (kind: string): Shape => {
    const list = description[kind] as Index[] | undefined;
    if (!list?.length) return {};
    return {
      [kind]: list.map(({ IndexName, KeySchema: keys, Projection }) => ({
        IndexName,
        KeySchema: keys,
        Projection,
      })),
    };
  };
  return {
    input: {
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions,
      KeySchema,
      ...indexes("GlobalSecondaryIndexes"),
      ...indexes("LocalSecondaryIndexes"),
    },
    identity: { TableId, CreationDateTime },
  };
}
