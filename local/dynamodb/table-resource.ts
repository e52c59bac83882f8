/** AWS::DynamoDB::GlobalTable (what CDK's TableV2 makes) and AWS::DynamoDB::Table, always on demand. */
import { AwsError, type Shape } from "../door.ts";
import type { CreatedResource, ResourceRequest, ResourceType, ResourceTypes } from "../resource.ts";

const HONOURED = [
  "TableName",
  "AttributeDefinitions",
  "KeySchema",
  "GlobalSecondaryIndexes",
  "LocalSecondaryIndexes",
  "TimeToLiveSpecification",
];
const IGNORED = [
  "BillingMode",
  "DeletionProtectionEnabled",
  "OnDemandThroughput",
  "PointInTimeRecoverySpecification",
  "ProvisionedThroughput",
  "Replicas",
  "SSESpecification",
  "TableClass",
  "Tags",
  "WarmThroughput",
  "WriteOnDemandThroughputSettings",
];

type Call = (operation: string, input: Shape) => Promise<Shape>;

export function tableResources(call: Call): ResourceTypes {
  const table: ResourceType = {
    honoured: HONOURED,
    ignored: IGNORED,
    create: (request) => createTable(call, request),
  };
  return { "AWS::DynamoDB::GlobalTable": table, "AWS::DynamoDB::Table": table };
}

async function createTable(call: Call, request: ResourceRequest): Promise<CreatedResource> {
  const { properties } = request;
  const name = (properties["TableName"] as string | undefined) ?? request.physicalName(255);
  const description = await described(call, {
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: properties["AttributeDefinitions"],
    KeySchema: properties["KeySchema"],
    ...indexes(properties, "GlobalSecondaryIndexes"),
    ...indexes(properties, "LocalSecondaryIndexes"),
  });
  const timeToLive = properties["TimeToLiveSpecification"] as Shape | undefined;
  if (timeToLive?.["Enabled"] === true) {
    await call("UpdateTimeToLive", { TableName: name, TimeToLiveSpecification: timeToLive });
  }
  return { ref: name, attributes: { Arn: description["TableArn"], TableId: description["TableId"] } };
}

/** A table that is kept on disk exists already at the second start. */
async function described(call: Call, input: Shape): Promise<Shape> {
  try {
    return (await call("CreateTable", input))["TableDescription"] as Shape;
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== "ResourceInUseException") throw error;
    return (await call("DescribeTable", { TableName: input["TableName"] }))["Table"] as Shape;
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
