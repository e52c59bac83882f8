import {
  CloudFormationClient,
  DescribeStacksCommand,
  ListStackResourcesCommand,
  ListStacksCommand,
  paginateListStackResources,
} from "@aws-sdk/client-cloudformation";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Service } from "../../src/door.ts";
import type { ResourceTypes } from "../../src/resource.ts";
import { stackOperations } from "../../src/cloudformation/stacks.ts";
import { openStockAws, type StockAws } from "./stock-aws.ts";

let aws: StockAws<{ service: Service; resources: ResourceTypes }>;
let cloudFormation: CloudFormationClient;

const queues = Array.from({ length: 101 }, (_, index) => `Queue${index}`);

beforeEach(async () => {
  aws = await openStockAws((door) => {
    const Resources = Object.fromEntries(queues.map((id) => [id, { Type: "AWS::SQS::Queue" }]));
    const Outputs = { Region: { Value: "us-east-1", Description: "Where <it> runs & rests" } };
    const assembly = { stackName: "Orders", template: { Resources, Outputs }, assetPath: String };
    const physicalIds = new Map(queues.map((id) => [id, `http://127.0.0.1/${id}`]));
    const stack = () => ({ outputs: { Region: "us-east-1" }, physicalIds });
    const operations = stackOperations(door, { assembly, createdAtMs: door.clock.now(), stack });
    return { service: { name: "cloudformation", operations }, resources: {} };
  });
  cloudFormation = new CloudFormationClient(aws.settings);
});
afterEach(async () => {
  cloudFormation.destroy();
  await aws.close();
});

test("the stack is described with what it puts out", async () => {
  const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: "Orders" }));
  const Description = "Where <it> runs & rests";
  expect(Stacks).toMatchObject([
    {
      StackName: "Orders",
      StackId: expect.stringMatching(/^arn:aws:cloudformation:us-east-1:000000000000:stack\/Orders\//),
      StackStatus: "CREATE_COMPLETE",
      CreationTime: new Date(aws.clock.now()),
      Outputs: [{ OutputKey: "Region", OutputValue: "us-east-1", Description }],
    },
  ]);
});

test("its resources are listed in pages of a hundred", async () => {
  const found: (string | undefined)[] = [];
  const pages = paginateListStackResources({ client: cloudFormation }, { StackName: "Orders" });
  for await (const { StackResourceSummaries = [] } of pages)
    found.push(...StackResourceSummaries.map(({ PhysicalResourceId }) => PhysicalResourceId));
  expect(found).toEqual(queues.map((id) => `http://127.0.0.1/${id}`));
  const { NextToken, StackResourceSummaries: [first] = [] } = await cloudFormation.send(
    new ListStackResourcesCommand({ StackName: "Orders" }),
  );
  expect(NextToken).toBeDefined();
  expect(first).toMatchObject({ LogicalResourceId: "Queue0", ResourceType: "AWS::SQS::Queue" });
});

test("a stack that does not exist, and an operation that this runtime has not, are refused by name", async () => {
  const other = new DescribeStacksCommand({ StackName: "Other" });
  await expect(cloudFormation.send(other)).rejects.toMatchObject({
    name: "ValidationError",
    message: "Stack with id Other does not exist",
  });
  await expect(cloudFormation.send(new ListStacksCommand({}))).rejects.toMatchObject({
    name: "UnknownOperationException",
    message: "cloudformation:ListStacks is not part of the local runtime",
  });
});

test("a stock client has used every operation of CloudFormation", () => expect(aws.untried()).toEqual([]));
