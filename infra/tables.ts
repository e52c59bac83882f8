/**
 * The tables: `people` is the directory; `owners` has each person's entry there, their clients and their recent requests;
 * `clients` and `devices` are a person's; `calls` is the truth about calls; `stages` is the pool of a media provider that has one.
 */
import {
  AttributeType,
  type GlobalSecondaryIndexPropsV2,
  ProjectionType,
  TableV2,
} from "aws-cdk-lib/aws-dynamodb";
import type { IGrantable } from "aws-cdk-lib/aws-iam";
import type { Function } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import {
  type Index as IndexDefinition,
  type Key,
  type TableName,
  tables,
  tableVariable,
} from "../handlers/store/tables.ts";
import { allow } from "./allow.ts";
import { setVariable } from "./function.ts";
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
  /** Only if rooms come from a pool. */
  readonly stages: TableV2 | undefined;
  /** Of all tables. */
  readonly indexes: readonly Index[];

  constructor(scope: Construct, id: string, keeping: Keeping) {
    super(scope, id);
    const table = (name: TableName) => createTable(this, name, keeping);
    this.people = table("people");
    this.owners = table("owners");
    this.clients = table("clients");
    this.devices = table("devices");
    this.calls = table("calls");
    this.stages = keeping.media === "ivs" ? table("stages") : undefined;
    this.indexes = tableNames.flatMap((name) => {
      const own = this[name];
      return own ? tables[name].indexes.map((index) => ({ table: own, indexName: index.name })) : [];
    });
  }

  /** Tells a function the table's name, and allows it these actions on items. */
  grant(grantee: Function, name: TableName, ...actions: TableAction[]): void {
    allowItems(grantee, this.#tell(grantee, name), ...actions);
  }

  /** Tells a function the table's name, and allows it to query the index. */
  grantIndex<Name extends TableName>(grantee: Function, name: Name, index: IndexOf<Name>): void {
    allowIndex(grantee, this.#tell(grantee, name), index);
  }

  #tell(grantee: Function, name: TableName): TableV2 {
    const table = this[name];
    if (!table) throw new Error(`this stack has no table of ${name}`);
    setVariable(grantee, tableVariable(name), table.tableName);
    return table;
  }
}

const tableNames = Object.keys(tables) as TableName[]; // Object.keys forgets the key type
type IndexOf<Name extends TableName> = (typeof tables)[Name]["indexes"][number];

type Keeping = Pick<Settings, "retain" | "deletionProtection" | "media">;

/** Tables are on demand and encrypted at rest with DynamoDB's own key unless said otherwise. */
function createTable(scope: Construct, name: TableName, { retain, deletionProtection }: Keeping): TableV2 {
  const { indexes, ...key } = tables[name];
  const table = new TableV2(scope, name, {
    ...attributesOf(key),
    globalSecondaryIndexes: indexes.map(indexProps),
    timeToLiveAttribute: "expiresAtSeconds",
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection,
    removalPolicy: removalPolicy(retain),
  });
  fixLogicalId(table, `${name.charAt(0).toUpperCase()}${name.slice(1)}Table`);
  return table;
}

function indexProps({ name: indexName, projection, ...key }: IndexDefinition): GlobalSecondaryIndexPropsV2 {
  const attributes = { indexName, ...attributesOf(key) };
  if (projection === undefined) return attributes;
  return projection === "keys only"
    ? { ...attributes, projectionType: ProjectionType.KEYS_ONLY }
    : { ...attributes, projectionType: ProjectionType.INCLUDE, nonKeyAttributes: [...projection] };
}

function attributesOf({ partitionKey, sortKey, sortsNumbers }: Key) {
  const sorting = sortsNumbers ? AttributeType.NUMBER : AttributeType.STRING;
  return {
    partitionKey: { name: partitionKey, type: AttributeType.STRING },
    ...(sortKey !== undefined && { sortKey: { name: sortKey, type: sorting } }),
  };
}

/** For roles that are told the table in another way than by an environment. */
export function allowItems(grantee: IGrantable, table: TableV2, ...actions: TableAction[]): void {
  allow(grantee, actions.map(dynamodb), table.tableArn);
}

export function allowIndex(grantee: IGrantable, table: TableV2, { name }: IndexDefinition): void {
  allow(grantee, [dynamodb("Query")], `${table.tableArn}/index/${name}`);
}

function dynamodb(action: TableAction): string {
  return `dynamodb:${action}`;
}
