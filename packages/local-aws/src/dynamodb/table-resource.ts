/** AWS::DynamoDB::GlobalTable (what CDK's TableV2 makes) and AWS::DynamoDB::Table, always on demand. */
import { AwsError, type Shape } from "../local-aws.ts";
import { keptTable } from "./kept-tables.ts";
import {
  nameOf,
  type CreatedResource,
  type ResourceRequest,
  type ResourceType,
  type ResourceTypes,
} from "../resource.ts";

const HONOURED = [
  "TableName",
  "AttributeDefinitions",
  "KeySchema",
  "GlobalSecondaryIndexes",
  "LocalSecondaryIndexes",
  "TimeToLiveSpecification",
  "DeletionProtectionEnabled",
  "Replicas",
];
const IGNORED = [
  "BillingMode",
  "OnDemandThroughput",
  "PointInTimeRecoverySpecification",
  "ProvisionedThroughput",
  "SSESpecification",
  "TableClass",
  "Tags",
  "WarmThroughput",
  "WriteOnDemandThroughputSettings",
];

type Call = (operation: string, input: Shape) => Promise<Shape>;
/** Gives a table that is there other indexes. */
type Redefine = (input: Shape) => Promise<Shape>;

export function tableResources(call: Call, redefine?: Redefine): ResourceTypes {
  const table: ResourceType = {
    honoured: HONOURED,
    ignored: IGNORED,
    replacedBy: ["TableName", "KeySchema", "LocalSecondaryIndexes"],
    namedBy: "TableName",
    // A DynamoDB of one's own has tables of earlier runs of which this one knows nothing.
    taken: (request) => (redefine ? existing(call, nameOf(request, "TableName", 255)) : undefined),
    create: (request) => createTable({ call, redefine }, request),
    remove: async (TableName) => void (await call("DeleteTable", { TableName })),
  };
  return { "AWS::DynamoDB::GlobalTable": table, "AWS::DynamoDB::Table": table };
}

interface Tables {
  readonly call: Call;
  readonly redefine: Redefine | undefined;
}

async function createTable(tables: Tables, request: ResourceRequest): Promise<CreatedResource> {
  const { properties } = request;
  const name = nameOf(request, "TableName", 255);
  const description = await described(tables, {
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: properties["AttributeDefinitions"],
    KeySchema: properties["KeySchema"],
    ...indexes(properties, "GlobalSecondaryIndexes"),
    ...indexes(properties, "LocalSecondaryIndexes"),
  });
  const isProtected = isProtectedBy(properties);
  if (description["DeletionProtectionEnabled"] !== isProtected)
    await tables.call("UpdateTable", { TableName: name, DeletionProtectionEnabled: isProtected });
  await expire(tables, name, properties["TimeToLiveSpecification"] as Shape | undefined);
  return { ref: name, attributes: { Arn: description["TableArn"], TableId: description["TableId"] } };
}

async function existing(call: Call, TableName: string): Promise<string | undefined> {
  try {
    await call("DescribeTable", { TableName });
    return TableName;
  } catch (error) {
    if (error instanceof AwsError && error.code === "ResourceNotFoundException") return undefined;
    throw error;
  }
}

/** A global table says it of each of its replicas; here is one. */
function isProtectedBy({ DeletionProtectionEnabled: own, Replicas: replicas = [] }: Shape): boolean {
  const all = [own, ...(replicas as Shape[]).map((replica) => replica["DeletionProtectionEnabled"])];
  return all.some((flag) => String(flag) === "true");
}

async function expire({ call }: Tables, TableName: string, wanted: Shape | undefined): Promise<void> {
  const { TimeToLiveDescription } = await call("DescribeTimeToLive", { TableName });
  const { AttributeName } = TimeToLiveDescription as { AttributeName?: string };
  const attribute = wanted?.["Enabled"] === true ? wanted["AttributeName"] : undefined;
  if (AttributeName === attribute) return;
  const update = (TimeToLiveSpecification: Shape) =>
    call("UpdateTimeToLive", { TableName, TimeToLiveSpecification });
  if (AttributeName !== undefined) await update({ Enabled: false, AttributeName });
  if (attribute !== undefined) await update({ Enabled: true, AttributeName: attribute });
}

/** A table whose items were kept is there already at the second start. */
async function described({ call, redefine }: Tables, input: Shape): Promise<Shape> {
  try {
    return (await call("CreateTable", input))["TableDescription"] as Shape;
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== "ResourceInUseException") throw error;
    const { Table: table } = await call("DescribeTable", { TableName: input["TableName"] });
    const isSame = JSON.stringify(keptTable(table as Shape).input) === JSON.stringify(input);
    return isSame || !redefine ? (table as Shape) : redefine(input);
  }
}

/** Keys and projection only: throughput settings of an index make no difference here. */
function indexes(properties: Shape, kind: string): Shape {
  const list = properties[kind] as Shape[] | undefined;
  if (!list?.length) return {};
  return {
    [kind]: list.map(({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection })),
  };
}
