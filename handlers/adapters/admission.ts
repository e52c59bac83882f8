/** Admission: the transaction that puts a call, takes both slots and leases a stage, all or nothing. */
import { type TransactWriteCommandOutput, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import type { Call } from "../../calls/call.ts";
import type { Client } from "../../calls/client.ts";
import { type CallId, callIdSchema } from "../../calls/ids.ts";
import { leased, oldestEndpointsMs, type PooledStage } from "../../calls/stage-pool.ts";
import type { Environment } from "../environment.ts";
import { callKey } from "./call-store.ts";
import { cancellationReasons, documentClient, failedCondition, type TransactItems } from "./dynamodb.ts";

export interface AdmissionRequest {
  readonly call: Call;
  readonly caller: Client;
  readonly callee: Client;
  readonly stage: PooledStage;
  readonly nowMs: number;
}

export type AdmissionOutcome =
  | { readonly kind: "admitted" }
  /** A slot names a call: whether that call is living is for the caller to find out. */
  | { readonly kind: "taken"; readonly by: CallId }
  /** The client is gone or has another owner. */
  | { readonly kind: "client_changed" }
  | { readonly kind: "stage_lost" }
  /** Another transaction on one of the items: neither busy nor free, try again. */
  | { readonly kind: "conflict" };

export interface Admission {
  /**
   * A slot that names the call it named when the client was read, or none, is taken over; any other is `taken`.
   * The caller's owner is checked in the same write.
   */
  admit(request: AdmissionRequest): Promise<AdmissionOutcome>;
}

type Tables = "AWS_REGION" | "CALLS_TABLE" | "CLIENTS_TABLE" | "STAGES_TABLE";

export function admission(env: Environment<Tables>): Admission {
  const documents = documentClient(env.AWS_REGION);
  return {
    async admit(request) {
      try {
        const TransactItems = parts(env, request);
        // A transaction that conflicts is retried here, under rules of its own, not by the SDK.
        await (documents.send(
          new TransactWriteCommand({ TransactItems }),
        ) as Promise<TransactWriteCommandOutput>);
        return { kind: "admitted" };
      } catch (error) {
        return outcome(request, error);
      }
    },
  };
}

function parts(
  env: Environment<Tables>,
  { call, caller, callee, stage, nowMs }: AdmissionRequest,
): TransactItems {
  const next = leased(stage, call.callId, nowMs);
  return [
    {
      Put: {
        TableName: env.CALLS_TABLE,
        Item: { ...callKey(call.callId), ...call },
        ConditionExpression: "attribute_not_exists(pk)",
      },
    },
    takeSlot(env.CLIENTS_TABLE, caller, call.callId),
    takeSlot(env.CLIENTS_TABLE, callee, call.callId),
    {
      Update: {
        TableName: env.STAGES_TABLE,
        Key: { stageId: stage.stageId },
        UpdateExpression: "SET #status = :leased, #pool = :pool, callId = :callId, sinceMs = :now",
        ConditionExpression: "#status = :seen AND endpointsAtMs >= :oldest",
        ExpressionAttributeNames: { "#status": "status", "#pool": "pool" },
        ExpressionAttributeValues: {
          ":leased": next.status,
          ":pool": next.pool,
          ":callId": call.callId,
          ":now": nowMs,
          ":seen": stage.status,
          ":oldest": oldestEndpointsMs(nowMs),
        },
      },
    },
  ];
}

function takeSlot(TableName: string, client: Client, callId: CallId): TransactItems[number] {
  const stale = client.activeCallId;
  return {
    Update: {
      TableName,
      Key: { clientId: client.clientId },
      UpdateExpression: "SET activeCallId = :callId",
      ConditionExpression: `#sub = :sub AND (attribute_not_exists(activeCallId)${stale ? " OR activeCallId = :stale" : ""})`,
      ExpressionAttributeNames: { "#sub": "sub" },
      ExpressionAttributeValues: { ":callId": callId, ":sub": client.sub, ...(stale && { ":stale": stale }) },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    },
  };
}

function outcome({ caller, callee }: AdmissionRequest, error: unknown): AdmissionOutcome {
  const [, callerReason, calleeReason, stageReason] = cancellationReasons(error);
  for (const [client, reason] of [
    [caller, callerReason],
    [callee, calleeReason],
  ] as const) {
    if (!failedCondition(reason)) continue;
    const holder = callIdSchema.safeParse(reason?.item?.["activeCallId"]);
    const sameOwner = reason?.item?.["sub"] === client.sub;
    return sameOwner && holder.success ? { kind: "taken", by: holder.data } : { kind: "client_changed" };
  }
  return failedCondition(stageReason) ? { kind: "stage_lost" } : { kind: "conflict" };
}
