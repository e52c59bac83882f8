/**
 * The keeper's row in the stages table: its lease, so that one run keeps the pool at a time, and what it remembers. It stands
 * in neither index. Whoever refuses a call reads from it when the next stage is due.
 */
import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import { INITIAL_STATE, type KeeperState, keeperStateSchema } from "./pool-keeper.ts";
import type { IvsEnvironment } from "../environment.ts";
import { documentClient, heldCondition } from "../../../store/dynamodb.ts";
import { KEEPER_ROW } from "../../../store/tables.ts";

export interface KeeperRow {
  /** Takes the lease; what the last run remembered, or undefined if another run has the lease. */
  take(owner: string, nowMs: number, untilMs: number): Promise<KeeperState | undefined>;
  /** Keeps the lease and writes the state down. False: another run has taken it. */
  keep(owner: string, state: KeeperState, untilMs: number): Promise<boolean>;
}

export interface KeeperReading {
  read(): Promise<KeeperState | undefined>;
}

type Table = IvsEnvironment<"AWS_REGION" | "STAGES_TABLE">;

const Key = { stageId: KEEPER_ROW };
/** Of two functions. A lease that lasts longer than any run takes one is none. */
const CLOCKS_DIFFER_MS = 60_000;
/** Nobody has the lease, whatever the row looks like: a keeper that never runs again would be worse than two. */
const FREE =
  "attribute_not_exists(stageId) OR #owner = :owner OR NOT attribute_type(untilMs, :number) OR untilMs <= :now OR untilMs > :never";
const row = z.object({ state: keeperStateSchema });

export function keeperRow({ AWS_REGION, STAGES_TABLE: TableName }: Table): KeeperRow {
  const documents = documentClient(AWS_REGION);
  return {
    async take(owner, nowMs, untilMs) {
      let found: Record<string, unknown> | undefined;
      const taken = await heldCondition(
        documents
          .send(
            new UpdateCommand({
              TableName,
              Key,
              UpdateExpression: "SET #owner = :owner, untilMs = :until",
              ConditionExpression: FREE,
              ExpressionAttributeNames: { "#owner": "owner" },
              ExpressionAttributeValues: {
                ":owner": owner,
                ":now": nowMs,
                ":until": untilMs,
                ":number": "N",
                ":never": untilMs + CLOCKS_DIFFER_MS,
              },
              ReturnValues: "ALL_NEW",
            }),
          )
          .then(({ Attributes }) => void (found = Attributes)),
      );
      // What an older version remembered, and cannot be read any more, is learnt anew.
      return taken ? (stateIn(found) ?? INITIAL_STATE) : undefined;
    },
    keep: (owner, state, untilMs) =>
      heldCondition(
        documents.send(
          new UpdateCommand({
            TableName,
            Key,
            UpdateExpression: "SET untilMs = :until, #state = :state",
            ConditionExpression: "#owner = :owner",
            ExpressionAttributeNames: { "#owner": "owner", "#state": "state" },
            ExpressionAttributeValues: { ":owner": owner, ":until": untilMs, ":state": state },
          }),
        ),
      ),
  };
}

export function keeperReading({ AWS_REGION, STAGES_TABLE: TableName }: Table): KeeperReading {
  const documents = documentClient(AWS_REGION);
  return {
    async read() {
      const { Item } = await documents.send(new GetCommand({ TableName, Key }));
      return stateIn(Item);
    },
  };
}

const stateIn = (item: Record<string, unknown> | undefined): KeeperState | undefined =>
  row.safeParse(item).data?.state;
