/** Walks over all clients and devices, segment by segment, and finds orphans. */
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { DeleteCommand, ScanCommand, type ScanCommandInput } from "@aws-sdk/lib-dynamodb";
import type { Device } from "../../calls/device.ts";
import { type CallId, callIdSchema, type ClientId, clientIdSchema } from "../../calls/ids.ts";
import type { Environment } from "../edge/environment.ts";
import { tokenHash } from "./client-store.ts";
import { documentClient } from "./dynamodb.ts";
import { TOKEN_ROW, tokenKey } from "./tables.ts";

export interface DeviceRow {
  readonly kind: "device" | "token";
  readonly clientId: ClientId;
  readonly key: { readonly pk: string; readonly sk: string };
}

export interface StateWalk {
  /** Clients whose slot names a call. Each walk begins at another place. */
  takenSlots(from: number): AsyncIterable<{ clientId: ClientId; activeCallId: CallId }>;
  deviceRows(from: number): AsyncIterable<DeviceRow>;
  holdsToken(devices: readonly Device[], row: DeviceRow): boolean;
  /** Removes the row only if it still belongs to the client it was read with. */
  removeOrphan(row: DeviceRow): Promise<boolean>;
}

const SEGMENTS = 16;

export function stateWalk({
  AWS_REGION,
  CLIENTS_TABLE,
  DEVICES_TABLE,
}: Environment<"AWS_REGION" | "CLIENTS_TABLE" | "DEVICES_TABLE">): StateWalk {
  const documents = documentClient(AWS_REGION);

  async function* scan(from: number, input: ScanCommandInput): AsyncGenerator<Record<string, unknown>> {
    for (let passed = 0; passed < SEGMENTS; passed += 1) {
      const Segment = (from + passed) % SEGMENTS;
      let ExclusiveStartKey: Record<string, unknown> | undefined;
      do {
        const start = ExclusiveStartKey && { ExclusiveStartKey };
        const command = new ScanCommand({ ...input, Segment, TotalSegments: SEGMENTS, ...start });
        const { Items = [], LastEvaluatedKey } = await documents.send(command);
        yield* Items;
        ExclusiveStartKey = LastEvaluatedKey;
      } while (ExclusiveStartKey);
    }
  }

  return {
    async *takenSlots(from) {
      const input = {
        TableName: CLIENTS_TABLE,
        FilterExpression: "attribute_exists(activeCallId)",
        ProjectionExpression: "clientId, activeCallId",
      };
      for await (const { clientId, activeCallId } of scan(from, input)) {
        yield { clientId: clientIdSchema.parse(clientId), activeCallId: callIdSchema.parse(activeCallId) };
      }
    },
    async *deviceRows(from) {
      const input = {
        TableName: DEVICES_TABLE,
        ProjectionExpression: "pk, sk, clientId",
        // Rows of recent registrations are not devices.
        FilterExpression: "attribute_exists(clientId)",
      };
      for await (const row of scan(from, input)) {
        const key = { pk: String(row["pk"]), sk: String(row["sk"]) };
        const kind = key.sk === TOKEN_ROW ? "token" : "device";
        yield { kind, clientId: clientIdSchema.parse(row["clientId"]), key };
      }
    },
    holdsToken: (devices, { key }) =>
      devices.some(({ tokens }) =>
        Object.values(tokens).some((token) => tokenKey(tokenHash(token)).pk === key.pk),
      ),
    async removeOrphan({ key: Key, clientId }) {
      try {
        await documents.send(
          new DeleteCommand({
            TableName: DEVICES_TABLE,
            Key,
            ConditionExpression: "clientId = :clientId",
            ExpressionAttributeValues: { ":clientId": clientId },
          }),
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },
  };
}
