import {
  CloudFormationClient,
  CreateChangeSetCommand,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  ListStackResourcesCommand,
  ListStacksCommand,
  paginateListStackResources,
  UpdateStackCommand,
} from "@aws-sdk/client-cloudformation";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createCustomResources } from "../../src/cloudformation/custom-resource.ts";
import { stackOperations } from "../../src/cloudformation/stack-operations.ts";
import { createStacks, type Stacks } from "../../src/cloudformation/stacks.ts";
import type { Service } from "../../src/local-aws.ts";
import type { ResourceTypes } from "../../src/resource.ts";
import { createSqs } from "../../src/sqs/sqs.ts";
import { openStockAws, type StockAws } from "./stock-aws.ts";

let aws: StockAws<{ service: Service; resources: ResourceTypes }>;
let cloudFormation: CloudFormationClient;
let stacks: Stacks;

const queues = Array.from({ length: 101 }, (_, index) => `Queue${index}`);
const queue = (QueueName: string, more: object = {}) => ({
  Type: "AWS::SQS::Queue",
  Properties: { QueueName, ...more },
});
const template = (...names: string[]): string =>
  JSON.stringify({ Resources: Object.fromEntries(names.map((name, index) => [`Q${index}`, queue(name)])) });

beforeEach(async () => {
  aws = await openStockAws((localAws) => {
    const Resources = Object.fromEntries(queues.map((id) => [id, { Type: "AWS::SQS::Queue" }]));
    const Outputs = { Region: { Value: "us-east-1", Description: "Where <it> runs & rests" } };
    const assembly = { stackName: "Orders", template: { Resources, Outputs }, assetPath: String };
    const { resources: types } = createSqs(localAws);
    const customResources = createCustomResources(localAws);
    stacks = createStacks({ localAws, assembly, types, customResources });
    return {
      service: { name: "cloudformation", operations: stackOperations(localAws, stacks) },
      resources: {},
    };
  });
  await stacks.start();
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
    found.push(...StackResourceSummaries.map(({ LogicalResourceId }) => LogicalResourceId));
  expect(found).toEqual(queues);
  const { NextToken, StackResourceSummaries: [first] = [] } = await cloudFormation.send(
    new ListStackResourcesCommand({ StackName: "Orders" }),
  );
  expect(NextToken).toBeDefined();
  expect(first).toMatchObject({
    LogicalResourceId: "Queue0",
    PhysicalResourceId: expect.stringContaining("/000000000000/Orders-Queue0-"),
    ResourceType: "AWS::SQS::Queue",
    ResourceStatus: "CREATE_COMPLETE",
  });
});

test("a second stack is created beside the first, updated and deleted", async () => {
  const StackName = "Second";
  const TemplateBody = JSON.stringify({
    Parameters: { Name: { Type: "String" } },
    Resources: { Q0: queue("unnamed", { QueueName: { Ref: "Name" } }) },
    Outputs: { Url: { Value: { Ref: "Q0" } } },
  });
  const Parameters = [{ ParameterKey: "Name", ParameterValue: "mine" }];
  const { StackId } = await cloudFormation.send(
    new CreateStackCommand({ StackName, TemplateBody, Parameters }),
  );
  await stacks.settled();
  const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({}));
  expect(Stacks).toMatchObject([
    { StackName: "Orders" },
    {
      StackName,
      StackId,
      StackStatus: "CREATE_COMPLETE",
      Parameters,
      Outputs: [{ OutputKey: "Url", OutputValue: expect.stringMatching(/\/mine$/) }],
    },
  ]);

  await cloudFormation.send(new UpdateStackCommand({ StackName, TemplateBody: template("mine", "more") }));
  await stacks.settled();
  const { StackResources } = await cloudFormation.send(new DescribeStackResourcesCommand({ StackName }));
  expect(StackResources).toMatchObject([
    { LogicalResourceId: "Q0", PhysicalResourceId: expect.stringMatching(/\/mine$/) },
    { LogicalResourceId: "Q1", PhysicalResourceId: expect.stringMatching(/\/more$/) },
  ]);
  const { TemplateBody: body } = await cloudFormation.send(new GetTemplateCommand({ StackName }));
  expect(JSON.parse(body ?? "")).toEqual(JSON.parse(template("mine", "more")));

  await cloudFormation.send(new DeleteStackCommand({ StackName }));
  await stacks.settled();
  await expect(cloudFormation.send(new DescribeStacksCommand({ StackName }))).rejects.toThrow(
    "Stack with id Second does not exist",
  );
  const { StackEvents } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName: StackId }));
  expect(StackEvents?.[0]).toMatchObject({
    StackName,
    LogicalResourceId: StackName,
    ResourceStatus: "DELETE_COMPLETE",
  });
  const StackStatusFilter = ["DELETE_COMPLETE" as const];
  const { StackSummaries } = await cloudFormation.send(new ListStacksCommand({ StackStatusFilter }));
  expect(StackSummaries).toMatchObject([{ StackId, StackStatus: "DELETE_COMPLETE" }]);
});

test("CloudFormation refuses in its own words", async () => {
  const refused = (reply: Promise<unknown>, name: string, message: string) =>
    expect(reply).rejects.toMatchObject({ name, message });
  const StackName = "Orders";
  const TemplateBody = template("one");
  await refused(
    cloudFormation.send(new CreateStackCommand({ StackName, TemplateBody })),
    "AlreadyExistsException",
    "Stack [Orders] already exists",
  );
  await refused(
    cloudFormation.send(new UpdateStackCommand({ StackName: "Other", TemplateBody })),
    "ValidationError",
    "Stack [Other] does not exist",
  );
  await refused(
    cloudFormation.send(
      new UpdateStackCommand({ StackName, TemplateBody: JSON.stringify(stacks.first.template) }),
    ),
    "ValidationError",
    "No updates are to be performed.",
  );
  await refused(
    cloudFormation.send(new CreateStackCommand({ StackName: "Other", TemplateBody: "Resources: {}" })),
    "ValidationError",
    "Template format error: JSON not well-formed.",
  );
  const Resources = { A: { Type: "AWS::SQS::Queue", Properties: { QueueName: { Ref: "B" } } } };
  await refused(
    cloudFormation.send(
      new CreateStackCommand({ StackName: "Other", TemplateBody: JSON.stringify({ Resources }) }),
    ),
    "ValidationError",
    "Template format error: Unresolved resource dependencies [B] in the Resources block of the template",
  );
  const Role = { Type: "AWS::IAM::Role", Properties: { RoleName: "x" } };
  await refused(
    cloudFormation.send(
      new CreateStackCommand({ StackName: "Other", TemplateBody: JSON.stringify({ Resources: { Role } }) }),
    ),
    "InsufficientCapabilitiesException",
    "Requires capabilities : [CAPABILITY_NAMED_IAM]",
  );
  await refused(
    cloudFormation.send(new CreateStackCommand({ StackName: "Other", TemplateBody: " ".repeat(51_201) })),
    "ValidationError",
    "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to 51200",
  );
});

test("a stack that does not exist, and an operation that this runtime has not, are refused by name", async () => {
  const other = new DescribeStacksCommand({ StackName: "Other" });
  await expect(cloudFormation.send(other)).rejects.toMatchObject({
    name: "ValidationError",
    message: "Stack with id Other does not exist",
  });
  const changeSet = new CreateChangeSetCommand({ StackName: "Other", ChangeSetName: "One" });
  await expect(cloudFormation.send(changeSet)).rejects.toMatchObject({
    name: "UnknownOperationException",
    message: "cloudformation:CreateChangeSet is not part of the local runtime",
  });
});

test("a stock client has used every operation of CloudFormation", () => expect(aws.untried()).toEqual([]));
