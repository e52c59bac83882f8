/**
 * What is known of a call's room, in items beside the call: what the media provider has said of each participant, and who has to be
 * removed. One query reads all of it.
 */
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import { type Call, callSchema } from "../../calls/call.ts";
import { type CallId, type ParticipantOf, participantId } from "../../calls/ids.ts";
import { MAX_CALL_SECONDS } from "../../calls/limits.ts";
import { type KnownCall, sightingsFrom, type Trace } from "../../calls/presence.ts";
import type { KnownStage } from "../../calls/removals.ts";
import type { Environment } from "../edge/environment.ts";
import { documentClient } from "./dynamodb.ts";
import { removalFrom } from "./removal-store.ts";
import { CALL_ROW, REMOVAL_PREFIX, TRACE_PREFIX, traceKey } from "./tables.ts";

export interface Said extends ParticipantOf {
  readonly atMs: number;
}
export type Known = KnownCall & KnownStage;

export interface PresenceStore {
  /** The call and what is known beside it, in one consistent read; undefined if there is no such call. */
  known(callId: CallId): Promise<Known | undefined>;
  /** Remembers that a participant began or stopped to publish; the latest time of each stays, whichever came first. */
  remember(what: "published" | "unpublished", said: Said): Promise<void>;
}

/** Longer than any call: DynamoDB removes it then. */
const KEPT_SECONDS = 2 * MAX_CALL_SECONDS.max;

const traceSchema = z.object({
  publishedAtMs: z.optional(z.int()),
  unpublishedAtMs: z.optional(z.int()),
});
/** As the release before wrote it: one item a leg, until the calls that began under it are over. */
const sightingSchema = z.pipe(
  z.object({ tokenNumber: z.int().check(z.positive()), atMs: z.int() }),
  z.transform(({ tokenNumber, atMs }) => ({ tokenNumber, publishedAtMs: atMs })),
);

function traceFrom(item: Record<string, unknown>): Trace {
  const [leg, tokenNumber] = String(item["sk"]).slice(TRACE_PREFIX.length).split("-").map(Number);
  if (leg === undefined) throw new Error(`no participant's key: ${String(item["sk"])}`);
  return tokenNumber === undefined
    ? { leg, ...sightingSchema.parse(item) }
    : { leg, tokenNumber, ...traceSchema.parse(item) };
}

export function presenceStore({
  AWS_REGION,
  CALLS_TABLE: TableName,
}: Environment<"AWS_REGION" | "CALLS_TABLE">): PresenceStore {
  const documents = documentClient(AWS_REGION);
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
    async remember(what, { callId, leg, tokenNumber, atMs }) {
      const update = new UpdateCommand({
        TableName,
        Key: traceKey(callId, leg, tokenNumber),
        UpdateExpression: "SET #when = :at, expiresAtSeconds = :until",
        ConditionExpression: "attribute_not_exists(#when) OR #when < :at",
        ExpressionAttributeNames: { "#when": `${what}AtMs` },
        ExpressionAttributeValues: { ":at": atMs, ":until": Math.ceil(atMs / 1000) + KEPT_SECONDS },
      });
      try {
        await documents.send(update);
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
  };
}

function knownFrom(items: readonly Record<string, unknown>[]): Known | undefined {
  const found = items.find(({ sk }) => sk === CALL_ROW);
  if (!found) return undefined;
  const call: Call = callSchema.parse(found);
  const beginningWith = (prefix: string) => items.filter(({ sk }) => String(sk).startsWith(prefix));
  const participants = tracesById(call.callId, beginningWith(TRACE_PREFIX).map(traceFrom));
  const removals = beginningWith(REMOVAL_PREFIX).map(removalFrom);
  return {
    call,
    sightings: sightingsFrom(call, participants.values()),
    participants,
    removals: new Map(removals.map((removal) => [removal.target, removal])),
  };
}

function tracesById(callId: CallId, traces: readonly Trace[]): Map<string, Trace> {
  const byId = new Map<string, Trace>();
  for (const trace of traces) {
    const id = participantId(callId, trace.leg, trace.tokenNumber);
    byId.set(id, { ...byId.get(id), ...trace });
  }
  return byId;
}
