/** Adopting the clients of a stack by its AWS APIs, with the operator's own credentials. */
import * as z from "zod/mini";
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  DynamoDBDocumentClient,
  GetCommand,
  paginateScan,
  QueryCommand,
  TransactWriteCommand,
} from "@aws-sdk/lib-dynamodb";
import { clientSchema } from "../calls/client.ts";
import { peopleByOwner } from "../handlers/store/tables.ts";
import { wroteTogether } from "../handlers/store/dynamodb.ts";
import { personStore, renameClients } from "../handlers/store/person-store.ts";
import { NEWEST_READ, newestOf } from "../people/newest.ts";
import type { Adopt, OwnedClient } from "./adopt.ts";
import { type Connection, settingsOf } from "./clean-up-client.ts";
import { findStack, type FoundStack } from "./console/found-stack.ts";

export interface AdoptConnection extends Connection {
  readonly stackName: string;
  readonly dryRun: boolean;
}

/** After `pointStoresAt`. */
export async function openAdopt(connection: AdoptConnection): Promise<Adopt> {
  const settings = settingsOf(connection);
  const stack = await findStack(new CloudFormationClient(settings), connection.stackName);
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(settings));
  const persons = personStore({ AWS_REGION: stack.region, OWNERS_TABLE: stack.tables.owners });
  return {
    clients: () => clientsOf(documents, stack),
    namedBy: async (sub) => (await persons.read(sub)).clientIds ?? [],
    inDirectory: (sub) => clientInDirectory(documents, stack, sub),
    name: (sub, clients) => name(documents, stack, sub, clients),
    dryRun: connection.dryRun,
  };
}

const ownedClient = z.pick(clientSchema, {
  clientId: true,
  sub: true,
  username: true,
  revision: true,
  createdAtMs: true,
  registeredAtMs: true,
});

async function* clientsOf(
  client: DynamoDBDocumentClient,
  { tables }: FoundStack,
): AsyncGenerator<OwnedClient> {
  const pages = paginateScan({ client }, { TableName: tables.clients, ConsistentRead: true });
  for await (const { Items = [] } of pages) yield* Items.map((item) => ownedClient.parse(item));
}

async function clientInDirectory(
  documents: DynamoDBDocumentClient,
  { tables }: FoundStack,
  sub: string,
): Promise<string | undefined> {
  const query = new QueryCommand({
    TableName: tables.people,
    IndexName: peopleByOwner.name,
    KeyConditionExpression: "#owner = :owner",
    ExpressionAttributeNames: { "#owner": peopleByOwner.partitionKey },
    ExpressionAttributeValues: { ":owner": sub },
    ScanIndexForward: false,
    Limit: NEWEST_READ,
  });
  const { Items = [] } = await documents.send(query);
  const newest = newestOf(Items as { id: string; createdAt: string }[]);
  if (!newest) return undefined;
  // The index has no clients.
  const { Item } = await documents.send(
    new GetCommand({ TableName: tables.people, Key: { id: newest.id }, ConsistentRead: true }),
  );
  return Item?.["clientId"] as string | undefined;
}

/** The clients' revisions rise, so that a deletion that has read them does not leave their names in the row. */
async function name(
  documents: DynamoDBDocumentClient,
  { tables }: FoundStack,
  sub: string,
  clients: readonly OwnedClient[],
): Promise<boolean> {
  const next = clients.map(({ clientId }) => clientId);
  const TransactItems = [
    { Update: renameClients(tables.owners, { sub, seen: [], next }, undefined, 0) },
    ...clients.map(({ clientId, revision }) => ({
      Update: {
        TableName: tables.clients,
        Key: { clientId },
        UpdateExpression: "SET revision = :next",
        ConditionExpression: "revision = :seen AND #sub = :sub",
        ExpressionAttributeNames: { "#sub": "sub" },
        ExpressionAttributeValues: { ":next": revision + 1, ":seen": revision, ":sub": sub },
      },
    })),
  ];
  return wroteTogether(documents.send(new TransactWriteCommand({ TransactItems })));
}
