/**
 * Creates the resources of a template, as CloudFormation would, in this process; what an earlier run has made is updated. What the local runtime does not know
 * stops the deployment with the name of it: nothing in the template is passed over in silence.
 */
import { createHash } from "node:crypto";
import type { Door } from "../door.ts";
import type { CreatedResource, ResourceRequest, ResourceType, ResourceTypes } from "../resource.ts";
import type { Assembly, TemplateResource } from "./assembly.ts";
import { creationOrder } from "./creation-order.ts";
import type { CustomResources } from "./custom-resource.ts";
import { NO_VALUE, resolve, type Scope } from "./intrinsics.ts";
import {
  isCustom,
  isOther,
  isRetained,
  keptResources,
  type KeptResource,
  type KeptResources,
  refuseReplacement,
  replacing,
} from "./kept-resources.ts";

export interface Stack {
  readonly outputs: Record<string, string>;
  /** `Ref` of each resource, by logical id. */
  readonly physicalIds: ReadonlyMap<string, string>;
}

export interface Deployment {
  readonly door: Door;
  readonly assembly: Assembly;
  readonly types: ResourceTypes;
  readonly customResources: CustomResources;
}

export async function deploy(wanted: Deployment): Promise<Stack> {
  const deployment = { ...wanted, kept: keptResources(wanted.door.store) };
  return deployAll(deployment);
}

/** With what an earlier run has made; empty if nothing lasts. */
type Update = Deployment & { readonly kept: KeptResources };

async function deployAll(deployment: Update): Promise<Stack> {
  const { template } = deployment.assembly;
  const created = new Map<string, CreatedResource>();
  const scope = scopeOf(deployment, created);
  const wanted = Object.fromEntries(
    Object.entries(template.Resources).filter(
      ([, { Condition }]) => !Condition || scope.condition(Condition),
    ),
  );
  for (const id of creationOrder(wanted)) {
    try {
      created.set(id, await createResource(deployment, scope, id));
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${id} (${wanted[id]?.Type}): ${why}`, { cause });
    }
  }
  await removeVanished(deployment, created);
  const outputs = Object.entries(template.Outputs ?? {})
    .filter(([, { Condition }]) => !Condition || scope.condition(Condition))
    .map(([name, { Value }]) => [name, String(resolve(Value, scope))] as const);
  return {
    outputs: Object.fromEntries(outputs),
    physicalIds: new Map([...created].map(([id, { ref }]) => [id, ref])),
  };
}

async function createResource(deployment: Update, scope: Scope, logicalId: string): Promise<CreatedResource> {
  const { assembly, types, kept } = deployment;
  const template = assembly.template.Resources[logicalId] as TemplateResource; // one of them
  const { Type } = template;
  const before = kept.get(logicalId);
  const request: ResourceRequest = {
    logicalId,
    properties: resolve(template.Properties ?? {}, scope) as Record<string, unknown>,
    before,
    physicalName: (maxLength = 255) => physicalName(assembly.stackName, logicalId, maxLength),
    assetPath: (s3Key) => assembly.assetPath(s3Key),
  };
  const keep = (made: CreatedResource, more: Pick<KeptResource, "properties" | "attributes">) => {
    kept.set(logicalId, { type: Type, ref: made.ref, isRetained: isRetained(template), ...more });
    return made;
  };
  if (isCustom(Type)) {
    const made = await customResource(deployment, Type, request);
    return keep(made, { properties: request.properties, attributes: made.attributes });
  }
  // Alarms and dashboards watch AWS's own metrics, of which there are none here.
  if (Type.startsWith("AWS::CloudWatch::")) return { ref: request.physicalName() };
  const type = types[Type as keyof ResourceTypes];
  if (!type) throw new Error("this type is not part of the local runtime");
  refuseUnknownProperties(type, request);
  const properties = replacing(type, request.properties);
  refuseReplacement(before, { type: Type, properties });
  return keep(await type.create(request), { properties });
}

async function customResource(
  { door, assembly, customResources, kept }: Update,
  type: string,
  request: ResourceRequest,
): Promise<CreatedResource> {
  const { logicalId, properties } = request;
  const resource = { type, logicalId, stackId: stackIdOf(door, assembly.stackName), request };
  const before = kept.get(logicalId);
  if (!before) return customResources.create(resource);
  if (isOther(before.properties, properties)) return customResources.update(resource, before);
  return { ref: before.ref, attributes: before.attributes ?? {} };
}

/** In the reverse order of their making. */
async function removeVanished(
  { door, assembly, types, customResources, kept }: Update,
  created: ReadonlyMap<string, CreatedResource>,
): Promise<void> {
  const stackId = stackIdOf(door, assembly.stackName);
  for (const [logicalId, resource] of [...kept].toReversed()) {
    if (created.has(logicalId)) continue;
    const { type, ref } = resource;
    if (!resource.isRetained) {
      if (isCustom(type)) await customResources.remove({ type, logicalId, stackId }, resource);
      else await types[type as keyof ResourceTypes]?.remove?.(ref);
    }
    kept.delete(logicalId);
  }
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

/** Like CloudFormation's names, except that the last part depends on the logical id alone: starts give the same names. */
function physicalName(stackName: string, logicalId: string, maxLength: number): string {
  const suffix = createHash("sha256").update(`${stackName}/${logicalId}`).digest("hex").slice(0, 12);
  return `${`${stackName}-${logicalId}`.slice(0, maxLength - suffix.length - 1)}-${suffix}`;
}

export const stackIdOf = ({ region, account }: Door, stackName: string): string =>
  `arn:aws:cloudformation:${region}:${account}:stack/${stackName}/00000000-0000-0000-0000-000000000000`;

function scopeOf({ door, assembly }: Deployment, created: ReadonlyMap<string, CreatedResource>): Scope {
  const { template, stackName } = assembly;
  const pseudo: Record<string, unknown> = {
    "AWS::Region": door.region,
    "AWS::AccountId": door.account,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": stackName,
    "AWS::StackId": stackIdOf(door, stackName),
    "AWS::NoValue": NO_VALUE,
    "AWS::NotificationARNs": [],
  };
  const conditions = new Map<string, boolean>();
  const scope: Scope = {
    ref(id) {
      if (id in pseudo) return pseudo[id];
      const parameter = template.Parameters?.[id];
      const found = created.get(id)?.ref ?? parameter?.Default;
      if (found === undefined)
        throw new Error(`Ref to ${id}, which is not in this template or has no default`);
      return found;
    },
    attribute(id, attribute) {
      const resource = created.get(id);
      if (!resource) throw new Error(`Fn::GetAtt of ${id}, which is not in this template`);
      const value = resource.attributes?.[attribute];
      if (value === undefined)
        throw new Error(`Fn::GetAtt ${id}.${attribute}: the local resource has no such attribute`);
      return value;
    },
    condition(name) {
      const rule = template.Conditions?.[name];
      if (rule === undefined) throw new Error(`condition ${name} is not in this template`);
      const known = conditions.get(name) ?? Boolean(resolve(rule, scope));
      conditions.set(name, known);
      return known;
    },
    mapping(map, key, second) {
      const value = (template.Mappings as Record<string, Record<string, Record<string, unknown>>>)?.[map]?.[
        key
      ]?.[second];
      if (value === undefined) throw new Error(`Fn::FindInMap: no ${map}.${key}.${second}`);
      return value;
    },
  };
  return scope;
}
