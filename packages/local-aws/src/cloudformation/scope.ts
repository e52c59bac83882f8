/** What the intrinsic functions of a stack's template refer to: its parameters, its resources, its conditions. */
import type { LocalAws } from "../local-aws.ts";
import { NO_VALUE, resolve, type Scope } from "./intrinsics.ts";
import type { Stack } from "./stack.ts";

/** Resources are looked up as they are made. */
export function scopeOf({ region, account }: LocalAws, stack: Stack): Scope {
  const { template, name, id: stackId, parameters, resources } = stack;
  const pseudo: Record<string, unknown> = {
    "AWS::Region": region,
    "AWS::AccountId": account,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": name,
    "AWS::StackId": stackId,
    "AWS::NoValue": NO_VALUE,
    "AWS::NotificationARNs": [],
  };
  const conditions = new Map<string, boolean>();
  const scope: Scope = {
    ref(id) {
      if (id in pseudo) return pseudo[id];
      const parameter = template.Parameters?.[id];
      const found = resources.get(id)?.ref ?? parameters[id] ?? parameter?.Default;
      if (found === undefined)
        throw new Error(`Ref to ${id}, which is not in this template or has no default`);
      return found;
    },
    attribute(id, attribute) {
      const resource = resources.get(id);
      if (!resource) throw new Error(`Fn::GetAtt of ${id}, which is not in this template`);
      const value = resource.attributes?.[attribute];
      if (value === undefined)
        throw new Error(`Fn::GetAtt ${id}.${attribute}: the local resource has no such attribute`);
      return value;
    },
    condition(condition) {
      const rule = template.Conditions?.[condition];
      if (rule === undefined) throw new Error(`condition ${condition} is not in this template`);
      const known = conditions.get(condition) ?? Boolean(resolve(rule, scope));
      conditions.set(condition, known);
      return known;
    },
    mapping(map, key, second) {
      const maps = template.Mappings as Record<string, Record<string, Record<string, unknown>>> | undefined;
      const value = maps?.[map]?.[key]?.[second];
      if (value === undefined) throw new Error(`Fn::FindInMap: no ${map}.${key}.${second}`);
      return value;
    },
  };
  return scope;
}

/** Those entries of a section of the template whose condition holds. */
export function wantedIn<T extends { readonly Condition?: string }>(
  section: Readonly<Record<string, T>> | undefined,
  scope: Scope,
): Record<string, T> {
  const all = Object.entries(section ?? {});
  return Object.fromEntries(all.filter(([, { Condition }]) => !Condition || scope.condition(Condition)));
}

export function outputsOf({ template }: Stack, scope: Scope): Record<string, string> {
  const wanted = Object.entries(wantedIn(template.Outputs, scope));
  return Object.fromEntries(wanted.map(([name, { Value }]) => [name, String(resolve(Value, scope))]));
}
