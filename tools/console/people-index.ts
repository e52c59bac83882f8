/** The directory's indexes by name: who has a client. */
import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { type ClientId, clientIdSchema } from "../../calls/ids.ts";
import { peopleByFirstName, peopleByLastName } from "../../handlers/store/tables.ts";
import type { Reading } from "./reading.ts";

/** The one partition of both indexes, and their keys: people/rules/names.ts writes them. */
const DIRECTORY = "people";
const nameKey = (name: string): string => name.normalize("NFC").toUpperCase();

const personSchema = z.object({ clientId: z.optional(clientIdSchema) });

export interface Listed {
  readonly clientIds: readonly ClientId[];
  /** Where the next page begins. */
  readonly after?: Record<string, string>;
}

/** By first names. People without a client are left out, so a page may hold fewer. */
export async function peopleListed(
  { documents, stack }: Reading,
  Limit: number,
  after: Record<string, string> | undefined,
): Promise<Listed> {
  const query = new QueryCommand({
    TableName: stack.tables.people,
    IndexName: peopleByFirstName,
    KeyConditionExpression: "directory = :directory",
    ExpressionAttributeValues: { ":directory": DIRECTORY },
    Limit,
    ...(after && { ExclusiveStartKey: after }),
  });
  const { Items = [], LastEvaluatedKey } = await documents.send(query);
  const clientIds = clientsOf(Items);
  // The keys of this index are texts.
  return LastEvaluatedKey ? { clientIds, after: LastEvaluatedKey as Record<string, string> } : { clientIds };
}

/** Whose first or last name begins so, `most` at most. */
export async function peopleNamed(reading: Reading, beginning: string, most: number): Promise<ClientId[]> {
  const found = await Promise.all([
    named(reading, { index: peopleByFirstName, key: "firstNameKey", beginning, most }),
    named(reading, { index: peopleByLastName, key: "lastNameKey", beginning, most }),
  ]);
  return [...new Set(found.flat())].slice(0, most);
}

interface Search {
  readonly index: string;
  readonly key: string;
  readonly beginning: string;
  readonly most: number;
}

async function named(
  { documents, stack }: Reading,
  { index, key, beginning, most }: Search,
): Promise<ClientId[]> {
  const query = new QueryCommand({
    TableName: stack.tables.people,
    IndexName: index,
    KeyConditionExpression: "directory = :directory AND begins_with(#key, :beginning)",
    ExpressionAttributeNames: { "#key": key },
    ExpressionAttributeValues: { ":directory": DIRECTORY, ":beginning": nameKey(beginning) },
    Limit: most,
  });
  const { Items = [] } = await documents.send(query);
  return clientsOf(Items);
}

const clientsOf = (items: readonly unknown[]): ClientId[] => [
  ...new Set(items.flatMap((item) => personSchema.parse(item).clientId ?? [])),
];
