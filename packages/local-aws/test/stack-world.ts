/** An account with CloudFormation and some services, for stories of stacks. */
import { virtualClock, type Clock } from "../src/clock.ts";
import type { Template } from "../src/cloudformation/assembly.ts";
import { createCustomResources } from "../src/cloudformation/custom-resource.ts";
import { plainResources } from "../src/cloudformation/plain-resources.ts";
import { stackOperations } from "../src/cloudformation/stack-operations.ts";
import { createStacks, type Stacks } from "../src/cloudformation/stacks.ts";
import { createCognito } from "../src/cognito/cognito.ts";
import { openLocalAws, PERSON, type LocalAws, type Shape } from "../src/local-aws.ts";
import { createDynamodb } from "../src/dynamodb/dynamodb.ts";
import { createEvents } from "../src/events/events.ts";
import { createIam } from "../src/iam/iam.ts";
import { createLogs } from "../src/logs/logs.ts";
import { createS3 } from "../src/s3/s3.ts";
import { createSqs } from "../src/sqs/sqs.ts";
import { createStepFunctions } from "../src/step-functions/create-step-functions.ts";
import type { Store } from "../src/store/store.ts";

export interface StackWorld extends AsyncDisposable {
  readonly clock: Clock;
  readonly localAws: LocalAws;
  readonly stacks: Stacks;
  aws(service: string, operation: string, input: Shape): Promise<Shape>;
  /** One change of a stack, to its end; the stack as DescribeStacks shows it. */
  change(operation: "CreateStack" | "UpdateStack" | "DeleteStack", input: Shape): Promise<Shape>;
  /** `LogicalId STATUS` of each event of the latest change, oldest first. */
  events(stackNameOrId: string): Promise<string[]>;
  /** Why the resource failed last. */
  reason(stackName: string, logicalId: string): Promise<string>;
  physicalId(stackName: string, logicalId: string): Promise<string>;
}

/** The stack that the runtime starts with is a log group called `/first`. */
export const FIRST: Template = {
  Resources: { Group: { Type: "AWS::Logs::LogGroup", Properties: { LogGroupName: "/first" } } },
};

export async function openStackWorld(store?: Store): Promise<StackWorld> {
  const clock = virtualClock();
  const [region, account] = ["us-east-1", "000000000000"];
  const { authorizer, resources: iam } = createIam({ account, region });
  const localAws = openLocalAws({ clock, authorizer, region, account, quotas: true, store });
  const dynamodb = createDynamodb(localAws);
  const parts = [
    dynamodb,
    createCognito(localAws),
    createSqs(localAws),
    createEvents(localAws),
    createLogs(localAws),
    createS3(localAws),
    createStepFunctions(localAws),
  ];
  const types = Object.assign({}, plainResources(), iam, ...parts.map(({ resources }) => resources));
  const customResources = createCustomResources(localAws);
  const assembly = { stackName: "First", template: FIRST, assetPath: String };
  const stacks = createStacks({ localAws, assembly, types, customResources });
  const operations = { ...customResources.service.operations, ...stackOperations(localAws, stacks) };
  for (const { service } of [...parts, { service: { name: "cloudformation", operations } }])
    localAws.register(service);
  await dynamodb.restore();
  await stacks.start();

  const aws = (service: string, operation: string, input: Shape) =>
    localAws.call({ service, operation, input, caller: PERSON });
  const eventsOf = async (StackName: string) =>
    (await aws("cloudformation", "DescribeStackEvents", { StackName }))["StackEvents"] as Shape[];
  return {
    clock,
    localAws,
    stacks,
    aws,
    async change(operation, input) {
      const { StackName } = input;
      const Capabilities = operation === "DeleteStack" ? {} : { Capabilities: ["CAPABILITY_NAMED_IAM"] };
      const known = stacks.all().findLast(({ name }) => name === StackName)?.id;
      const { StackId = known } = await aws("cloudformation", operation, { ...Capabilities, ...input });
      await stacks.settled();
      const reply = await aws("cloudformation", "DescribeStacks", { StackName: StackId });
      return (reply["Stacks"] as Shape[])[0] as Shape; // it is found or the call fails
    },
    async events(name) {
      const all = (await eventsOf(name)).map(
        ({ LogicalResourceId, ResourceStatus, ResourceStatusReason }) => ({
          text: `${String(LogicalResourceId)} ${String(ResourceStatus)}`,
          begins: ResourceStatusReason === "User Initiated",
        }),
      );
      const begin = all.findIndex(({ begins }) => begins);
      return all
        .slice(0, begin + 1)
        .toReversed()
        .map(({ text }) => text);
    },
    async reason(name, logicalId) {
      const failed = (await eventsOf(name)).find(
        ({ LogicalResourceId: id, ResourceStatus: status }) =>
          id === logicalId && String(status).endsWith("_FAILED"),
      );
      return String(failed?.["ResourceStatusReason"]);
    },
    async physicalId(StackName, LogicalResourceId) {
      const input = { StackName, LogicalResourceId };
      const { StackResources } = await aws("cloudformation", "DescribeStackResources", input);
      return String((StackResources as Shape[])[0]?.["PhysicalResourceId"]);
    },
    async [Symbol.asyncDispose]() {
      dynamodb.close();
      clock.dispose();
    },
  };
}
