/** What the directory calls the people of clients. */
import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { peopleByClient } from "../../handlers/store/tables.ts";
import { fullName } from "../../people/name-text.ts";
import type { Reading } from "./reading.ts";
import { sideBySide } from "./side-by-side.ts";

const personSchema = z.object({ firstName: z.string(), lastName: z.string() });

/** A client without a name in the directory is not in the map. */
export async function namesOf(reading: Reading, clientIds: Iterable<string>): Promise<Map<string, string>> {
  const wanted = [...new Set(clientIds)];
  const found = await sideBySide(wanted, async (id) => [id, await nameOfClient(reading, id)] as const);
  return new Map(found.filter(([, name]) => name !== ""));
}

async function nameOfClient({ documents, stack, memory }: Reading, clientId: string): Promise<string> {
  const known = memory.names.get(clientId);
  if (known !== undefined) return known;
  const query = new QueryCommand({
    TableName: stack.tables.people,
    IndexName: peopleByClient,
    KeyConditionExpression: "clientId = :clientId",
    ExpressionAttributeValues: { ":clientId": clientId },
    Limit: 1,
  });
  const { Items: [person] = [] } = await documents.send(query);
  const name = person === undefined ? "" : fullName(personSchema.parse(person));
  memory.names.set(clientId, name);
  return name;
}
