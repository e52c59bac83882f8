/** The standing of a person (calls/standing.ts): a row in the table of owners, beside the one that names their Person. */
import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { MAX_WRITE_ATTEMPTS, STANDING_KEPT_SECONDS } from "../../calls/limits.ts";
import { type Counted, type Renaming, type Standing, standingSchema } from "../../calls/standing.ts";
import type { Environment } from "../edge/environment.ts";
import { documentClient, heldCondition, type TransactItems } from "./dynamodb.ts";
import { standingKey } from "./tables.ts";

export interface PersonStore {
  /** Reads consistently, because counts continue from it. Empty for a person who did nothing lately. */
  read(sub: string): Promise<Standing>;
  /** A separate write, for acts without a transaction; false if another act was counted since the row was read. */
  count(counted: Counted): Promise<boolean>;
  /** Refuses all the person's acts until then. A later end that is stored already stays. */
  refuse(sub: string, untilMs: number, nowMs: number): Promise<void>;
}

const endOf = (nowMs: number): number => Math.ceil(nowMs / 1000) + STANDING_KEPT_SECONDS;

export function personStore({
  AWS_REGION,
  OWNERS_TABLE: TableName,
}: Environment<"AWS_REGION" | "OWNERS_TABLE">): PersonStore {
  const documents = documentClient(AWS_REGION);

  const update = (input: ConstructorParameters<typeof UpdateCommand>[0]): Promise<boolean> =>
    heldCondition(documents.send(new UpdateCommand(input)));

  async function read(sub: string): Promise<Standing> {
    const get = new GetCommand({ TableName, Key: standingKey(sub), ConsistentRead: true });
    const { Item = {} } = await documents.send(get);
    return standingSchema.parse(Item);
  }

  return {
    read,
    count: (counted) => update(countDeed(TableName, counted)),
    async refuse(sub, untilMs, nowMs) {
      for (let attempt = 0; attempt < MAX_WRITE_ATTEMPTS; attempt += 1) {
        const { refusedUntilMs = 0, clientIds } = await read(sub);
        if (refusedUntilMs >= untilMs) return;
        const named = clientIds !== undefined;
        const end = endUnlessNamed(named);
        const refused = update({
          TableName,
          Key: standingKey(sub),
          UpdateExpression: `SET refusedUntilMs = :until${end.set}`,
          ConditionExpression: `(attribute_not_exists(refusedUntilMs) OR refusedUntilMs < :until) AND ${end.condition}`,
          ExpressionAttributeValues: { ":until": untilMs, ...(!named && { ":end": endOf(nowMs) }) },
        });
        if (await refused) return;
      }
      throw new Error(`the row of person ${sub} is being changed by others: run the command again`);
    },
  };
}

type Update = NonNullable<TransactItems[number]["Update"]>;

/** A row that names clients does not expire, whichever write comes (C4). */
const endUnlessNamed = (named: boolean): { readonly set: string; readonly condition: string } =>
  named
    ? { set: " REMOVE expiresAtSeconds", condition: "attribute_exists(clientIds)" }
    : { set: ", expiresAtSeconds = :end", condition: "attribute_not_exists(clientIds)" };

interface Part {
  readonly set: string;
  readonly conditions: readonly string[];
  readonly names: Record<string, string>;
  readonly values: Record<string, unknown>;
}

/** The write that counts an act (C1, C2). Other members of the row stay as they are. */
export function countDeed(TableName: string, counted: Counted): Update {
  const { sub, atMs, named = false } = counted;
  const { set, conditions, names, values } = counting(counted);
  const end = endUnlessNamed(named);
  return {
    TableName,
    Key: standingKey(sub),
    UpdateExpression: `SET ${set}${end.set}`,
    ConditionExpression: [...conditions, end.condition].join(" AND "),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: { ...values, ...(!named && { ":end": endOf(atMs) }) },
  };
}

function counting({ deed, seen, next, atMs }: Counted): Part {
  const unchanged = seen
    ? "#deed.sinceMs = :sinceMs AND #deed.#count = :count"
    : "attribute_not_exists(#deed)";
  return {
    set: "#deed = :next",
    conditions: [unchanged, "(attribute_not_exists(refusedUntilMs) OR refusedUntilMs <= :now)"],
    names: { "#deed": deed, ...(seen && { "#count": "count" }) },
    values: { ":next": next, ":now": atMs, ...(seen && { ":sinceMs": seen.sinceMs, ":count": seen.count }) },
  };
}

/** The write that changes the clients that the row names (C4), and counts an act if there is one. */
export function renameClients(
  TableName: string,
  { sub, seen, next }: Renaming,
  counted: Counted | undefined,
  nowMs: number,
): Update {
  const count = counted && counting(counted);
  const sets = [
    ...(count ? [count.set] : []),
    next.length > 0 ? "clientIds = :clientIds" : "expiresAtSeconds = :end",
  ];
  const removed = next.length > 0 ? "expiresAtSeconds" : "clientIds";
  // Element by element: not every DynamoDB on a laptop compares lists.
  const same = seen.map((_clientId, index) => `clientIds[${index}] = :seen${index}`);
  const unchanged = [
    ...same,
    `attribute_not_exists(${seen.length > 0 ? `clientIds[${seen.length}]` : "clientIds"})`,
  ];
  return {
    TableName,
    Key: standingKey(sub),
    UpdateExpression: `SET ${sets.join(", ")} REMOVE ${removed}`,
    ConditionExpression: [...(count?.conditions ?? []), ...unchanged].join(" AND "),
    ...(count && { ExpressionAttributeNames: count.names }),
    ExpressionAttributeValues: {
      ...count?.values,
      ...(next.length > 0 ? { ":clientIds": next } : { ":end": endOf(nowMs) }),
      ...Object.fromEntries(seen.map((clientId, index) => [`:seen${index}`, clientId])),
    },
  };
}
