/** The five tables under random names, in the local DynamoDB, in the one at DYNAMODB_ENDPOINT, or in memory if that is `memory`. */
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
import { DEFINITIONS, type Names, type OwnNames } from "./table-definitions.ts";
import { openMemoryEndpoint } from "../simulation/memory-endpoint.ts";
import { openTestAws, pointSdkAt, REGION, serveLocalAws } from "../../packages/local-aws/test/served-aws.ts";

type Item = Record<string, unknown>;

export interface Tables extends AsyncDisposable {
  /** What an adapter reads from its function's environment. */
  readonly env: Environment<"AWS_REGION" | OwnNames> & IvsEnvironment<"STAGES_TABLE">;
  readonly client: DynamoDBClient;
  /** An item as it is stored. */
  stored(table: Names, Key: Item): Promise<Item | undefined>;
  put(table: Names, Item: Item): Promise<void>;
  /** Sets one attribute behind the adapters' backs. */
  set(table: Names, Key: Item, attribute: string, value: unknown): Promise<void>;
}

const NAMES = Object.keys(DEFINITIONS) as Names[];

export async function openTables(): Promise<Tables> {
  const run = randomBytes(6).toString("hex");
  const names = Object.fromEntries(NAMES.map((name) => [name, `${run}-${name}`])) as Record<Names, string>;
  const given = process.env["DYNAMODB_ENDPOINT"];
  const local = given ? undefined : await serveLocalDynamodb();
  const inMemory = given === "memory" ? openMemoryEndpoint(definitionsOf(names)) : undefined;
  pointSdkAt("AWS_ENDPOINT_URL_DYNAMODB", given ?? local?.url ?? "");
  const client = new DynamoDBClient({ region: REGION });
  const documents = DynamoDBDocumentClient.from(client);
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
      inMemory?.[Symbol.dispose]();
      vi.unstubAllEnvs();
      await local?.close();
    },
  };
}

const definitionsOf = (names: Record<Names, string>) =>
  Object.fromEntries(NAMES.map((name) => [names[name], DEFINITIONS[name]]));

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
