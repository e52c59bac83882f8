/**
 * A person's settings of a client, each in its own write: the clients it blocks, one map entry each, and the end of do not
 * disturb. The only condition is that the client is theirs: no other setting, no registration and no call can make such a
 * write fail.
 */
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { UpdateCommand, type UpdateCommandInput } from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { type Client, clientSchema } from "../../calls/client.ts";
import type { ClientId } from "../../calls/ids.ts";
import { MAX_BLOCKED } from "../../calls/limits.ts";
import type { Environment } from "../edge/environment.ts";
import { documentClient } from "./dynamodb.ts";

/** A client with the owner that the acting person claims. */
type Owned = Pick<Client, "clientId" | "sub">;

export type SettingsOutcome =
  /** The client as it stands now. */
  | { readonly kind: "changed"; readonly client: Client }
  | { readonly kind: "no_such_client" }
  | { readonly kind: "not_your_client" }
  /** It blocks the most that it may. */
  | { readonly kind: "full" };

export interface ClientSettings {
  /** `other` is a client of the person to block. Repeating it only sets its time. */
  block(own: Owned, other: Owned, nowMs: number): Promise<SettingsOutcome>;
  unblock(own: Owned, otherId: ClientId): Promise<SettingsOutcome>;
  disturbAfter(own: Owned, untilMs: number | undefined): Promise<SettingsOutcome>;
}

/** Of two parallel first entries, the second finds the map made. */
const ATTEMPTS = 2;

export function clientSettings({
  AWS_REGION,
  CLIENTS_TABLE: TableName,
}: Environment<"AWS_REGION" | "CLIENTS_TABLE">): ClientSettings {
  const documents = documentClient(AWS_REGION);

  /** The client after the write, or as it stood if the condition failed; undefined if it is gone or another person's. */
  async function write({ clientId, sub }: Owned, change: Change): Promise<Written> {
    try {
      const update = new UpdateCommand({
        TableName,
        Key: { clientId },
        UpdateExpression: change.update,
        ConditionExpression: ["#sub = :sub", ...(change.condition ? [change.condition] : [])].join(" AND "),
        ExpressionAttributeNames: { "#sub": "sub", ...change.names },
        ExpressionAttributeValues: { ":sub": sub, ...change.values },
        ReturnValues: "ALL_NEW",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      });
      const { Attributes } = await documents.send(update);
      return { kind: "changed", client: clientSchema.parse(Attributes) };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      if (!error.Item) return { kind: "no_such_client" };
      const client = clientSchema.parse(unmarshall(error.Item));
      return client.sub === sub ? { kind: "stands", client } : { kind: "not_your_client" };
    }
  }

  return {
    async block(own, other, nowMs) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const entry = { sub: other.sub, atMs: nowMs };
        const written = await write(own, entryOf(other.clientId, entry));
        if (written.kind !== "stands") return written;
        if (written.client.blocked !== undefined) return { kind: "full" };
        const first = await write(own, mapWith(other.clientId, entry));
        if (first.kind !== "stands") return first;
      }
      return { kind: "full" };
    },
    async unblock(own, otherId) {
      const written = await write(own, {
        update: "REMOVE blocked.#other",
        condition: "attribute_exists(blocked)",
        names: { "#other": otherId },
      });
      // Without a map no client is blocked.
      return written.kind === "stands" ? { ...written, kind: "changed" } : written;
    },
    async disturbAfter(own, untilMs) {
      const written = await write(
        own,
        untilMs === undefined
          ? { update: "REMOVE doNotDisturbUntilMs" }
          : { update: "SET doNotDisturbUntilMs = :until", values: { ":until": untilMs } },
      );
      return written.kind === "stands" ? { ...written, kind: "changed" } : written;
    },
  };
}

interface Change {
  readonly update: string;
  readonly condition?: string;
  readonly names?: UpdateCommandInput["ExpressionAttributeNames"];
  readonly values?: UpdateCommandInput["ExpressionAttributeValues"];
}
type Written =
  | Exclude<SettingsOutcome, { kind: "full" }>
  | { readonly kind: "stands"; readonly client: Client };

const entryOf = (otherId: ClientId, entry: object): Change => ({
  update: "SET blocked.#other = :entry",
  condition: "attribute_exists(blocked) AND (attribute_exists(blocked.#other) OR size(blocked) < :most)",
  names: { "#other": otherId },
  values: { ":entry": entry, ":most": MAX_BLOCKED },
});

/** A client that has never blocked another has no map. */
const mapWith = (otherId: ClientId, entry: object): Change => ({
  update: "SET blocked = :blocked",
  condition: "attribute_not_exists(blocked)",
  values: { ":blocked": { [otherId]: entry } },
});
