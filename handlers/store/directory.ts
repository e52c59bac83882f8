/** The directory as functions see it: an owner's name, and the people with a client. */
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import type { ClientId } from "../../calls/ids.ts";
import { fullName } from "../../people/name-text.ts";
import { NEWEST_READ, newestOf } from "../../people/newest.ts";
import type { Environment } from "../edge/environment.ts";
import { documentClient } from "./dynamodb.ts";
import { peopleByClient, peopleByOwner } from "./tables.ts";

export interface Directory {
  /** The owner's name in pushes; undefined without a Person, or if nothing of its name may be shown. A moment behind. */
  nameOf(owner: string): Promise<string | undefined>;
  /** The people stay and lose the client. Safe to repeat. */
  unlink(clientId: ClientId, nowMs: number): Promise<void>;
}

const linkedSchema = z.object({ id: z.string() });
const personSchema = z.object({
  id: z.string(),
  createdAt: z.string(),
  firstName: z.string(),
  lastName: z.string(),
});
/** People with the same client: all belong to its owner, and more than a few make no sense. */
const MOST = 25;

export function directory(env: Environment<"AWS_REGION" | "PEOPLE_TABLE">): Directory {
  const documents = documentClient(env.AWS_REGION);
  const TableName = env.PEOPLE_TABLE;

  async function peopleOf(owner: string) {
    const query = new QueryCommand({
      TableName,
      IndexName: peopleByOwner.name,
      KeyConditionExpression: "#owner = :owner",
      ExpressionAttributeNames: { "#owner": peopleByOwner.partitionKey },
      ExpressionAttributeValues: { ":owner": owner },
      ScanIndexForward: false,
      Limit: NEWEST_READ,
    });
    const { Items = [] } = await documents.send(query);
    return Items.map((item) => personSchema.parse(item));
  }

  async function peopleWith(clientId: ClientId) {
    const query = new QueryCommand({
      TableName,
      IndexName: peopleByClient.name,
      KeyConditionExpression: "#clientId = :clientId",
      ExpressionAttributeNames: { "#clientId": peopleByClient.partitionKey },
      ExpressionAttributeValues: { ":clientId": clientId },
      Limit: MOST,
    });
    const { Items = [] } = await documents.send(query);
    return Items.map((item) => linkedSchema.parse(item));
  }

  async function removeClient(id: string, clientId: ClientId, nowMs: number): Promise<void> {
    const update = new UpdateCommand({
      TableName,
      Key: { id },
      UpdateExpression: "SET updatedAt = :now REMOVE clientId",
      ConditionExpression: "clientId = :clientId",
      ExpressionAttributeValues: { ":now": new Date(nowMs).toISOString(), ":clientId": clientId },
    });
    try {
      await documents.send(update);
    } catch (error) {
      // The person has another client now, or none.
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  return {
    async nameOf(owner) {
      const person = newestOf(await peopleOf(owner));
      return person && (fullName(person) || undefined);
    },
    async unlink(clientId, nowMs) {
      const people = await peopleWith(clientId);
      await Promise.all(people.map(({ id }) => removeClient(id, clientId, nowMs)));
    },
  };
}
