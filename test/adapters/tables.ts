/** The tables under random names, in the local DynamoDB, in the one at DYNAMODB_ENDPOINT, or in memory if that is `memory`. */
import { randomBytes } from "node:crypto";
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { vi } from "vitest";
import type { Environment } from "../../handlers/edge/environment.ts";
import type { IvsEnvironment } from "../../handlers/media/ivs/environment.ts";
import {
  type Index,
  type Key,
  type TableName,
  tables,
  type TableVariable,
  tableVariable,
} from "../../handlers/store/tables.ts";
import { realClock } from "../../packages/local-aws/src/clock.ts";
import { createDynamodb } from "../../packages/local-aws/src/dynamodb/dynamodb.ts";
import { openMemoryEndpoint } from "../simulation/memory-endpoint.ts";
import { openTestAws, pointSdkAt, REGION, serveLocalAws } from "../../packages/local-aws/test/served-aws.ts";

type OwnNames = Exclude<TableVariable, "STAGES_TABLE">;
type Item = Record<string, unknown>;

export interface Tables extends AsyncDisposable {
  /** The variables of a function's environment that an adapter reads. */
  readonly env: Environment<"AWS_REGION" | OwnNames> & IvsEnvironment<"STAGES_TABLE">;
  readonly client: DynamoDBClient;
  /** An item as it is stored. */
  stored(table: TableVariable, Key: Item): Promise<Item | undefined>;
  put(table: TableVariable, Item: Item): Promise<void>;
  /** Sets one attribute without the adapters. */
  set(table: TableVariable, Key: Item, attribute: string, value: unknown): Promise<void>;
}

const NAMES = Object.keys(tables) as TableName[]; // Object.keys forgets the key type

const keyOf = ({ partitionKey, sortKey }: Key) => [
  { AttributeName: partitionKey, KeyType: "HASH" as const },
  ...(sortKey === undefined ? [] : [{ AttributeName: sortKey, KeyType: "RANGE" as const }]),
];
const typesOf = ({ partitionKey, sortKey, sortsNumbers }: Key): [string, "S" | "N"][] => [
  [partitionKey, "S"],
  ...(sortKey === undefined ? [] : ([[sortKey, sortsNumbers ? "N" : "S"]] as [string, "S" | "N"][])),
];
const projectionOf = ({ projection }: Index) => {
  if (projection === undefined) return { ProjectionType: "ALL" as const };
  return projection === "keys only"
    ? { ProjectionType: "KEYS_ONLY" as const }
    : { ProjectionType: "INCLUDE" as const, NonKeyAttributes: [...projection] };
};

/** In the words of the API. */
function definitionOf(table: TableName): Omit<CreateTableCommandInput, "TableName"> {
  const { indexes, ...key }: Key & { readonly indexes: readonly Index[] } = tables[table];
  const types = new Map([key, ...indexes].flatMap(typesOf));
  return {
    AttributeDefinitions: [...types].map(([AttributeName, AttributeType]) => ({
      AttributeName,
      AttributeType,
    })),
    KeySchema: keyOf(key),
    ...(indexes.length > 0 && {
      GlobalSecondaryIndexes: indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: keyOf(index),
        Projection: projectionOf(index),
      })),
    }),
  };
}

export async function openTables(): Promise<Tables> {
  const run = randomBytes(6).toString("hex");
  const names = Object.fromEntries(NAMES.map((name) => [tableVariable(name), `${run}-${name}`])) as Record<
    TableVariable,
    string
  >;
  const given = process.env["DYNAMODB_ENDPOINT"];
  const local = given ? undefined : await serveLocalDynamodb();
  const inMemory = given === "memory" ? openMemoryEndpoint(definitionsBy(names)) : undefined;
  pointSdkAt("AWS_ENDPOINT_URL_DYNAMODB", given ?? local?.url ?? "");
  const client = new DynamoDBClient({ region: REGION });
  const documents = DynamoDBDocumentClient.from(client);
  for (const table of NAMES) {
    const TableName = names[tableVariable(table)];
    const definition = { ...definitionOf(table), TableName, BillingMode: "PAY_PER_REQUEST" as const };
    await client.send(new CreateTableCommand(definition));
  }
  return {
    env: { AWS_REGION: REGION, ...names },
    client,
    async stored(table, Key) {
      const get = new GetCommand({ TableName: names[table], Key, ConsistentRead: true });
      return (await documents.send(get)).Item;
    },
    async put(table, Item) {
      await documents.send(new PutCommand({ TableName: names[table], Item }));
    },
    async set(table, Key, attribute, value) {
      await documents.send(
        new UpdateCommand({
          TableName: names[table],
          Key,
          UpdateExpression: "SET #attribute = :value",
          ExpressionAttributeNames: { "#attribute": attribute },
          ExpressionAttributeValues: { ":value": value },
        }),
      );
    },
    async [Symbol.asyncDispose]() {
      for (const TableName of Object.values(names)) await client.send(new DeleteTableCommand({ TableName }));
      client.destroy();
      inMemory?.[Symbol.dispose]();
      vi.unstubAllEnvs();
      await local?.close();
    },
  };
}

const definitionsBy = (names: Readonly<Record<TableVariable, string>>) =>
  Object.fromEntries(NAMES.map((name) => [names[tableVariable(name)], tables[name]]));

async function serveLocalDynamodb() {
  const localAws = openTestAws(realClock());
  const dynamodb = createDynamodb(localAws);
  localAws.register(dynamodb.service);
  const served = await serveLocalAws(localAws);
  return {
    url: served.url,
    async close() {
      dynamodb.close();
      await served.close();
    },
  };
}
