/** Signing a person out of a stack by its AWS APIs, with the operator's own credentials. */
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import {
  AdminDisableUserCommand,
  AdminGetUserCommand,
  AdminUserGlobalSignOutCommand,
  CognitoIdentityProviderClient,
  UserNotFoundException,
} from "@aws-sdk/client-cognito-identity-provider";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, paginateScan } from "@aws-sdk/lib-dynamodb";
import { type Client, clientSchema } from "../calls/client.ts";
import { listOf } from "../calls/client-list.ts";
import { callStore } from "../handlers/store/call-store.ts";
import { clientStore } from "../handlers/store/client-store.ts";
import { eventBus } from "../handlers/edge/event-bus.ts";
import { personStore } from "../handlers/store/person-store.ts";
import { type CleanUpClient, type Connection, settingsOf } from "./clean-up-client.ts";
import { findStack, type FoundStack } from "./console/found-stack.ts";
import type { SignOut } from "./sign-out.ts";

export interface SignOutConnection extends Connection {
  readonly stackName: string;
  readonly deletions: Pick<CleanUpClient, "start">;
  /** Names the deletion. */
  readonly operationId: string;
}

/** The stores of functions take endpoint and credentials from the environment alone. Before `openSignOut`. */
export function pointStoresAt({ endpoint }: Connection): void {
  if (endpoint === undefined) return;
  process.env["AWS_ENDPOINT_URL"] = endpoint;
  const { credentials } = settingsOf({ endpoint });
  if (!credentials) return;
  process.env["AWS_ACCESS_KEY_ID"] = credentials.accessKeyId;
  process.env["AWS_SECRET_ACCESS_KEY"] = credentials.secretAccessKey;
}

export async function openSignOut(connection: SignOutConnection): Promise<SignOut> {
  const { stackName, deletions, operationId } = connection;
  const settings = settingsOf(connection);
  const stack = await findStack(new CloudFormationClient(settings), stackName);
  const env = {
    AWS_REGION: stack.region,
    CALLS_TABLE: stack.tables.calls,
    CLIENTS_TABLE: stack.tables.clients,
    DEVICES_TABLE: stack.tables.devices,
    OWNERS_TABLE: stack.tables.owners,
    BUS_NAME: stack.busName,
  };
  const cognito = new CognitoIdentityProviderClient(settings);
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(settings));
  return {
    calls: callStore(env),
    clients: clientStore(env),
    persons: personStore(env),
    publisher: eventBus(env),
    disable: (username) => disable(cognito, stack, username),
    clientsOf: (sub) => clientsOf(documents, stack, sub),
    async startDeletion(clientIds) {
      await deletions.start(operationId, listOf(clientIds.map((clientId) => ({ clientId }))), false);
      return operationId;
    },
    now: () => Date.now(),
  };
}

async function disable(cognito: CognitoIdentityProviderClient, { userPoolId }: FoundStack, Username: string) {
  const user = { UserPoolId: userPoolId, Username };
  try {
    const { UserAttributes = [] } = await cognito.send(new AdminGetUserCommand(user));
    const sub = UserAttributes.find(({ Name }) => Name === "sub")?.Value;
    if (sub === undefined) throw new Error(`the user pool says no sub of ${Username}`);
    await cognito.send(new AdminDisableUserCommand(user));
    await cognito.send(new AdminUserGlobalSignOutCommand(user));
    return { sub };
  } catch (cause) {
    if (!(cause instanceof UserNotFoundException)) throw cause;
    throw new Error(`there is no user "${Username}" in the user pool ${userPoolId}`, { cause });
  }
}

/** No index has clients by person: the table is read once, about a dollar for ten million clients. */
async function clientsOf(
  client: DynamoDBDocumentClient,
  { tables }: FoundStack,
  sub: string,
): Promise<Client[]> {
  const found: Client[] = [];
  const pages = paginateScan(
    { client },
    {
      TableName: tables.clients,
      FilterExpression: "#sub = :sub",
      ExpressionAttributeNames: { "#sub": "sub" },
      ExpressionAttributeValues: { ":sub": sub },
      ConsistentRead: true,
    },
  );
  for await (const { Items = [] } of pages) found.push(...Items.map((item) => clientSchema.parse(item)));
  return found;
}
