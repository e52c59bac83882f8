/** What is kept of a person (calls/standing.ts): a row in the table of owners, beside the one that names their Person. */
import { GetCommand, type TransactWriteCommandInput, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { STANDING_KEPT_SECONDS } from "../../calls/limits.ts";
import { type Counted, type Standing, standingSchema } from "../../calls/standing.ts";
import type { Environment } from "../environment.ts";
import { documentClient, heldCondition } from "./dynamodb.ts";

export interface PersonStore {
  /** Reads consistently: attempts are counted on from it. Empty for a person who did nothing lately. */
  read(sub: string): Promise<Standing>;
  /** By itself, for what is done without a transaction; false if something was counted since the row was read. */
  count(counted: Counted): Promise<boolean>;
  /** From now on the person may do nothing, until then. A later end that stands already stays. */
  refuse(sub: string, untilMs: number, nowMs: number): Promise<void>;
}

const standingKey = (sub: string) => ({ owner: `person#${sub}` });
const endOf = (nowMs: number): number => Math.ceil(nowMs / 1000) + STANDING_KEPT_SECONDS;

export function personStore({
  AWS_REGION,
  OWNERS_TABLE: TableName,
}: Environment<"AWS_REGION" | "OWNERS_TABLE">): PersonStore {
  const documents = documentClient(AWS_REGION);

  const update = (input: ConstructorParameters<typeof UpdateCommand>[0]): Promise<boolean> =>
    heldCondition(documents.send(new UpdateCommand(input)));

  return {
    async read(sub) {
      const get = new GetCommand({ TableName, Key: standingKey(sub), ConsistentRead: true });
      const { Item = {} } = await documents.send(get);
      return standingSchema.parse(Item);
    },
    count: (counted) => update(countDeed(TableName, counted)),
    async refuse(sub, untilMs, nowMs) {
      await update({
        TableName,
        Key: standingKey(sub),
        UpdateExpression: "SET refusedUntilMs = :until, expiresAtSeconds = :end",
        ConditionExpression: "attribute_not_exists(refusedUntilMs) OR refusedUntilMs < :until",
        ExpressionAttributeValues: { ":until": untilMs, ":end": endOf(nowMs) },
      });
    },
  };
}

type Update = NonNullable<NonNullable<TransactWriteCommandInput["TransactItems"]>[number]["Update"]>;

/** The write that counts a deed (R1, R2). Members of the row that it does not name stay as they are. */
export function countDeed(TableName: string, { sub, deed, seen, next, atMs }: Counted): Update {
  const unchanged = seen
    ? "#deed.sinceMs = :sinceMs AND #deed.#count = :count"
    : "attribute_not_exists(#deed)";
  return {
    TableName,
    Key: standingKey(sub),
    UpdateExpression: "SET #deed = :next, expiresAtSeconds = :end",
    ConditionExpression: `${unchanged} AND (attribute_not_exists(refusedUntilMs) OR refusedUntilMs <= :now)`,
    ExpressionAttributeNames: { "#deed": deed, ...(seen && { "#count": "count" }) },
    ExpressionAttributeValues: {
      ":next": next,
      ":end": endOf(atMs),
      ":now": atMs,
      ...(seen && { ":sinceMs": seen.sinceMs, ":count": seen.count }),
    },
  };
}
