/** Removes resources of a stack, the last made first. */
import type { TemplateResource } from "./assembly.ts";
import { reasonOf } from "./failure.ts";
import { creationOrder, needsOf } from "./creation-order.ts";
import { type Stack, type StackResource, tellResource } from "./stack.ts";
import { type Provisioning, removeResource } from "./stack-resource.ts";

export interface Removal {
  readonly logicalId: string;
  readonly resource: StackResource;
}

/** True: the resource stays, and is the stack's no longer. */
export type Retains = (template: TemplateResource) => boolean;

/** The logical ids of those that could not be removed. What such a one needs is not tried. */
export async function removeResources(
  provisioning: Provisioning,
  stack: Stack,
  removals: readonly Removal[],
  retains: Retains,
): Promise<string[]> {
  const failed: string[] = [];
  const needed = new Set<string>();
  for (const { logicalId, resource } of removals.toReversed()) {
    const isNeeded = needed.has(logicalId);
    if (isNeeded || !(await removed(provisioning, stack, { logicalId, resource }, retains))) {
      if (!isNeeded) failed.push(logicalId);
      for (const id of needsOf(resource.template)) needed.add(id);
    }
  }
  return failed;
}

async function removed(
  provisioning: Provisioning,
  stack: Stack,
  { logicalId, resource }: Removal,
  retains: Retains,
): Promise<boolean> {
  const { localAws } = provisioning;
  const { template, ref, properties } = resource;
  const { Type: type } = template;
  const told = { logicalId, type, physicalId: ref };
  // A resource that has replaced this one has its logical id now.
  const forget = (): void => {
    if (stack.resources.get(logicalId) === resource) stack.resources.delete(logicalId);
  };
  if (retains(template)) {
    tellResource(localAws, stack, "DELETE_SKIPPED", told);
    forget();
    return true;
  }
  tellResource(localAws, stack, "DELETE_IN_PROGRESS", told);
  try {
    await removeResource(provisioning, stack, logicalId, { type, ref, properties });
  } catch (error) {
    tellResource(localAws, stack, "DELETE_FAILED", { ...told, reason: reasonOf(error, type) });
    return false;
  }
  tellResource(localAws, stack, "DELETE_COMPLETE", told);
  forget();
  return true;
}

/** In the order in which they would be made now. */
export function allOf({ resources }: Stack): Removal[] {
  const templates = [...resources].map(([logicalId, { template }]) => [logicalId, template] as const);
  return creationOrder(Object.fromEntries(templates)).flatMap((logicalId) => {
    const resource = resources.get(logicalId);
    return resource ? [{ logicalId, resource }] : [];
  });
}

/** The way CloudFormation lists them in a status reason. */
export const listed = (what: "create" | "update" | "delete", logicalIds: readonly string[]): string =>
  `The following resource(s) failed to ${what}: [${logicalIds.join(", ")}]. `;
