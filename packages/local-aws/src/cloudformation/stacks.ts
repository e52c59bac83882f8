/** The deployed stack as CloudFormation tells of it: DescribeStacks and ListStackResources. */
import * as z from "zod";
import { AwsError, type Door, type Operation, type Shape } from "../door.ts";
import { listPage } from "../list-page.ts";
import type { Assembly } from "./assembly.ts";
import { stackIdOf, type Stack } from "./deploy.ts";

export interface Deployed {
  readonly assembly: Assembly;
  readonly createdAtMs: number;
  /** Undefined until all of it is there. */
  readonly stack: () => Stack | undefined;
}

const PAGE = 100;

const describing = z.strictObject({ StackName: z.string().optional(), NextToken: z.string().optional() });
const listing = z.strictObject({ StackName: z.string(), NextToken: z.string().optional() });

export function stackOperations(door: Door, deployed: Deployed): Record<string, Operation> {
  const id = stackIdOf(door, deployed.assembly.stackName);
  const reading = (action: string, run: (input: Shape) => Shape): Operation => ({
    permissions: () => [{ action: `cloudformation:${action}`, resource: id }],
    run,
  });
  return {
    DescribeStacks: reading("DescribeStacks", (input) => {
      const { StackName } = parsed(describing, input);
      if (StackName !== undefined) refuseOther(deployed, id, StackName);
      return { Stacks: [describe(deployed, id)] };
    }),
    ListStackResources: reading("ListStackResources", (input) => {
      const { StackName, NextToken: token } = parsed(listing, input);
      refuseOther(deployed, id, StackName);
      const all = resourcesOf(deployed);
      const page = listPage(all, { member: "limit", limit: undefined, most: PAGE, token, refuse });
      return { StackResourceSummaries: page.items, ...(page.next !== undefined && { NextToken: page.next }) };
    }),
  };
}

function describe({ assembly, createdAtMs, stack }: Deployed, StackId: string): Shape {
  const { stackName: StackName, template } = assembly;
  const outputs = Object.entries(stack()?.outputs ?? {});
  return {
    StackId,
    StackName,
    CreationTime: new Date(createdAtMs).toISOString(),
    StackStatus: "CREATE_COMPLETE",
    Outputs: outputs.map(([OutputKey, OutputValue]) => ({
      OutputKey,
      OutputValue,
      Description: template.Outputs?.[OutputKey]?.Description,
    })),
  };
}

function resourcesOf({ assembly, createdAtMs, stack }: Deployed): Shape[] {
  return [...(stack()?.physicalIds ?? [])].map(([LogicalResourceId, PhysicalResourceId]) => ({
    LogicalResourceId,
    PhysicalResourceId,
    ResourceType: assembly.template.Resources[LogicalResourceId]?.Type,
    LastUpdatedTimestamp: new Date(createdAtMs).toISOString(),
    ResourceStatus: "CREATE_COMPLETE",
  }));
}

function refuseOther({ assembly }: Deployed, id: string, asked: string): void {
  if (asked !== assembly.stackName && asked !== id) throw refuse(`Stack with id ${asked} does not exist`);
}

function parsed<S extends z.ZodType>(schema: S, input: Shape): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw refuse(z.prettifyError(result.error));
}

const refuse = (message: string): AwsError => new AwsError("ValidationError", message);
