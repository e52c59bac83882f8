/**
 * DynamoDB in memory, behind the document client's commands. Conditions, transactions and indexes work as in DynamoDB; an index
 * follows its table when `lagMs` says so. The adapters' tests hold it to what they hold DynamoDB to.
 */
import { ConditionalCheckFailedException, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import type {
  BatchGetCommandInput,
  QueryCommandInput,
  TransactWriteCommandInput,
} from "@aws-sdk/lib-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import type { Index as TableIndex, Key } from "../../handlers/store/tables.ts";
import { conditionOf, type Item, type Placeholders, updateOf } from "./expressions.ts";

export type TableDefinition = Key & { readonly indexes: readonly TableIndex[] };

export interface Written {
  readonly table: string;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

export interface MemoryDynamodbOptions {
  /** Table name → its keys and indexes. */
  readonly tables: Readonly<Record<string, TableDefinition>>;
  /** Lets an index follow a write: at once or later. */
  readonly follow?: (refresh: () => void) => void;
  readonly onWrite?: (written: Written) => void;
}

type Input = Readonly<Record<string, unknown>>;
type Reply = Record<string, unknown>;

export interface MemoryDynamodb {
  /** Runs a command of the document client by its name without `Command`. */
  run(operation: string, input: Input): Reply;
  /** All items of a table. */
  items(table: string): Item[];
  item(table: string, key: Item): Item | undefined;
}

/** The place of an item in a table or an index: its partition, and its rank there. */
interface Keys {
  readonly hash: string;
  readonly range: string | undefined;
}

const keysOf = ({ partitionKey, sortKey }: Key): Keys => ({ hash: partitionKey, range: sortKey });

interface Index {
  readonly keys: Keys;
  /** An index of keys only shows nothing else. */
  readonly keysOnly: boolean;
  readonly partitions: Map<unknown, Map<string, Item>>;
  readonly placed: Map<string, unknown>;
}

interface Table {
  readonly name: string;
  readonly keys: Keys;
  readonly partitions: Map<unknown, Map<string, Item>>;
  readonly indexes: ReadonlyMap<string, Index>;
}

function openTable(name: string, definition: TableDefinition): Table {
  const indexes = definition.indexes.map((index): [string, Index] => {
    const keysOnly = index.projection === "keys only";
    return [index.name, { keys: keysOf(index), keysOnly, partitions: new Map(), placed: new Map() }];
  });
  return { name, keys: keysOf(definition), partitions: new Map(), indexes: new Map(indexes) };
}

const rankOf = ({ range }: Keys, item: Item): string => (range === undefined ? "" : String(item[range]));
const nameOf = ({ keys }: Table, item: Item): string => `${String(item[keys.hash])} ${rankOf(keys, item)}`;
const find = ({ keys, partitions }: Table, key: Item): Item | undefined =>
  partitions.get(key[keys.hash])?.get(rankOf(keys, key));

/** As the client writes it: without members that are undefined, and apart from what the caller keeps. */
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied);
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const name in value) {
    const member = (value as Item)[name];
    if (member !== undefined) copy[name] = copied(member);
  }
  return copy;
}

const placeholders = (input: Input): Placeholders => ({
  names: (input["ExpressionAttributeNames"] ?? {}) as Placeholders["names"],
  values: (input["ExpressionAttributeValues"] ?? {}) as Placeholders["values"],
});

function holds(input: Input, item: Item | undefined): boolean {
  const { ConditionExpression: text } = input;
  return typeof text !== "string" || conditionOf(text)(item ?? {}, placeholders(input));
}

const shown = (input: Input, item: Item | undefined) =>
  item && input["ReturnValuesOnConditionCheckFailure"] === "ALL_OLD" ? marshall(item) : undefined;

function conditionFailed(input: Input, item: Item | undefined): ConditionalCheckFailedException {
  const Item = shown(input, item);
  const message = "The conditional request failed";
  return new ConditionalCheckFailedException({ message, $metadata: {}, ...(Item && { Item }) });
}

/** A single write: the item that it changes, and what becomes of it. */
interface Write {
  readonly table: Table;
  readonly input: Input;
  readonly key: Item;
  readonly next: (before: Item | undefined) => Item | undefined;
}

export function memoryDynamodb({
  tables: definitions,
  follow,
  onWrite,
}: MemoryDynamodbOptions): MemoryDynamodb {
  const tables = new Map(
    Object.entries(definitions).map(([name, definition]) => [name, openTable(name, definition)]),
  );

  function tableOf(name: unknown): Table {
    const found = tables.get(String(name));
    if (!found) throw new Error(`there is no table ${String(name)}`);
    return found;
  }

  function apply({ table, key, next }: Write): Item | undefined {
    const before = find(table, key);
    const after = next(before);
    const partition = table.partitions.get(key[table.keys.hash]) ?? new Map<string, Item>();
    table.partitions.set(key[table.keys.hash], partition);
    if (after) partition.set(rankOf(table.keys, key), after);
    else partition.delete(rankOf(table.keys, key));
    if (table.indexes.size > 0) {
      const refresh = (): void => refreshIndexes(table, key);
      if (follow) follow(refresh);
      else refresh();
    }
    onWrite?.({ table: table.name, before, after });
    return after;
  }

  function writeOf(kind: string, input: Input): Write {
    const table = tableOf(input["TableName"]);
    if (kind === "Put") {
      const item = copied(input["Item"]) as Item;
      return { table, input, key: item, next: () => item };
    }
    const key = input["Key"] as Item;
    if (kind === "Delete") return { table, input, key, next: () => undefined };
    if (kind === "ConditionCheck") return { table, input, key, next: (before) => before };
    const update = updateOf(String(input["UpdateExpression"]));
    return {
      table,
      input,
      key,
      next: (before) => copied(update(before ?? key, placeholders(input))) as Item,
    };
  }

  function single(kind: string, input: Input): Reply {
    const write = writeOf(kind, input);
    const before = find(write.table, write.key);
    if (!holds(input, before)) throw conditionFailed(input, before);
    const after = apply(write);
    return input["ReturnValues"] === "ALL_NEW" ? { Attributes: after } : {};
  }

  function transact({ TransactItems = [] }: TransactWriteCommandInput): Reply {
    const writes = TransactItems.map((item) => {
      const [[kind, input] = ["", {}]] = Object.entries(item);
      return { kind, write: writeOf(kind, input as Input) };
    });
    const reasons = writes.map(({ write: { table, input, key } }) => {
      const before = find(table, key);
      if (holds(input, before)) return { Code: "None" };
      const Item = shown(input, before);
      return { Code: "ConditionalCheckFailed", ...(Item && { Item }) };
    });
    if (reasons.some(({ Code }) => Code !== "None")) throw transactionCancelled(reasons);
    for (const { kind, write } of writes) if (kind !== "ConditionCheck") apply(write);
    return {};
  }

  function batchGet({ RequestItems = {} }: BatchGetCommandInput): Reply {
    const Responses = Object.entries(RequestItems).map(([name, { Keys = [] }]) => [
      name,
      Keys.flatMap((key) => find(tableOf(name), key) ?? []),
    ]);
    return { Responses: Object.fromEntries(Responses), UnprocessedKeys: {} };
  }

  return {
    run(operation, input) {
      switch (operation) {
        case "Get":
          return { Item: find(tableOf(input["TableName"]), input["Key"] as Item) };
        case "Put":
        case "Update":
        case "Delete":
          return single(operation, input);
        case "TransactWrite":
          return transact(input as unknown as TransactWriteCommandInput);
        case "BatchGet":
          return batchGet(input as unknown as BatchGetCommandInput);
        case "Query":
          return query(tableOf(input["TableName"]), input as unknown as QueryCommandInput);
        default:
          throw new Error(`the simulation's DynamoDB has no ${operation}`);
      }
    },
    items: (name) => [...tableOf(name).partitions.values()].flatMap((partition) => [...partition.values()]),
    item: (name, key) => find(tableOf(name), key),
  };
}

export function transactionCancelled(
  reasons: readonly { readonly Code: string }[],
): TransactionCanceledException {
  const codes = reasons.map(({ Code }) => Code).join(", ");
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  return new TransactionCanceledException({ message, $metadata: {}, CancellationReasons: [...reasons] });
}

/** Brings the indexes to what the table has now, however many writes ago the refresh was asked for. */
function refreshIndexes(table: Table, key: Item): void {
  const item = find(table, key);
  const name = nameOf(table, key);
  for (const { keys, keysOnly, partitions, placed } of table.indexes.values()) {
    const before = placed.get(name);
    if (before !== undefined) partitions.get(before)?.delete(name);
    placed.delete(name);
    const partition = item?.[keys.hash];
    const ranked = keys.range === undefined || item?.[keys.range] !== undefined;
    if (!item || partition === undefined || !ranked) continue;
    const there = partitions.get(partition) ?? new Map<string, Item>();
    partitions.set(partition, there.set(name, keysOnly ? keyOf(table, keys, item) : item));
    placed.set(name, partition);
  }
}

function query(table: Table, input: QueryCommandInput): Reply {
  const index = input.IndexName === undefined ? undefined : table.indexes.get(input.IndexName);
  if (input.IndexName !== undefined && !index) throw new Error(`there is no index ${input.IndexName}`);
  const { keys, partitions } = index ?? table;
  const given = placeholders(input as unknown as Input);
  const isWanted = conditionOf(String(input.KeyConditionExpression));
  const partition = partitions.get(partitionIn(input, given));
  const forward = input.ScanIndexForward !== false;
  const order = orderOf(table, keys);
  const all = [...(partition?.values() ?? [])].filter((item) => isWanted(item, given)).toSorted(order);
  if (!forward) all.reverse();
  const start = input.ExclusiveStartKey;
  const rest = start
    ? all.filter((item) => (forward ? order(item, start) > 0 : order(item, start) < 0))
    : all;
  const page = rest.slice(0, input.Limit ?? rest.length);
  const isKept = input.FilterExpression === undefined ? undefined : conditionOf(input.FilterExpression);
  const Items = isKept ? page.filter((item) => isKept(item, given)) : page;
  const last = page.length < rest.length ? page.at(-1) : undefined;
  const count = { Count: Items.length, ...(last && { LastEvaluatedKey: keyOf(table, keys, last) }) };
  return input.Select === "COUNT" ? count : { ...count, Items };
}

/** Every key condition begins with the partition: `name = :value`. */
function partitionIn(input: QueryCommandInput, { values }: Placeholders): unknown {
  const name = /^\s*\S+\s*=\s*(:\w+)/.exec(String(input.KeyConditionExpression))?.[1];
  if (name === undefined) throw new Error(`no partition in ${input.KeyConditionExpression}`);
  return values[name];
}

const rank = (one: unknown, other: unknown): number =>
  one === other ? 0 : (one as number) < (other as number) ? -1 : 1;

const orderOf =
  (table: Table, { range }: Keys) =>
  (one: Item, other: Item): number =>
    (range === undefined ? 0 : rank(one[range], other[range])) ||
    rank(nameOf(table, one), nameOf(table, other));

function keyOf({ keys }: Table, own: Keys, item: Item): Item {
  const names = [keys.hash, keys.range, own.hash, own.range].filter((name) => name !== undefined);
  return Object.fromEntries(names.map((name) => [name, item[name]]));
}
