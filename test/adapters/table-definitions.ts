/** The tables that the stores use, by the variables that name them: keys and indexes as infra/tables.ts makes them. */
import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";

export type OwnNames = "OWNERS_TABLE" | "CLIENTS_TABLE" | "DEVICES_TABLE" | "CALLS_TABLE";
export type Names = OwnNames | "STAGES_TABLE";
const hash = (AttributeName: string) => ({ AttributeName, KeyType: "HASH" as const });
const range = (AttributeName: string) => ({ AttributeName, KeyType: "RANGE" as const });
const text = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });
const number = (AttributeName: string) => ({ AttributeName, AttributeType: "N" as const });

export const DEFINITIONS: Record<Names, Omit<CreateTableCommandInput, "TableName">> = {
  OWNERS_TABLE: { AttributeDefinitions: [text("owner")], KeySchema: [hash("owner")] },
  CLIENTS_TABLE: { AttributeDefinitions: [text("clientId")], KeySchema: [hash("clientId")] },
  DEVICES_TABLE: { AttributeDefinitions: [text("pk"), text("sk")], KeySchema: [hash("pk"), range("sk")] },
  CALLS_TABLE: {
    AttributeDefinitions: [
      text("pk"),
      text("sk"),
      text("openShard"),
      number("sweepAtMs"),
      text("removalQueue"),
      number("dueAtMs"),
    ],
    KeySchema: [hash("pk"), range("sk")],
    GlobalSecondaryIndexes: [
      {
        IndexName: "by-sweep-time",
        KeySchema: [hash("openShard"), range("sweepAtMs")],
        Projection: { ProjectionType: "KEYS_ONLY" },
      },
      {
        IndexName: "by-removal",
        KeySchema: [hash("removalQueue"), range("dueAtMs")],
        Projection: { ProjectionType: "KEYS_ONLY" },
      },
    ],
  },
  STAGES_TABLE: {
    AttributeDefinitions: [text("stageId"), text("pool"), text("due"), number("dueAtMs")],
    KeySchema: [hash("stageId")],
    GlobalSecondaryIndexes: [
      {
        IndexName: "by-pool",
        KeySchema: [hash("pool"), range("stageId")],
        Projection: { ProjectionType: "ALL" },
      },
      {
        IndexName: "by-due",
        KeySchema: [hash("due"), range("dueAtMs")],
        Projection: { ProjectionType: "KEYS_ONLY" },
      },
    ],
  },
};
