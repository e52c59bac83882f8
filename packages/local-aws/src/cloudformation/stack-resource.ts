/** One resource of a stack: made, changed in place, or removed, by the service that it belongs to. */
import { createHash } from "node:crypto";
import type { LocalAws } from "../local-aws.ts";
import type { CreatedResource, ResourceRequest, ResourceType, ResourceTypes } from "../resource.ts";
import type { TemplateResource } from "./assembly.ts";
import type { CustomResources } from "./custom-resource.ts";
import { alreadyExists, isNotFound } from "./failure.ts";
import { resolve, type Scope } from "./intrinsics.ts";
import { isCustom, isOther, isRetained, type KeptResources, keyOf, replacing } from "./kept-resources.ts";
import type { Stack, StackResource } from "./stack.ts";

/** What all stacks are made with. */
export interface Provisioning {
  readonly localAws: LocalAws;
  readonly types: ResourceTypes;
  readonly customResources: CustomResources;
  readonly kept: KeptResources;
  /** How many resources each logical id has had, beginning with 0. */
  readonly generations: Map<string, number>;
  /** Where the files of the asset with this S3 key are. */
  assetPath(s3Key: string): string;
}

/** What a resource is before a change; an earlier run may not have kept its attributes. */
export type Before = Pick<StackResource, "ref" | "properties" | "attributes" | "generation">;

export interface Wanted {
  readonly logicalId: string;
  readonly template: TemplateResource;
  readonly properties: StackResource["properties"];
}

export function wantedOf({ template }: Stack, scope: Scope, logicalId: string): Wanted {
  const resource = template.Resources[logicalId] as TemplateResource; // one of them
  const properties = resolve(resource.Properties ?? {}, scope) as StackResource["properties"];
  return { logicalId, template: resource, properties };
}

export function typeOf({ types }: Provisioning, type: string): ResourceType {
  const found = types[type as keyof ResourceTypes];
  if (!found) throw new Error("this type is not part of the local runtime");
  return found;
}

/** Alarms and dashboards hold nothing that a later start has to know. They are made only where something is measured. */
export const isWatching = (type: string): boolean => type.startsWith("AWS::CloudWatch::");

/** Without `before` a new one, whose name must be free; else that one is changed in place. */
export async function makeResource(
  provisioning: Provisioning,
  stack: Stack,
  wanted: Wanted,
  before?: Before,
): Promise<StackResource> {
  const { logicalId, template, properties } = wanted;
  const generation = before?.generation ?? nextGeneration(provisioning, keyOf(stack, logicalId));
  const request = requestOf(provisioning, stack, { ...wanted, before, generation });
  const { ref, attributes } = await created(provisioning, stack, template.Type, request, before);
  const resource: StackResource = { template, ref, attributes, properties, generation };
  keepResource(provisioning, stack, logicalId, resource);
  return resource;
}

/** Writes down what the next start must know of it. */
export function keepResource(
  provisioning: Provisioning,
  stack: Stack,
  logicalId: string,
  { template, ref, attributes, properties, generation }: StackResource,
): void {
  const { Type: type } = template;
  if (isWatching(type)) return;
  const known = isCustom(type)
    ? { properties, attributes }
    : { properties: replacing(typeOf(provisioning, type), properties) };
  const resource = { type, ref, generation, isRetained: isRetained(template), ...known };
  provisioning.kept.set(keyOf(stack, logicalId), resource);
}

async function created(
  provisioning: Provisioning,
  stack: Stack,
  type: string,
  request: ResourceRequest,
  before: Before | undefined,
): Promise<CreatedResource> {
  if (isCustom(type)) return customResource(provisioning, stack, type, request, before);
  if (isWatching(type) && !provisioning.types[type as keyof ResourceTypes]) {
    return { ref: before?.ref ?? request.physicalName() };
  }
  const found = typeOf(provisioning, type);
  refuseUnknownProperties(found, request);
  const taken = before ? undefined : await found.taken?.(request);
  if (taken !== undefined) throw alreadyExists(type, taken);
  return provisioning.localAws.clock.hold(async () => found.create(request));
}

/** A function is asked only if the properties have changed. */
async function customResource(
  { customResources }: Provisioning,
  stack: Stack,
  type: string,
  request: ResourceRequest,
  before: Before | undefined,
): Promise<CreatedResource> {
  const { logicalId, properties } = request;
  const resource = { type, logicalId, stackId: stack.id, request };
  if (!before) return customResources.create(resource);
  if (isOther(before.properties, properties)) return customResources.update(resource, before);
  return { ref: before.ref, attributes: before.attributes ?? {} };
}

/** Throws as the service or the function does that refuses it. */
export async function removeResource(
  provisioning: Provisioning,
  stack: Stack,
  logicalId: string,
  resource: Pick<StackResource, "ref" | "properties"> & { readonly type: string },
): Promise<void> {
  const { customResources, types, kept, localAws } = provisioning;
  const { type, ref, properties } = resource;
  if (isCustom(type)) await customResources.remove({ type, logicalId, stackId: stack.id }, resource);
  else {
    const found = types[type as keyof ResourceTypes];
    await localAws.clock.hold(async () => ignoreMissing(() => found?.remove?.(ref, properties)));
  }
  const key = keyOf(stack, logicalId);
  if (kept.get(key)?.ref === ref) kept.delete(key);
}

/** What is not there any more is removed. */
async function ignoreMissing(remove: () => Promise<void> | void): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function nextGeneration({ generations }: Provisioning, key: string): number {
  const next = (generations.get(key) ?? -1) + 1;
  generations.set(key, next);
  return next;
}

function requestOf(
  provisioning: Provisioning,
  { name, isFirst }: Stack,
  wanted: Wanted & { readonly before: Before | undefined; readonly generation: number },
): ResourceRequest {
  const { logicalId, properties, before, generation } = wanted;
  const again = generation === 0 ? "" : `/${generation}`;
  return {
    logicalId,
    identity: (isFirst ? logicalId : `${name}/${logicalId}`) + again,
    properties,
    before,
    physicalName: (maxLength = 255) =>
      physicalName(`${name}-${logicalId}`, `${name}/${logicalId}${again}`, maxLength),
    assetPath: (s3Key) => provisioning.assetPath(s3Key),
  };
}

/** Like CloudFormation's names, except that the last part is not chance: starts give the same names. */
function physicalName(begin: string, identity: string, maxLength: number): string {
  const suffix = createHash("sha256").update(identity).digest("hex").slice(0, 12);
  return `${begin.slice(0, maxLength - suffix.length - 1)}-${suffix}`;
}

function refuseUnknownProperties(
  { honoured, ignored = [] }: ResourceType,
  { properties }: ResourceRequest,
): void {
  const unknown = Object.keys(properties).filter(
    (name) => !honoured.includes(name) && !ignored.includes(name),
  );
  if (unknown.length > 0) throw new Error(`property ${unknown.join(", ")} is not part of the local runtime`);
}
