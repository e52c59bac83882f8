/**
 * What an earlier run has made of the template, so that the next start updates it as a deployment would.
 *
 * R1 A logical id keeps its physical id. A change that CloudFormation makes by a new resource is refused: what the old one
 *    holds would be lost.
 * R2 What the template has no longer is removed, unless its DeletionPolicy retains it.
 * R3 A custom resource's function is asked only if its properties have changed.
 */
import type { Shape } from "../local-aws.ts";
import type { ResourceType } from "../resource.ts";
import { asItIs, type Store } from "../store/store.ts";
import type { TemplateResource } from "./assembly.ts";
import type { Stack } from "./stack.ts";

export interface KeptResource {
  readonly type: string;
  readonly ref: string;
  readonly isRetained: boolean;
  /** Of a custom resource all, of others those that replace it. */
  readonly properties: Shape;
  /** Of a custom resource only: others say anew what they are. */
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
  readonly generation?: number;
}

export type KeptResources = Map<string, KeptResource>;

export const keptResources = (store: Store): KeptResources =>
  store.map("cloudformation.resources", asItIs<KeptResource>());

/** A logical id has letters and digits only. */
export const keyOf = ({ isFirst, name }: Pick<Stack, "isFirst" | "name">, logicalId: string): string =>
  isFirst ? logicalId : `${name}/${logicalId}`;

/** What was kept of this stack, by logical id. */
export function keptOf(kept: KeptResources, stack: Stack): [logicalId: string, resource: KeptResource][] {
  const begin = keyOf(stack, "");
  const own = [...kept].filter(([key]) => (stack.isFirst ? !key.includes("/") : key.startsWith(begin)));
  return own.map(([key, resource]) => [key.slice(begin.length), resource]);
}

export const isCustom = (type: string): boolean =>
  type.startsWith("Custom::") || type === "AWS::CloudFormation::CustomResource";

export const isRetained = ({ DeletionPolicy: policy }: TemplateResource): boolean =>
  policy === "Retain" || policy === "RetainExceptOnCreate";

/** Those properties whose change makes a new resource. */
export const replacing = ({ replacedBy = [] }: ResourceType, properties: Shape): Shape =>
  Object.fromEntries(replacedBy.map((name) => [name, properties[name]]));

export function refuseReplacement(
  kept: KeptResource | undefined,
  wanted: { readonly type: string; readonly properties: Shape },
): void {
  if (!kept) return;
  const changed =
    kept.type === wanted.type
      ? Object.keys(wanted.properties).filter((name) =>
          isOther(kept.properties[name], wanted.properties[name]),
        )
      : ["Type"];
  if (changed.length === 0) return;
  throw new Error(
    `${changed.join(", ")} has changed, which takes a new resource, and what is kept in ${kept.ref} would be lost: start with --fresh, or take another directory with --data`,
  );
}

export const isOther = (before: unknown, after: unknown): boolean =>
  JSON.stringify(before) !== JSON.stringify(after);
