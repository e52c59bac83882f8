/** The directory as functions see it: which person has put a client on record. */
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import type { ClientId } from "../../calls/ids.ts";
import { fullName } from "../../people/name-text.ts";
import type { Environment } from "../environment.ts";
import { documentClient } from "./dynamodb.ts";

export interface Directory {
  /** What a push calls the person; undefined if nobody in the directory has this client, or nothing of the name may be shown. A moment behind. */
  nameOf(clientId: ClientId): Promise<string | undefined>;
  /** People stay, and lose the client. Doing it twice does no harm. */
  unlink(clientId: ClientId, nowMs: number): Promise<void>;
}

const personSchema = z.object({ id: z.string(), firstName: z.string(), lastName: z.string() });
/** People with the same client: all are of its owner, and more than a few make no sense. */
const MOST = 25;

export function directory(env: Environment<"AWS_REGION" | "PEOPLE_TABLE">): Directory {
  const documents = documentClient(env.AWS_REGION);
  const TableName = env.PEOPLE_TABLE;

  async function peopleWith(clientId: ClientId, Limit: number) {
    const query = new QueryCommand({
      TableName,
      IndexName: "by-client",
      KeyConditionExpression: "clientId = :clientId",
      ExpressionAttributeValues: { ":clientId": clientId },
      Limit,
    });
    const { Items = [] } = await documents.send(query);
    return Items.map((item) => personSchema.parse(item));
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
      // The person has another client by now, or none.
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  return {
    async nameOf(clientId) {
      const [person] = await peopleWith(clientId, 1);
      return person && (fullName(person) || undefined);
    },
    async unlink(clientId, nowMs) {
      const people = await peopleWith(clientId, MOST);
      await Promise.all(people.map(({ id }) => removeClient(id, clientId, nowMs)));
    },
  };
}
