/** What is known of a call's legs: the call, and beside it, in items of their own, when each leg was seen publishing. */
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { DeleteCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { callSchema } from "../../calls/call.ts";
import { type CallId, type ParticipantOf } from "../../calls/ids.ts";
import { MAX_CALL_SECONDS } from "../../calls/limits.ts";
import type { KnownCall, Sighting } from "../../calls/presence.ts";
import type { Environment } from "../environment.ts";
import { documentClient } from "./dynamodb.ts";

export interface LegSighting extends ParticipantOf {
  readonly atMs: number;
}

export interface PresenceStore {
  /** The call and its sightings in one consistent read; undefined if there is no such call. */
  known(callId: CallId): Promise<KnownCall | undefined>;
  /** Remembers that a leg was seen; a newer sighting stays, whichever came first. */
  saw(sighting: LegSighting): Promise<void>;
  /** Forgets that a leg was seen, unless it was seen after that. */
  forget(sighting: LegSighting): Promise<void>;
}

const PREFIX = "seen#";
/** Longer than any call: DynamoDB removes it then. */
const KEPT_SECONDS = 2 * MAX_CALL_SECONDS.max;

const sightingSchema = z.object({
  sk: z.string().startsWith(PREFIX),
  tokenNumber: z.number().int().positive(),
  atMs: z.number().int().nonnegative(),
});

export function presenceStore({
  AWS_REGION,
  CALLS_TABLE: TableName,
}: Environment<"AWS_REGION" | "CALLS_TABLE">): PresenceStore {
  const documents = documentClient(AWS_REGION);
  const key = ({ callId, leg }: LegSighting) => ({ pk: callId, sk: `${PREFIX}${leg}` });
  return {
    async known(callId) {
      const query = new QueryCommand({
        TableName,
        KeyConditionExpression: "pk = :call",
        ExpressionAttributeValues: { ":call": callId },
        ConsistentRead: true,
      });
      return knownFrom((await documents.send(query)).Items ?? []);
    },
    async saw(sighting) {
      const { tokenNumber, atMs } = sighting;
      await unlessRefused(() =>
        documents.send(
          new UpdateCommand({
            TableName,
            Key: key(sighting),
            UpdateExpression: "SET tokenNumber = :n, atMs = :at, expiresAtSeconds = :until",
            ConditionExpression:
              "attribute_not_exists(pk) OR tokenNumber < :n OR (tokenNumber = :n AND atMs < :at)",
            ExpressionAttributeValues: {
              ":n": tokenNumber,
              ":at": atMs,
              ":until": Math.ceil(atMs / 1000) + KEPT_SECONDS,
            },
          }),
        ),
      );
    },
    async forget(sighting) {
      const { tokenNumber, atMs } = sighting;
      await unlessRefused(() =>
        documents.send(
          new DeleteCommand({
            TableName,
            Key: key(sighting),
            ConditionExpression: "tokenNumber < :n OR (tokenNumber = :n AND atMs <= :at)",
            ExpressionAttributeValues: { ":n": tokenNumber, ":at": atMs },
          }),
        ),
      );
    },
  };
}

function knownFrom(items: readonly Record<string, unknown>[]): KnownCall | undefined {
  const call = items.find(({ sk }) => sk === "call");
  if (!call) return undefined;
  const seen = items.filter(({ sk }) => typeof sk === "string" && sk.startsWith(PREFIX));
  const sightings = new Map(
    seen.map((item): [number, Sighting] => {
      const { sk, tokenNumber, atMs } = sightingSchema.parse(item);
      return [Number(sk.slice(PREFIX.length)), { tokenNumber, atMs }];
    }),
  );
  return { call: callSchema.parse(call), sightings };
}

async function unlessRefused(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}
