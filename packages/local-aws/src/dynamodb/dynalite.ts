/**
 * dynalite's actions, called in process without HTTP. It has no type declarations, so the parts used here are
 * described below; everything else of the folder knows only this file.
 */
import { createRequire } from "node:module";
import type { Shape } from "../local-aws.ts";
import { type Parser, remembering } from "./remembered-expressions.ts";
import { type Engine, type ErrorBody, errorOf } from "./engine.ts";
import type { Rows } from "../store/store.ts";
import { checkExpressions } from "./expression-limits.ts";
import { keptTable, type KeptTables } from "./kept-tables.ts";
import { type SortedItems, sortedItems } from "./sorted-items.ts";

type Reply<T> = (error: DynaliteError | null, value: T) => void;
type Item = Shape;

interface DynaliteError {
  readonly name?: string;
  readonly statusCode?: number;
  readonly body?: ErrorBody;
}

interface Table extends Shape {
  TableName: string;
  TableStatus: string;
  KeySchema: { AttributeName: string }[];
  GlobalSecondaryIndexes?: { IndexName: string; IndexStatus: string }[];
}

type Items = SortedItems<Item> & {
  /** Of one key: the work gets a function that unlocks it when the reply is called. */
  readonly lock: (key: string, work: unknown) => void;
};

interface Store {
  tableDb: Pick<SortedItems<unknown>, "get" | "put" | "del"> & { awsAccountId: string; awsRegion: string };
  getTable(name: string, checkStatus: boolean | Reply<Table>, reply?: Reply<Table>): void;
  getItemDb(table: string): Items;
  deleteItemDb(table: string, reply: Reply<void>): void;
  getIndexDb(type: string, table: string, index: string): Items;
  deleteIndexDb(type: string, table: string, index: string, reply: Reply<void>): void;
}

interface Validation {
  readonly types: unknown;
  readonly custom?: unknown;
}

const load = createRequire(import.meta.url);
for (const kind of ["condition", "update"]) {
  const parser = load(`dynalite/db/${kind}Parser`) as Parser;
  parser.parse = remembering(parser);
}
const db = load("dynalite/db") as {
  create(options: object): Store;
  validateItem(item: Item, table: Table): DynaliteError | null | undefined;
  validateKey(key: Item, table: Table): DynaliteError | null | undefined;
  createKey(item: Item, table: Table): string;
  updateIndexes(store: Store, table: Table, before: Item | null, item: Item, reply: Reply<unknown>): void;
  checkConditional(data: Shape, item: Item | undefined): DynaliteError | null | undefined;
  capacityUnits(item: Item | undefined, isRead: boolean, isConsistent: boolean): number;
};
const validations = load("dynalite/validations") as {
  checkTypes(data: Shape, types: unknown): Shape;
  checkValidations(data: Shape, types: unknown, custom: unknown, store: Store): void;
};

/** What dynalite answers by itself. */
export const DYNALITE_OPERATIONS = [
  "BatchGetItem",
  "BatchWriteItem",
  "CreateTable",
  "DeleteItem",
  "DeleteTable",
  "DescribeTable",
  "GetItem",
  "ListTables",
  "ListTagsOfResource",
  "PutItem",
  "Query",
  "Scan",
  "TagResource",
  "UntagResource",
  "UpdateItem",
  "UpdateTable",
];

type Action = (store: Store, data: Shape, reply: Reply<Shape>) => void;
const fileName = (operation: string): string => operation[0]?.toLowerCase() + operation.slice(1);
const actions = new Map<string, { action: Action; validation: Validation }>();
for (const operation of DYNALITE_OPERATIONS) {
  const action = load(`dynalite/actions/${fileName(operation)}`) as Action;
  const validation = load(`dynalite/validations/${fileName(operation)}`) as Validation;
  actions.set(operation, { action, validation });
}

export interface Dynalite extends Engine {
  /** Looks at one part of a transaction without writing: its item now, its identity, and why it would fail. */
  examine(operation: string, part: Shape): Promise<Examination>;
  /** Makes the tables again that an earlier run has left. */
  restore(): Promise<void>;
  /** Gives a table other indexes; its items stay. */
  redefine(input: Shape): Promise<Shape>;
}

export interface Examination {
  /** Writes it, the condition judged anew. The input has been checked and parsed already. */
  readonly write: () => Promise<Shape>;
  readonly key: Shape;
  readonly identity: string;
  readonly item: Shape | undefined;
  readonly failure?: { readonly code: string; readonly message: string };
}

export interface DynaliteOptions {
  readonly account: string;
  readonly region: string;
  readonly kept: KeptTables;
  /** Called for every index entry that a write changes. */
  readonly onIndexWrite: (units: number) => void;
}

export function openDynalite({ account, region, kept, onIndexWrite }: DynaliteOptions): Dynalite {
  const store = db.create({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  store.tableDb.awsAccountId = account;
  store.tableDb.awsRegion = region;
  keepItems(store, kept);
  rememberTables(store);
  const { putTable, deleteTable } = withoutTimers(store);
  observeIndexWrites(store, onIndexWrite);

  async function call(operation: string, input: Shape): Promise<Shape> {
    const found = actions.get(operation);
    if (!found) throw errorOf({ __type: "UnknownOperationException", message: `dynamodb:${operation}` }, 400);
    const data = parse(operation, input);
    const reply = await settled<Shape>((done) => found.action(store, data, done));
    const table = input["TableName"] as string;
    if (operation === "CreateTable") return { TableDescription: await activate(table) };
    if (operation === "DeleteTable") await forget(table);
    if (operation === "UpdateTable") kept.tables.set(table, keptTable(await described(table)));
    return reply;
  }

  async function forget(name: string): Promise<void> {
    await settled<void>((done) => deleteTable(name, done));
    kept.forget(name);
  }

  const described = (name: string): Promise<Table> =>
    settled<Table>((done) => store.getTable(name, false, done));

  async function restore(): Promise<void> {
    for (const { input } of kept.tables.values()) {
      await call("CreateTable", input);
      await indexItems(input["TableName"] as string);
    }
  }

  async function redefine(input: Shape): Promise<Shape> {
    const table = await described(input["TableName"] as string);
    for (const { IndexName } of table.GlobalSecondaryIndexes ?? []) {
      await settled<void>((done) => store.deleteIndexDb("Global", table.TableName, IndexName, done));
    }
    await settled<void>((done) => deleteTable(table.TableName, done));
    const { TableDescription: redefined } = await call("CreateTable", input);
    await indexItems(table.TableName);
    return redefined as Shape;
  }

  async function indexItems(name: string): Promise<void> {
    const table = await described(name);
    const items = await settled<Item[]>((done) => {
      const all: Item[] = [];
      const stream = store.getItemDb(name).createValueStream();
      stream.on("data", (item: Item) => all.push(item)).on("end", () => done(null, all));
    });
    for (const item of items) await settled((done) => db.updateIndexes(store, table, null, item, done));
  }

  /** Checks and parses the input. dynalite changes what it is given, so it gets a copy. */
  function parse(operation: string, input: Shape): Shape {
    checkExpressions(input);
    const { types, custom } = actions.get(operation)?.validation ?? { types: {} };
    try {
      const data = validations.checkTypes(copyOf(input) as Shape, types);
      validations.checkValidations(data, types, custom, store);
      return data;
    } catch (error) {
      throw asAwsError(error);
    }
  }

  /** dynalite makes a table active on a timer; virtual time stands still during a deployment, so it is done here. */
  async function activate(name: string): Promise<Shape> {
    const table = await described(name);
    Object.assign(table, kept.tables.get(name)?.identity);
    for (const index of table.GlobalSecondaryIndexes ?? []) index.IndexStatus = "ACTIVE";
    table.TableStatus = "ACTIVE";
    await settled<void>((done) => putTable(name, table, done));
    kept.tables.set(name, keptTable(table));
    return table;
  }

  async function examine(operation: string, part: Shape): Promise<Examination> {
    const data = parse(operation, part);
    const table = await settled<Table>((done) => store.getTable(data["TableName"] as string, done));
    const write = () => settled<Shape>((done) => actions.get(operation)?.action(store, data, done));
    const source = (operation === "PutItem" ? data["Item"] : data["Key"]) as Item;
    const invalid = operation === "PutItem" ? db.validateItem(source, table) : db.validateKey(source, table);
    if (invalid)
      return {
        write,
        key: source,
        identity: "",
        item: undefined,
        failure: failureOf(invalid, "ValidationError"),
      };
    const key = Object.fromEntries(table.KeySchema.map(({ AttributeName: name }) => [name, source[name]]));
    const place = db.createKey(source, table);
    const item = await itemAt(table.TableName, place);
    const refused = db.checkConditional(data, item);
    const seen = { write, key, identity: `${table.TableName}/${place}`, item };
    return refused ? { ...seen, failure: failureOf(refused, "ConditionalCheckFailed") } : seen;
  }

  const itemAt = (table: string, place: string): Promise<Item | undefined> =>
    settled((done) =>
      store.getItemDb(table).get(place, (error, item) => {
        // A missing item is an error of the store, not of the caller.
        if (error && error.name !== "NotFoundError") done(error, undefined);
        else done(null, error ? undefined : item);
      }),
    );

  return { call, examine, restore, redefine };
}

/** A copy of JSON: several times quicker than a structured clone, which knows all that is not JSON. */
function copyOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  const copy: Shape = {};
  for (const name of Object.keys(value)) copy[name] = copyOf((value as Shape)[name]);
  return copy;
}

/**
 * dynalite makes tables active and removes them on timers. By then a table may be gone, or another one have its name: a timer
 * writes only over the table that it was set for. What is returned does both at once.
 */
function withoutTimers({ tableDb }: Store) {
  const [put, get] = [tableDb.put.bind(tableDb), tableDb.get.bind(tableDb)];
  const deleteTable = tableDb.del.bind(tableDb);
  tableDb.del = (_name, done) => done(null);
  tableDb.put = (name, table, done) => {
    if ((table as Table).TableStatus === "CREATING") return put(name, table, done);
    get(name, (error, found) => {
      const { TableId } = (found ?? {}) as Partial<Table>;
      const isSame = !error && TableId === (table as Table).TableId;
      if (isSame) put(name, table, done);
      else done(null);
    });
  };
  return { putTable: put, deleteTable };
}

/** Every operation on items asks for its table's description: it is parsed once for each change of the table. */
function rememberTables(store: Store): void {
  const { tableDb } = store;
  const getTable = store.getTable.bind(store);
  const [put, del] = [tableDb.put.bind(tableDb), tableDb.del.bind(tableDb)];
  let known = new Map<string, Table>();
  const forget = (): void => void (known = new Map());
  tableDb.put = (key, value, reply) => {
    forget();
    put(key, value, reply);
  };
  tableDb.del = (key, reply) => {
    forget();
    del(key, reply);
  };
  store.getTable = (name, checkStatus, reply) => {
    // Operations on tables change the description that they are given.
    if (typeof checkStatus !== "function") return getTable(name, checkStatus, reply);
    const [table, remembering] = [known.get(name), known];
    if (table) return checkStatus(null, table);
    getTable(name, (error, found) => {
      if (!error) remembering.set(name, found);
      checkStatus(error, found);
    });
  };
}

/** Tables and indexes are kept here; what dynalite says of the tables themselves stays in its own store. */
function keepItems(store: Store, kept: KeptTables): void {
  // dynalite's own: no other package here depends on it.
  const { Lock } = createRequire(load.resolve("dynalite"))("lock") as { Lock: () => Items["lock"] };
  const places = new Map<string, Items>();
  const itemsIn = (place: string, rows?: Rows): Items => {
    const items = places.get(place) ?? { ...sortedItems<Item>(rows), lock: Lock() };
    places.set(place, items);
    return items;
  };
  const remove = (place: string, reply: Reply<void>): void => {
    places.delete(place);
    queueMicrotask(() => reply(null));
  };
  // dynalite spells the type of an index in two ways.
  const placeOf = (type: string, table: string, index: string): string =>
    `${type.toLowerCase()}~${table}~${index}`;
  store.getItemDb = (table) => places.get(`item~${table}`) ?? itemsIn(`item~${table}`, kept.itemsOf(table));
  store.deleteItemDb = (table, reply) => remove(`item~${table}`, reply);
  store.getIndexDb = (...index) => itemsIn(placeOf(...index));
  store.deleteIndexDb = (type, table, index, reply) => remove(placeOf(type, table, index), reply);
}

/** Write units of an item: one for each KB begun. */
export const writeUnits = (item: Shape | undefined): number => db.capacityUnits(item, false, true);

/** Reports the index entries that really change: an index whose projected attributes stay the same costs nothing. */
function observeIndexWrites(store: Store, onIndexWrite: (units: number) => void): void {
  const getIndexDb = store.getIndexDb.bind(store);
  store.getIndexDb = (...name) => {
    const index = getIndexDb(...name);
    return {
      ...index,
      put(key, value, reply) {
        index.get(key, (_missing, before) => {
          if (JSON.stringify(before) !== JSON.stringify(value)) onIndexWrite(writeUnits(definedOnly(value)));
          index.put(key, value, reply);
        });
      },
      del(key, reply) {
        onIndexWrite(1);
        index.del(key, reply);
      },
    };
  };
}

const definedOnly = (item: unknown): Item =>
  Object.fromEntries(Object.entries(item as Item).filter(([, value]) => value !== undefined));

const failureOf = (error: DynaliteError, code: string): { code: string; message: string } => ({
  code,
  message: error.body?.message ?? error.body?.Message ?? code,
});

function settled<T>(start: (reply: Reply<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => (error ? reject(asAwsError(error)) : resolve(value)));
  });
}

function asAwsError(error: unknown): Error {
  const { statusCode, body } = error as DynaliteError;
  if (statusCode && body) return errorOf(body, statusCode);
  return error instanceof Error ? error : new Error(String(error));
}
