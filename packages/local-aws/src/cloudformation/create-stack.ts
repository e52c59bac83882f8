/** CreateStack: all resources, each after what it needs. The first that fails ends it, and what has been made goes again. */
import { creationOrder } from "./creation-order.ts";
import { reasonOf, ResourceFailure } from "./failure.ts";
import type { Scope } from "./intrinsics.ts";
import { allOf, listed, removeResources } from "./remove-resources.ts";
import { outputsOf, scopeOf, wantedIn } from "./scope.ts";
import { setStatus, type Stack, type StackResource, tellResource } from "./stack.ts";
import { makeResource, type Provisioning, wantedOf } from "./stack-resource.ts";

export const ON_FAILURE = ["ROLLBACK", "DELETE", "DO_NOTHING"] as const;
export type OnFailure = (typeof ON_FAILURE)[number];

export async function createStack(
  provisioning: Provisioning,
  stack: Stack,
  onFailure: OnFailure,
): Promise<void> {
  const { localAws } = provisioning;
  setStatus(localAws, stack, "CREATE_IN_PROGRESS", "User Initiated");
  const scope = scopeOf(localAws, stack);
  try {
    for (const logicalId of creationOrder(wantedIn(stack.template.Resources, scope)))
      await createResource(provisioning, stack, scope, logicalId);
    stack.outputs = outputsOf(stack, scope);
    setStatus(localAws, stack, "CREATE_COMPLETE");
  } catch (error) {
    await afterFailure(provisioning, stack, onFailure, whyFailed("create", error));
  }
}

export const whyFailed = (what: "create" | "update", error: unknown): string =>
  error instanceof ResourceFailure ? listed(what, [error.logicalId]) : reasonOf(error, "");

/** Throws ResourceFailure once the events tell of it. */
export async function createResource(
  provisioning: Provisioning,
  stack: Stack,
  scope: Scope,
  logicalId: string,
): Promise<StackResource> {
  const { localAws } = provisioning;
  const type = stack.template.Resources[logicalId]?.Type ?? "";
  tellResource(localAws, stack, "CREATE_IN_PROGRESS", { logicalId, type });
  try {
    const made = await makeResource(provisioning, stack, wantedOf(stack, scope, logicalId));
    stack.resources.set(logicalId, made);
    const told = { logicalId, type, physicalId: made.ref };
    tellResource(localAws, stack, "CREATE_IN_PROGRESS", { ...told, reason: "Resource creation Initiated" });
    tellResource(localAws, stack, "CREATE_COMPLETE", told);
    return made;
  } catch (error) {
    const reason = reasonOf(error, type);
    tellResource(localAws, stack, "CREATE_FAILED", { logicalId, type, reason });
    throw new ResourceFailure(logicalId, reason, error);
  }
}

async function afterFailure(
  provisioning: Provisioning,
  stack: Stack,
  onFailure: OnFailure,
  reason: string,
): Promise<void> {
  const { localAws } = provisioning;
  if (onFailure === "DO_NOTHING") return setStatus(localAws, stack, "CREATE_FAILED", reason);
  const rollsBack = onFailure === "ROLLBACK";
  setStatus(
    localAws,
    stack,
    rollsBack ? "ROLLBACK_IN_PROGRESS" : "DELETE_IN_PROGRESS",
    rollsBack ? `${reason}Rollback requested by user.` : reason,
  );
  const failed = await removeResources(provisioning, stack, allOf(stack), isRetainedAtOnce);
  const how = failed.length === 0 ? "COMPLETE" : "FAILED";
  const why = failed.length === 0 ? undefined : listed("delete", failed);
  setStatus(localAws, stack, `${rollsBack ? "ROLLBACK" : "DELETE"}_${how}`, why);
  if (stack.status === "DELETE_COMPLETE") stack.deletedAtMs = localAws.clock.now();
}

/** What a failed operation has made itself stays only under Retain. */
export const isRetainedAtOnce = ({ DeletionPolicy: policy }: { readonly DeletionPolicy?: string }): boolean =>
  policy === "Retain";
