/** Finds the resources of a stack by what CloudFormation says of it: no configuration is needed. */
import {
  type CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
} from "@aws-sdk/client-cloudformation";

export interface FoundStack {
  readonly name: string;
  readonly region: string;
  readonly account: string;
  readonly tables: Readonly<Record<"calls" | "clients" | "devices" | "owners" | "people" | "stages", string>>;
  readonly callWorkflowArn: string;
  readonly cleanUpWorkflowArn: string;
  readonly cleanUpBucket: string;
  readonly busName: string;
  readonly eventLogGroup: string;
  readonly maxStages: number;
  readonly userPoolId: string;
  readonly userPoolClientId: string;
  readonly apiUrl: string;
  readonly graphqlUrl: string;
  readonly deadLetterQueues: readonly FoundQueue[];
  /** All others. */
  readonly workQueues: readonly FoundQueue[];
}

interface FoundQueue {
  readonly name: string;
  readonly url: string;
}

/** Infra names its dead-letter queues so. */
const DEAD_LETTERS = /^[\w-]*ringmaster-[\w-]+-failed$/;

export async function findStack(client: CloudFormationClient, name: string): Promise<FoundStack> {
  const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
  const outputs = new Map(stack?.Outputs?.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  const output = (key: string): string => outputs.get(key) ?? missing(name, `output ${key}`);
  const resources = await resourcesOf(client, name);
  const table = (id: string): string =>
    resources.find(({ logicalId }) => logicalId === id)?.physicalId ?? missing(name, `table ${id}`);
  const queues = resources
    .filter(({ type }) => type === "AWS::SQS::Queue")
    .map(({ physicalId: url }) => ({ name: url.split("/").at(-1) ?? "", url }))
    .toSorted((one, other) => one.name.localeCompare(other.name));
  return {
    name,
    region: output("Region"),
    account: stack?.StackId?.split(":")[4] ?? "",
    tables: {
      calls: table("CallsTable"),
      clients: table("ClientsTable"),
      devices: table("DevicesTable"),
      owners: table("OwnersTable"),
      people: table("PeopleTable"),
      stages: table("StagesTable"),
    },
    callWorkflowArn: output("CallWorkflowArn"),
    cleanUpWorkflowArn: output("CleanUpWorkflowArn"),
    cleanUpBucket: output("CleanUpBucketName"),
    busName: output("BusName"),
    eventLogGroup: output("EventLogGroupName"),
    maxStages: Number(output("MaxStages")),
    userPoolId: output("UserPoolId"),
    userPoolClientId: output("UserPoolClientId"),
    apiUrl: output("ApiUrl"),
    graphqlUrl: output("GraphqlUrl"),
    deadLetterQueues: queues.filter(({ name: queue }) => DEAD_LETTERS.test(queue)),
    workQueues: queues.filter(({ name: queue }) => !DEAD_LETTERS.test(queue)),
  };
}

interface Resource {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
}

async function resourcesOf(client: CloudFormationClient, StackName: string): Promise<Resource[]> {
  const found: Resource[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName })) {
    for (const {
      LogicalResourceId = "",
      PhysicalResourceId = "",
      ResourceType = "",
    } of StackResourceSummaries)
      found.push({ logicalId: LogicalResourceId, physicalId: PhysicalResourceId, type: ResourceType });
  }
  return found;
}

function missing(name: string, what: string): never {
  throw new Error(
    `stack ${name} has no ${what}: is it Ringmaster's, and deployed by this version or a later one?`,
  );
}
