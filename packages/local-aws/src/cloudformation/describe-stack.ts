/** A stack, its resources and its events as CloudFormation's operations show them. */
import type { Shape } from "../local-aws.ts";
import { STACK_TYPE, type Stack, type StackEvent } from "./stack.ts";

const iso = (atMs: number): string => new Date(atMs).toISOString();

export function describeStack(stack: Stack): Shape {
  const { id: StackId, name: StackName, template, status: StackStatus, createdAtMs } = stack;
  return {
    StackId,
    StackName,
    Description: template.Description,
    Parameters: parametersOf(stack),
    CreationTime: iso(createdAtMs),
    ...timesOf(stack),
    StackStatus,
    StackStatusReason: stack.reason,
    DisableRollback: false,
    Outputs: Object.entries(stack.outputs).map(([OutputKey, OutputValue]) => ({
      OutputKey,
      OutputValue,
      Description: template.Outputs?.[OutputKey]?.Description,
    })),
  };
}

export function summarizeStack(stack: Stack): Shape {
  const { id: StackId, name: StackName, template, status: StackStatus, createdAtMs } = stack;
  return {
    StackId,
    StackName,
    TemplateDescription: template.Description,
    CreationTime: iso(createdAtMs),
    ...timesOf(stack),
    StackStatus,
    StackStatusReason: stack.reason,
  };
}

const timesOf = ({ updatedAtMs, deletedAtMs }: Stack): Shape => ({
  LastUpdatedTime: updatedAtMs === undefined ? undefined : iso(updatedAtMs),
  DeletionTime: deletedAtMs === undefined ? undefined : iso(deletedAtMs),
});

const parametersOf = ({ template, parameters }: Stack): Shape[] =>
  Object.entries(template.Parameters ?? {}).map(([ParameterKey, { Default }]) => ({
    ParameterKey,
    ParameterValue: parameters[ParameterKey] ?? String(Default),
  }));

export const describeEvent = ({ id: StackId, name: StackName }: Stack, event: StackEvent): Shape => ({
  StackId,
  EventId: event.id,
  StackName,
  LogicalResourceId: event.logicalId,
  PhysicalResourceId: event.physicalId,
  ResourceType: event.type,
  Timestamp: iso(event.atMs),
  ResourceStatus: event.status,
  ResourceStatusReason: event.reason,
});

/** What the events tell last of each resource, as long as the stack has it or could not get rid of it. */
export function resourcesOf(stack: Stack): Shape[] {
  const latest = new Map<string, StackEvent>();
  for (const event of stack.events) if (event.type !== STACK_TYPE) latest.set(event.logicalId, event);
  return [...latest.values()].map((event) => ({
    LogicalResourceId: event.logicalId,
    PhysicalResourceId: stack.resources.get(event.logicalId)?.ref ?? event.physicalId,
    ResourceType: event.type,
    Timestamp: iso(event.atMs),
    ResourceStatus: event.status,
    ResourceStatusReason: event.reason,
  }));
}
