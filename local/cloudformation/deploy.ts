/**
 * Creates the resources of a template, as CloudFormation would, in this process. What the local runtime does not know
 * stops the deployment with the name of it: nothing in the template is passed over in silence.
 */
import { createHash } from "node:crypto";
import type { Door } from "../door.ts";
import type { CreatedResource, ResourceRequest, ResourceType, ResourceTypes } from "../resource.ts";
import type { Assembly } from "./assembly.ts";
import { creationOrder } from "./creation-order.ts";
import type { CustomResources } from "./custom-resource.ts";
import { NO_VALUE, resolve, type Scope } from "./intrinsics.ts";

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

export async function deploy(deployment: Deployment): Promise<Stack> {
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
  const outputs = Object.entries(template.Outputs ?? {})
    .filter(([, { Condition }]) => !Condition || scope.condition(Condition))
    .map(([name, { Value }]) => [name, String(resolve(Value, scope))] as const);
  return {
    outputs: Object.fromEntries(outputs),
    physicalIds: new Map([...created].map(([id, { ref }]) => [id, ref])),
  };
}

async function createResource(
  deployment: Deployment,
  scope: Scope,
  logicalId: string,
): Promise<CreatedResource> {
  const { door, assembly, types, customResources } = deployment;
  const { Type, Properties } = assembly.template.Resources[logicalId] as {
    Type: string;
    Properties?: object;
  };
  const request: ResourceRequest = {
    logicalId,
    properties: resolve(Properties ?? {}, scope) as Record<string, unknown>,
    physicalName: (maxLength = 255) => physicalName(assembly.stackName, logicalId, maxLength),
    assetPath: (s3Key) => assembly.assetPath(s3Key),
  };
  if (Type.startsWith("Custom::") || Type === "AWS::CloudFormation::CustomResource") {
    return customResources.create(Type, stackIdOf(door, assembly.stackName), request);
  }
  // Alarms and dashboards watch AWS's own metrics, of which there are none here.
  if (Type.startsWith("AWS::CloudWatch::")) return { ref: request.physicalName() };
  const type = types[Type as keyof ResourceTypes];
  if (!type) throw new Error("this type is not part of the local runtime");
  refuseUnknownProperties(type, request);
  return type.create(request);
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
