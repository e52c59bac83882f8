/**
 * The transactions by which clients enter a call: from then on their slots name it, all or nothing. Admission also
 * puts the call and claims its room with the media provider's items; joining changes the call by a rule.
 */
import { GetCommand, TransactWriteCommand, type TransactWriteCommandOutput } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import type { Call } from "../../calls/call.ts";
import type { Client } from "../../calls/client.ts";
import { type CallId, callIdSchema } from "../../calls/ids.ts";
import { IDEMPOTENCY_KEY_HOURS } from "../../calls/limits.ts";
import type { Counted } from "../../calls/standing.ts";
import type { Environment } from "../edge/environment.ts";
import type { RoomClaim, RoomLoss } from "../media/port.ts";
import { replacement } from "./call-store.ts";
import { cancellationReasons, documentClient, failedCondition, type TransactItems } from "./dynamodb.ts";
import { countDeed } from "./person-store.ts";
import { callKey, idempotencyKey } from "./tables.ts";

interface Entering {
  /** The clients whose slots are taken, as last read: a slot that still names the call it named then, or none, is taken over. */
  readonly clients: readonly Client[];
  /** Living calls that these clients have left: a call that has changed since may hold the slot again. */
  readonly leftCalls: readonly Call[];
  /** The acting person's attempt, on condition that nothing was counted since the row was read (C1). */
  readonly counted?: Counted;
}

export interface AdmissionRequest extends Entering {
  readonly call: Call;
  /** The media provider's items. */
  readonly claims: readonly RoomClaim[];
  readonly key?: IdempotencyKey | undefined;
}

export interface JoinRequest extends Entering {
  readonly previous: Call;
  readonly next: Call;
}

/** The meaning of a caller's Idempotency-Key. */
export interface IdempotencyKey {
  /** Hash of the key and its owner. */
  readonly id: string;
  /** Hash of the request. */
  readonly request: string;
}

export interface ClaimedKey {
  readonly callId: CallId;
  readonly request: string;
}

type Refusal =
  /** A slot names a call. The caller must find out whether that call is living. */
  | { readonly kind: "taken"; readonly by: CallId }
  /** The client is gone or has another owner. */
  | { readonly kind: "client_changed" }
  /** Another write changed one of the items, or is about to: neither busy nor free, try again. */
  | { readonly kind: "conflict" };

/** The key has already begun a call. */
type Repeated = { readonly kind: "repeated" } & ClaimedKey;

export type AdmissionOutcome = { readonly kind: "admitted" } | RoomLoss | Repeated | Refusal;

export type BusyOutcome = { readonly kind: "recorded" } | Repeated | typeof CONFLICT;

export type JoinOutcome = { readonly kind: "joined" } | Refusal;

export interface Admission {
  admit(request: AdmissionRequest): Promise<AdmissionOutcome>;
  /** The call must be as it was read; the owners of the clients are checked in the same write. */
  join(request: JoinRequest): Promise<JoinOutcome>;
  /** The call that a key has begun, and the hash of that request. */
  claimed(key: IdempotencyKey): Promise<ClaimedKey | undefined>;
  /** Records a call that ended before it began; a conflict if the caller has been counted since. */
  recordBusy(call: Call, counted: Counted, key?: IdempotencyKey): Promise<BusyOutcome>;
}

type Tables = "AWS_REGION" | "CALLS_TABLE" | "CLIENTS_TABLE" | "OWNERS_TABLE";

/** One part of a transaction, and the meaning of a failed condition. */
interface Part {
  readonly item: TransactItems[number];
  readonly failed: (stored: Record<string, unknown> | undefined) => AdmissionOutcome;
}

const CONFLICT = { kind: "conflict" } as const;

export function admission(env: Environment<Tables>): Admission {
  const documents = documentClient(env.AWS_REGION);

  /** The first part whose condition failed; undefined if all was written. */
  async function write(parts: readonly Part[]): Promise<AdmissionOutcome | undefined> {
    try {
      const TransactItems = parts.map(({ item }) => item);
      // The caller retries a conflicting transaction by its own rules; the SDK does not.
      await (documents.send(
        new TransactWriteCommand({ TransactItems }),
      ) as Promise<TransactWriteCommandOutput>);
      return undefined;
    } catch (error) {
      const reasons = cancellationReasons(error);
      const at = reasons.findIndex((reason) => failedCondition(reason));
      return parts[at]?.failed(reasons[at]?.item) ?? CONFLICT;
    }
  }

  const enter = (entering: Entering, callId: CallId): Part[] => [
    ...entering.clients.map((client) => takeSlot(env.CLIENTS_TABLE, client, callId)),
    ...entering.leftCalls.map((call) => unchanged(env.CALLS_TABLE, call)),
    ...(entering.counted ? [countAttempt(env.OWNERS_TABLE, entering.counted)] : []),
  ];

  return {
    async admit({ call, claims, key, ...entering }) {
      const parts = [
        // First, so that a repeat is recognized even if the slots are taken by then.
        ...(key ? [claimKey(env.CALLS_TABLE, key, call)] : []),
        ...enter(entering, call.callId),
        putCall(env.CALLS_TABLE, call),
        ...claims.map(({ item, lost }) => ({ item, failed: () => lost })),
      ];
      return (await write(parts)) ?? { kind: "admitted" };
    },
    async join({ previous, next, ...entering }) {
      const update: Part = {
        item: {
          Update: { TableName: env.CALLS_TABLE, Key: callKey(next.callId), ...replacement(previous, next) },
        },
        failed: () => CONFLICT,
      };
      const outcome = await write([update, ...enter(entering, next.callId)]);
      // Only an admission claims a room or a key.
      return (outcome as JoinOutcome | undefined) ?? { kind: "joined" };
    },
    async claimed({ id }) {
      const get = new GetCommand({
        TableName: env.CALLS_TABLE,
        Key: idempotencyKey(id),
        ConsistentRead: true,
      });
      const { Item } = await documents.send(get);
      return Item && keyRow.parse(Item);
    },
    async recordBusy(call, counted, key) {
      const outcome = await write([
        ...(key ? [claimKey(env.CALLS_TABLE, key, call)] : []),
        putCall(env.CALLS_TABLE, call),
        countAttempt(env.OWNERS_TABLE, counted),
      ]);
      // No slot is taken and no room claimed.
      return (outcome as BusyOutcome | undefined) ?? { kind: "recorded" };
    },
  };
}

const countAttempt = (TableName: string, counted: Counted): Part => ({
  item: { Update: countDeed(TableName, counted) },
  failed: () => CONFLICT,
});

function putCall(TableName: string, call: Call): Part {
  const Item = { ...callKey(call.callId), ...call };
  return {
    item: { Put: { TableName, Item, ConditionExpression: "attribute_not_exists(pk)" } },
    failed: () => CONFLICT,
  };
}

function unchanged(TableName: string, call: Call): Part {
  return {
    item: {
      ConditionCheck: {
        TableName,
        Key: callKey(call.callId),
        ConditionExpression: "#version = :seen",
        ExpressionAttributeNames: { "#version": "version" },
        ExpressionAttributeValues: { ":seen": call.version },
      },
    },
    failed: () => CONFLICT,
  };
}

function takeSlot(TableName: string, client: Client, callId: CallId): Part {
  const stale = client.activeCallId;
  return {
    item: {
      Update: {
        TableName,
        Key: { clientId: client.clientId },
        UpdateExpression: "SET activeCallId = :callId",
        ConditionExpression: `#sub = :sub AND (attribute_not_exists(activeCallId)${stale ? " OR activeCallId = :stale" : ""})`,
        ExpressionAttributeNames: { "#sub": "sub" },
        ExpressionAttributeValues: {
          ":callId": callId,
          ":sub": client.sub,
          ...(stale && { ":stale": stale }),
        },
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      },
    },
    failed: (stored) => slotRefusal(client, stored),
  };
}

function slotRefusal(client: Client, stored: Record<string, unknown> | undefined): Refusal {
  if (stored?.["sub"] !== client.sub) return { kind: "client_changed" };
  const holder = callIdSchema.safeParse(stored["activeCallId"]);
  return holder.success && holder.data !== client.activeCallId
    ? { kind: "taken", by: holder.data }
    : CONFLICT;
}

const keyRow = z.object({ callId: callIdSchema, request: z.string() });

function claimKey(TableName: string, { id, request }: IdempotencyKey, call: Call): Part {
  const expiresAtSeconds = Math.ceil(call.createdAtMs / 1000) + IDEMPOTENCY_KEY_HOURS * 3600;
  const Item = { ...idempotencyKey(id), callId: call.callId, request, expiresAtSeconds };
  return {
    item: {
      Put: {
        TableName,
        Item,
        // An expired row stays until DynamoDB deletes it.
        ConditionExpression: "attribute_not_exists(pk) OR expiresAtSeconds < :now",
        ExpressionAttributeValues: { ":now": Math.floor(call.createdAtMs / 1000) },
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      },
    },
    failed: (stored) => ({ kind: "repeated", ...keyRow.parse(stored) }),
  };
}
