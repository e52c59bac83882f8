/**
 * The six tables: `people` is the directory; `owners` has each person's entry there, their clients and their recent requests;
 * `clients` and `devices` are a person's; `calls` is the truth about calls; `stages` is the pool.
 */
import { AttributeType, ProjectionType, TableV2, type TablePropsV2 } from "aws-cdk-lib/aws-dynamodb";
import type { IGrantable } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import {
  callsByRemoval,
  callsBySweepTime,
  clientsByLastSeen,
  peopleByClient,
  peopleByFirstName,
  peopleByLastName,
  peopleByOwner,
  stagesByDue,
  stagesByPool,
} from "../handlers/store/tables.ts";
import { allow } from "./allow.ts";
import { fixLogicalId } from "./logical-id.ts";
import { removalPolicy } from "./removal-policy.ts";
import type { Settings } from "./settings.ts";

export type TableAction =
  | "GetItem"
  | "PutItem"
  | "UpdateItem"
  | "DeleteItem"
  | "BatchGetItem"
  | "BatchWriteItem"
  | "ConditionCheckItem"
  | "Query"
  | "Scan";

const text = (name: string) => ({ name, type: AttributeType.STRING });
const number = (name: string) => ({ name, type: AttributeType.NUMBER });

export interface Index {
  readonly table: TableV2;
  readonly indexName: string;
}

export class Tables extends Construct {
  readonly people: TableV2;
  readonly owners: TableV2;
  readonly clients: TableV2;
  readonly devices: TableV2;
  readonly calls: TableV2;
  readonly stages: TableV2;
  /** Of all tables. */
  readonly indexes: readonly Index[];

  constructor(scope: Construct, id: string, keeping: Keeping) {
    super(scope, id);
    const indexes: Index[] = [];
    const table = (name: string, keys: TablePropsV2) => {
      const created = createTable(this, name, { ...keeping, keys });
      indexes.push(
        ...(keys.globalSecondaryIndexes ?? []).map(({ indexName }) => ({ table: created, indexName })),
      );
      return created;
    };
    this.indexes = indexes;
    this.people = table("people", {
      partitionKey: text("id"),
      globalSecondaryIndexes: [
        { indexName: peopleByFirstName, partitionKey: text("directory"), sortKey: text("firstNameKey") },
        { indexName: peopleByLastName, partitionKey: text("directory"), sortKey: text("lastNameKey") },
        {
          indexName: peopleByClient,
          partitionKey: text("clientId"),
          projectionType: ProjectionType.INCLUDE,
          nonKeyAttributes: ["firstName", "lastName"],
        },
        {
          indexName: peopleByOwner,
          partitionKey: text("owner"),
          sortKey: text("createdAt"),
          projectionType: ProjectionType.INCLUDE,
          nonKeyAttributes: ["firstName", "lastName"],
        },
      ],
    });
    this.owners = table("owners", { partitionKey: text("owner") });
    this.clients = table("clients", {
      partitionKey: text("clientId"),
      globalSecondaryIndexes: [
        {
          indexName: clientsByLastSeen,
          partitionKey: text("seenShard"),
          sortKey: number("seenOnMs"),
          projectionType: ProjectionType.KEYS_ONLY,
        },
      ],
    });
    this.devices = table("devices", { partitionKey: text("pk"), sortKey: text("sk") });
    this.calls = table("calls", {
      partitionKey: text("pk"),
      sortKey: text("sk"),
      globalSecondaryIndexes: [
        {
          indexName: callsBySweepTime,
          partitionKey: text("openShard"),
          sortKey: number("sweepAtMs"),
          projectionType: ProjectionType.KEYS_ONLY,
        },
        {
          indexName: callsByRemoval,
          partitionKey: text("removalQueue"),
          sortKey: number("dueAtMs"),
          projectionType: ProjectionType.KEYS_ONLY,
        },
      ],
    });
    this.stages = table("stages", {
      partitionKey: text("stageId"),
      globalSecondaryIndexes: [
        // Free stages only: others have no such attribute.
        { indexName: stagesByPool, partitionKey: text("pool"), sortKey: text("stageId") },
        {
          indexName: stagesByDue,
          partitionKey: text("due"),
          sortKey: number("dueAtMs"),
          projectionType: ProjectionType.KEYS_ONLY,
        },
      ],
    });
  }
}

type Keeping = Pick<Settings, "retain" | "deletionProtection">;

interface TableOptions extends Keeping {
  readonly keys: TablePropsV2;
}

/** Tables are on demand and encrypted at rest with DynamoDB's own key unless said otherwise. */
function createTable(
  scope: Construct,
  name: string,
  { retain, deletionProtection, keys }: TableOptions,
): TableV2 {
  const table = new TableV2(scope, name, {
    ...keys,
    timeToLiveAttribute: "expiresAtSeconds",
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection,
    removalPolicy: removalPolicy(retain),
  });
  fixLogicalId(table, `${name.charAt(0).toUpperCase()}${name.slice(1)}Table`);
  return table;
}

export function allowItems(grantee: IGrantable, table: TableV2, ...actions: TableAction[]): void {
  allow(grantee, actions.map(dynamodb), table.tableArn);
}

export function allowIndex(grantee: IGrantable, table: TableV2, index: string): void {
  allow(grantee, [dynamodb("Query")], `${table.tableArn}/index/${index}`);
}

function dynamodb(action: TableAction): string {
  return `dynamodb:${action}`;
}
