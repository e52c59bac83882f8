/** The five tables under random names, in the local DynamoDB or in the one at DYNAMODB_ENDPOINT. */
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
import { realClock } from "../../packages/local-aws/src/clock.ts";
import { createDynamodb } from "../../packages/local-aws/src/dynamodb/dynamodb.ts";
import { openTestAws, pointSdkAt, REGION, serveLocalAws } from "../../packages/local-aws/test/served-aws.ts";

type OwnNames = "OWNERS_TABLE" | "CLIENTS_TABLE" | "DEVICES_TABLE" | "CALLS_TABLE";
type Names = OwnNames | "STAGES_TABLE";
type Item = Record<string, unknown>;

export interface Tables extends AsyncDisposable {
  /** The variables of a function's environment that an adapter reads. */
  readonly env: Environment<"AWS_REGION" | OwnNames> & IvsEnvironment<"STAGES_TABLE">;
  readonly client: DynamoDBClient;
  /** An item as it is stored. */
  stored(table: Names, Key: Item): Promise<Item | undefined>;
  put(table: Names, Item: Item): Promise<void>;
  /** Sets one attribute without the adapters. */
  set(table: Names, Key: Item, attribute: string, value: unknown): Promise<void>;
}

const hash = (AttributeName: string) => ({ AttributeName, KeyType: "HASH" as const });
const range = (AttributeName: string) => ({ AttributeName, KeyType: "RANGE" as const });
const text = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });
const number = (AttributeName: string) => ({ AttributeName, AttributeType: "N" as const });

const DEFINITIONS: Record<Names, Omit<CreateTableCommandInput, "TableName">> = {
  OWNERS_TABLE: { AttributeDefinitions: [text("owner")], KeySchema: [hash("owner")] },
  CLIENTS_TABLE: { AttributeDefinitions: [text("clientId")], KeySchema: [hash("clientId")] },
  DEVICES_TABLE: { AttributeDefinitions: [text("pk"), text("sk")], KeySchema: [hash("pk"), range("sk")] },
  CALLS_TABLE: {
    AttributeDefinitions: [
      text("pk"),
      text("sk"),
      text("openShard"),
      number("sweepAtMs"),
      text("removalQueue"),
      number("dueAtMs"),
    ],
    KeySchema: [hash("pk"), range("sk")],
    GlobalSecondaryIndexes: [
      {
        IndexName: "by-sweep-time",
        KeySchema: [hash("openShard"), range("sweepAtMs")],
        Projection: { ProjectionType: "KEYS_ONLY" },
      },
      {
        IndexName: "by-removal",
        KeySchema: [hash("removalQueue"), range("dueAtMs")],
        Projection: { ProjectionType: "KEYS_ONLY" },
      },
    ],
  },
  STAGES_TABLE: {
    AttributeDefinitions: [text("stageId"), text("pool"), text("due"), number("dueAtMs")],
    KeySchema: [hash("stageId")],
    GlobalSecondaryIndexes: [
      {
        IndexName: "by-pool",
        KeySchema: [hash("pool"), range("stageId")],
        Projection: { ProjectionType: "ALL" },
      },
      {
        IndexName: "by-due",
        KeySchema: [hash("due"), range("dueAtMs")],
        Projection: { ProjectionType: "KEYS_ONLY" },
      },
    ],
  },
};
const NAMES = Object.keys(DEFINITIONS) as Names[];

export async function openTables(): Promise<Tables> {
  const given = process.env["DYNAMODB_ENDPOINT"];
  const local = given ? undefined : await serveLocalDynamodb();
  pointSdkAt("AWS_ENDPOINT_URL_DYNAMODB", given ?? local?.url ?? "");
  const client = new DynamoDBClient({ region: REGION });
  const documents = DynamoDBDocumentClient.from(client);
  const run = randomBytes(6).toString("hex");
  const names = Object.fromEntries(NAMES.map((name) => [name, `${run}-${name}`])) as Record<Names, string>;
  for (const name of NAMES) {
    const definition = { ...DEFINITIONS[name], TableName: names[name], BillingMode: "PAY_PER_REQUEST" };
    await client.send(new CreateTableCommand(definition as CreateTableCommandInput));
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
      vi.unstubAllEnvs();
      await local?.close();
    },
  };
}

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
