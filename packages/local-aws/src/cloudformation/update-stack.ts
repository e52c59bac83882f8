/**
 * UpdateStack.
 *
 * U1 A resource whose resolved properties are the same is not touched. One that changes is changed in place, or replaced if AWS
 *    takes a new resource for the change.
 * U2 Nothing is removed before everything else stands: what was replaced, and what the template has no longer, goes in the clean-up.
 * U3 A failure takes back what was done, the last first: properties as before, and new resources go.
 */
import type { Template, TemplateResource } from "./assembly.ts";
import { createResource, isRetainedAtOnce, whyFailed } from "./create-stack.ts";
import { creationOrder } from "./creation-order.ts";
import { reasonOf, ResourceFailure } from "./failure.ts";
import type { Scope } from "./intrinsics.ts";
import { isCustom, isOther, isRetained } from "./kept-resources.ts";
import { allOf, listed, type Removal, removeResources } from "./remove-resources.ts";
import { outputsOf, scopeOf, wantedIn } from "./scope.ts";
import { setStatus, type Stack, type StackResource, tellResource } from "./stack.ts";
import {
  isWatching,
  keepResource,
  makeResource,
  type Provisioning,
  typeOf,
  type Wanted,
  wantedOf,
} from "./stack-resource.ts";

export type Next = Pick<Stack, "template" | "parameters">;

/** What an update has done so far. */
interface Update {
  readonly provisioning: Provisioning;
  readonly stack: Stack;
  readonly scope: Scope;
  /** Resources that are new, also in the place of others. */
  readonly added: Removal[];
  readonly replaced: Removal[];
  /** As they were before they were changed in place. */
  readonly changed: Removal[];
}

export async function updateStack(provisioning: Provisioning, stack: Stack, next: Next): Promise<void> {
  const { localAws } = provisioning;
  const { template, parameters, outputs } = stack;
  setStatus(localAws, stack, "UPDATE_IN_PROGRESS", "User Initiated");
  Object.assign(stack, next, { updatedAtMs: localAws.clock.now() });
  const scope = scopeOf(localAws, stack);
  const update: Update = { provisioning, stack, scope, added: [], replaced: [], changed: [] };
  try {
    const wanted = wantedIn(stack.template.Resources, scope);
    for (const logicalId of creationOrder(wanted)) await bringUp(update, logicalId);
    stack.outputs = outputsOf(stack, scope);
    const vanished = allOf(stack).filter(({ logicalId }) => !(logicalId in wanted));
    await cleanUp(update, vanished);
  } catch (error) {
    setStatus(localAws, stack, "UPDATE_ROLLBACK_IN_PROGRESS", whyFailed("update", error));
    await rollBack(update);
    Object.assign(stack, { template, parameters, outputs });
  }
}

async function bringUp(update: Update, logicalId: string): Promise<void> {
  const { provisioning, stack, scope, added } = update;
  const before = stack.resources.get(logicalId);
  if (before) return bringUpToDate(update, logicalId, before);
  const resource = await createResource(provisioning, stack, scope, logicalId);
  added.push({ logicalId, resource });
}

async function bringUpToDate(update: Update, logicalId: string, before: StackResource): Promise<void> {
  const { provisioning, stack, scope } = update;
  const { Type: type } = before.template;
  try {
    const wanted = wantedOf(stack, scope, logicalId);
    const isSame =
      before.template.Type === wanted.template.Type && !isOther(before.properties, wanted.properties);
    if (!isSame) return await change(update, before, wanted);
    // Its policies may be others.
    stack.resources.set(logicalId, { ...before, template: wanted.template });
  } catch (error) {
    const reason = reasonOf(error, type);
    const told = { logicalId, type, physicalId: before.ref, reason };
    tellResource(provisioning.localAws, stack, "UPDATE_FAILED", told);
    throw new ResourceFailure(logicalId, reason, error);
  }
}

const NEW_RESOURCE = "Requested update requires the creation of a new physical resource; hence creating one.";

async function change(update: Update, before: StackResource, wanted: Wanted): Promise<void> {
  const { provisioning, stack, added, replaced, changed } = update;
  const { localAws } = provisioning;
  const { logicalId } = wanted;
  const { Type: type } = wanted.template;
  const told = { logicalId, type, physicalId: before.ref };
  const renews = isRenewed(provisioning, before, wanted);
  const reason = renews ? NEW_RESOURCE : undefined;
  tellResource(localAws, stack, "UPDATE_IN_PROGRESS", { ...told, reason });
  if (renews) await refuseTakenByItself(provisioning, before, wanted);
  const resource = await makeResource(provisioning, stack, wanted, renews ? undefined : before);
  stack.resources.set(logicalId, resource);
  if (resource.ref === before.ref) changed.push({ logicalId, resource: before });
  else {
    added.push({ logicalId, resource });
    replaced.push({ logicalId, resource: before });
  }
  tellResource(localAws, stack, "UPDATE_COMPLETE", { ...told, physicalId: resource.ref });
}

/** A custom resource's function says itself whether it has made another one. */
function isRenewed(provisioning: Provisioning, before: StackResource, wanted: Wanted): boolean {
  const { template, properties } = wanted;
  if (before.template.Type !== template.Type) return true;
  if (isCustom(template.Type) || isWatching(template.Type)) return false;
  const { replacedBy = [], renewedBy = [] } = typeOf(provisioning, template.Type);
  return [...replacedBy, ...renewedBy].some((name) => isOther(before.properties[name], properties[name]));
}

/** Two resources cannot have one name, also for the moment of a replacement. */
async function refuseTakenByItself(
  provisioning: Provisioning,
  before: StackResource,
  { template, properties }: Wanted,
): Promise<void> {
  if (before.template.Type !== template.Type || isCustom(template.Type)) return;
  const { namedBy } = typeOf(provisioning, template.Type);
  const name = namedBy && properties[namedBy];
  if (typeof name !== "string" || isOther(name, before.properties[namedBy ?? ""])) return;
  throw new Error(
    "CloudFormation cannot update a stack when a custom-named resource requires replacing. " +
      `Rename ${name} and update the stack again.`,
  );
}

async function rollBack({ provisioning, stack, added, replaced, changed }: Update): Promise<void> {
  const { localAws } = provisioning;
  for (const one of changed.toReversed()) {
    if (!(await changedBack(provisioning, stack, one)))
      return setStatus(localAws, stack, "UPDATE_ROLLBACK_FAILED");
  }
  setStatus(localAws, stack, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS");
  for (const { logicalId, resource } of replaced) stack.resources.set(logicalId, resource);
  const failed = await removeResources(provisioning, stack, added, isRetainedAtOnce);
  for (const { logicalId, resource } of replaced) keepResource(provisioning, stack, logicalId, resource);
  const why = failed.length === 0 ? undefined : listed("delete", failed);
  setStatus(localAws, stack, "UPDATE_ROLLBACK_COMPLETE", why);
}

async function changedBack(
  provisioning: Provisioning,
  stack: Stack,
  { logicalId, resource: before }: Removal,
): Promise<boolean> {
  const { localAws } = provisioning;
  const { template, properties, ref: physicalId } = before;
  const told = { logicalId, type: template.Type, physicalId };
  tellResource(localAws, stack, "UPDATE_IN_PROGRESS", told);
  try {
    const wanted = { logicalId, template, properties };
    const now = stack.resources.get(logicalId) ?? before;
    stack.resources.set(logicalId, await makeResource(provisioning, stack, wanted, now));
    tellResource(localAws, stack, "UPDATE_COMPLETE", told);
    return true;
  } catch (error) {
    tellResource(localAws, stack, "UPDATE_FAILED", { ...told, reason: reasonOf(error, template.Type) });
    return false;
  }
}

const isKeptWhenReplaced = ({ UpdateReplacePolicy: policy }: TemplateResource): boolean =>
  policy === "Retain" || policy === "RetainExceptOnCreate";

/** What cannot be removed here stays, and the update is complete all the same. */
async function cleanUp(
  { provisioning, stack, replaced }: Update,
  vanished: readonly Removal[],
): Promise<void> {
  const { localAws } = provisioning;
  setStatus(localAws, stack, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS");
  const failed = [
    ...(await removeResources(provisioning, stack, replaced, isKeptWhenReplaced)),
    ...(await removeResources(provisioning, stack, vanished, isRetained)),
  ];
  for (const { logicalId } of vanished) stack.resources.delete(logicalId);
  setStatus(localAws, stack, "UPDATE_COMPLETE", failed.length === 0 ? undefined : listed("delete", failed));
}

/** AWS refuses an update that changes nothing. */
export const isSameStack = (stack: Stack, next: { template: Template; parameters: object }): boolean =>
  !isOther(stack.template, next.template) && !isOther(stack.parameters, next.parameters);
