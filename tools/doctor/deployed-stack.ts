/** A stack as CloudFormation tells of it. */
import {
  type CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
} from "@aws-sdk/client-cloudformation";

export interface DeployedStack {
  readonly status: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly resources: readonly { readonly type: string; readonly id: string }[];
}

export async function deployedStack(
  client: CloudFormationClient,
  StackName: string,
): Promise<DeployedStack | undefined> {
  try {
    const { Stacks: [found] = [] } = await client.send(new DescribeStacksCommand({ StackName }));
    if (!found) return undefined;
    const outputs = found.Outputs ?? [];
    const pairs = outputs.map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]);
    return {
      status: found.StackStatus ?? "",
      outputs: Object.fromEntries(pairs) as Record<string, string>,
      resources: await resourcesOf(client, StackName),
    };
  } catch (error) {
    // CloudFormation has no error of its own for it.
    if (error instanceof Error && /does not exist/.test(error.message)) return undefined;
    throw error;
  }
}

async function resourcesOf(
  client: CloudFormationClient,
  StackName: string,
): Promise<DeployedStack["resources"]> {
  const found: { type: string; id: string }[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName }))
    found.push(
      ...StackResourceSummaries.map(({ ResourceType: type = "", PhysicalResourceId: id = "" }) => ({
        type,
        id,
      })),
    );
  return found;
}
