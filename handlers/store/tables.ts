/**
 * Every table: how its items are keyed, which indexes it has, and with which schema each item is read. It imports types alone, so
 * infra, workflows, AppSync's resolvers and the console all use it, and a function loads only the schemas of the items that it reads.
 *
 * | Table   | Item                                       | Schema                                         |
 * | ------- | ------------------------------------------ | ---------------------------------------------- |
 * | people  | a Person of the directory                  | the stores' own parts; people/schema.graphql   |
 * | owners  | which Person an owner has: `ownersKey`     | people/rules/one-person.ts                     |
 * |         | what a person did lately: `standingKey`    | `standingSchema`, calls/standing.ts            |
 * | clients | a client                                   | `clientSchema`, calls/client.ts                |
 * | devices | a phone of a client: `deviceKey`           | `deviceSchema`, calls/device.ts                |
 * |         | which client holds a token: `tokenKey`     | the client's id                                |
 * | calls   | a call: `callKey`                          | `callSchema`, calls/call.ts                    |
 * |         | what a client remembers: `historyKey`      | `historyRowSchema`, calls/history.ts           |
 * |         | what a participant did: `traceKey`         | `traceSchema`, presence-store.ts               |
 * |         | a removal from the room: `removalKey`      | `removalSchema`, calls/removals.ts             |
 * |         | what began a call once: `idempotencyKey`   | `keyRow`, admission-store.ts                         |
 * |         | counts of a deletion: `countsKey`          | `talliesSchema`, calls/clean-up.ts             |
 * |         | the remover's lease: `REMOVER_LEASE`       | its end                                        |
 * | stages  | a stage of the pool                        | `pooledStageSchema`, ivs/pool/stage-pool.ts    |
 * |         | the keeper's memory: `KEEPER_ROW`          | `keeperStateSchema`, ivs/pool/pool-keeper.ts   |
 */
import type { Call } from "../../calls/call.ts";
import type { Client } from "../../calls/client.ts";
import type { Removal } from "../../calls/removals.ts";

/** The attributes of a key. They are text; only a sort key may be a number. */
export interface Key<Attribute extends string = string> {
  readonly partitionKey: Attribute;
  readonly sortKey?: Attribute;
  readonly sortsNumbers?: true;
}

/** The compiler refuses an attribute that the indexed items do not have. */
export interface Index<Item extends object = Record<string, unknown>> extends Key<keyof Item & string> {
  readonly name: string;
  /** What a query reads beside the keys; without it the whole item. */
  readonly projection?: "keys only" | readonly (keyof Item & string)[];
}

export const peopleByFirstName = {
  name: "by-first-name",
  partitionKey: "directory",
  sortKey: "firstNameKey",
} as const satisfies Index;
export const peopleByLastName = {
  name: "by-last-name",
  partitionKey: "directory",
  sortKey: "lastNameKey",
} as const satisfies Index;
export const peopleByClient = {
  name: "by-client",
  partitionKey: "clientId",
  projection: ["firstName", "lastName"],
} as const satisfies Index;
export const peopleByOwner = {
  name: "by-owner",
  partitionKey: "owner",
  sortKey: "createdAt",
  projection: ["firstName", "lastName"],
} as const satisfies Index;
export const clientsByLastSeen = {
  name: "by-last-seen",
  partitionKey: "seenShard",
  sortKey: "seenOnMs",
  sortsNumbers: true,
  projection: "keys only",
} as const satisfies Index<Client>;
export const callsBySweepTime = {
  name: "by-sweep-time",
  partitionKey: "openShard",
  sortKey: "sweepAtMs",
  sortsNumbers: true,
  projection: "keys only",
} as const satisfies Index<Call>;
/** The due-list of removals. */
export const callsByRemoval = {
  name: "by-removal",
  partitionKey: "removalQueue",
  sortKey: "dueAtMs",
  sortsNumbers: true,
  projection: "keys only",
} as const satisfies Index<Removal & { removalQueue: string }>;
/** Free stages only: others have no such attribute. */
export const stagesByPool = {
  name: "by-pool",
  partitionKey: "pool",
  sortKey: "stageId",
} as const satisfies Index;
export const stagesByDue = {
  name: "by-due",
  partitionKey: "due",
  sortKey: "dueAtMs",
  sortsNumbers: true,
  projection: "keys only",
} as const satisfies Index;

/** The stack makes its tables of this, and so do the tests of the stores. */
export const tables = {
  people: {
    partitionKey: "id",
    indexes: [peopleByFirstName, peopleByLastName, peopleByClient, peopleByOwner],
  },
  owners: { partitionKey: "owner", indexes: [] },
  clients: { partitionKey: "clientId", indexes: [clientsByLastSeen] },
  devices: { partitionKey: "pk", sortKey: "sk", indexes: [] },
  calls: { partitionKey: "pk", sortKey: "sk", indexes: [callsBySweepTime, callsByRemoval] },
  stages: { partitionKey: "stageId", indexes: [stagesByPool, stagesByDue] },
} as const satisfies Readonly<Record<string, Key & { readonly indexes: readonly Index[] }>>;

export type TableName = keyof typeof tables;
/** The variable that tells a function the name of a table. */
export type TableVariable = `${Uppercase<TableName>}_TABLE`;
export const tableVariable = (table: TableName): TableVariable =>
  `${table.toUpperCase() as Uppercase<TableName>}_TABLE`; // what the method does, in types

export const standingKey = (sub: string) => ({ owner: `person#${sub}` });

/** In the tables of devices and of calls: all rows of a client. */
export const clientPartition = (clientId: string): string => `client#${clientId}`;

export const DEVICE_PREFIX = "device#";
export const deviceKey = (clientId: string, deviceId: string) => ({
  pk: clientPartition(clientId),
  sk: `${DEVICE_PREFIX}${deviceId}`,
});
export const TOKEN_ROW = "token";
export const tokenKey = (hash: string) => ({ pk: `token#${hash}`, sk: TOKEN_ROW });

/** Beside the call, under its id: what its participants did, and the removals. */
export const CALL_ROW = "call";
export const callKey = <Id extends string>(callId: Id) => ({ pk: callId, sk: CALL_ROW });

export const TRACE_PREFIX = "seen#";
export const traceKey = (callId: string, leg: number, tokenNumber: number) => ({
  pk: callId,
  sk: `${TRACE_PREFIX}${leg}-${tokenNumber}`,
});

export const REMOVAL_PREFIX = "removal#";
export const removalKey = (callId: string, target: string) => ({
  pk: callId,
  sk: `${REMOVAL_PREFIX}${target}`,
});
/** Partition of `callsByRemoval`. */
export const removalQueue = (priority: string): string => `removals#${priority}`;
export const REMOVER_LEASE = { pk: "remover", sk: "lease" } as const;

/** In the order of the calls' times, which have 13 digits. */
export const HISTORY_PREFIX = "call#";
export const historyTime = (createdAtMs: number): string =>
  `${HISTORY_PREFIX}${String(createdAtMs).padStart(13, "0")}`;
export const historyKey = (clientId: string, call: { createdAtMs: number; callId: string }) => ({
  pk: clientPartition(clientId),
  sk: `${historyTime(call.createdAtMs)}#${call.callId}`,
});

export const idempotencyKey = (id: string) => ({ pk: `key#${id}`, sk: "key" });

/** Counts of a run of a deletion: this and its id, and the sort key. */
export const COUNTS_ROW = { pk: "operation#", sk: "counts" } as const;
export const countsKey = (runId: string) => ({ pk: `${COUNTS_ROW.pk}${runId}`, sk: COUNTS_ROW.sk });

/** Id of the keeper's own row among the records of stages, which have ids of 12 letters. */
export const KEEPER_ROW = "keeper";
