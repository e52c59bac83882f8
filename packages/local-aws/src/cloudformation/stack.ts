/** A stack: its template, its resources as they are, and what has happened to it. */
import { randomUUID } from "node:crypto";
import type { LocalAws, Shape } from "../local-aws.ts";
import type { Template, TemplateResource } from "./assembly.ts";

type Outcome = "IN_PROGRESS" | "COMPLETE" | "FAILED";
export type ResourceStatus = `${"CREATE" | "UPDATE" | "DELETE"}_${Outcome}` | "DELETE_SKIPPED";
export type StackStatus =
  | `${"CREATE" | "UPDATE" | "DELETE" | "ROLLBACK" | "UPDATE_ROLLBACK"}_${Outcome}`
  | "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
  | "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS";

export interface StackResource {
  readonly template: TemplateResource;
  /** The value of `Ref`. */
  readonly ref: string;
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
  /** With every intrinsic resolved. */
  readonly properties: Shape;
  /** How many other resources have had this logical id before. */
  readonly generation: number;
}

export interface StackEvent {
  readonly id: string;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: ResourceStatus | StackStatus;
  readonly reason?: string | undefined;
  readonly atMs: number;
}

export interface Stack {
  readonly name: string;
  readonly id: string;
  /** Of the assembly that the runtime runs. The names of what it has do not depend on its own. */
  readonly isFirst: boolean;
  readonly createdAtMs: number;
  updatedAtMs?: number;
  deletedAtMs?: number;
  template: Template;
  parameters: Readonly<Record<string, string>>;
  status: StackStatus;
  reason?: string | undefined;
  outputs: Readonly<Record<string, string>>;
  /** In the order of their making. */
  readonly resources: Map<string, StackResource>;
  /** Oldest first. */
  readonly events: StackEvent[];
}

export const STACK_TYPE = "AWS::CloudFormation::Stack";

export const newStackId = (
  { region, account }: LocalAws,
  name: string,
  last: string = randomUUID(),
): string => `arn:aws:cloudformation:${region}:${account}:stack/${name}/${last}`;

export function setStatus(localAws: LocalAws, stack: Stack, status: StackStatus, reason?: string): void {
  stack.status = status;
  stack.reason = reason;
  const atMs = localAws.clock.now();
  const { name: logicalId, id: physicalId } = stack;
  stack.events.push({ id: randomUUID(), logicalId, physicalId, type: STACK_TYPE, status, reason, atMs });
}

export interface ResourceHappening {
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId?: string;
  readonly reason?: string | undefined;
}

export function tellResource(
  localAws: LocalAws,
  { events }: Stack,
  status: ResourceStatus,
  { logicalId, type, physicalId = "", reason }: ResourceHappening,
): void {
  const atMs = localAws.clock.now();
  const id = `${logicalId}-${status}-${new Date(atMs).toISOString()}-${events.length}`;
  events.push({ id, logicalId, physicalId, type, status, reason, atMs });
}

export const isInProgress = ({ status }: Stack): boolean => status.endsWith("_IN_PROGRESS");
