/**
 * Brings a stack up when the runtime starts: what an earlier run has made is updated, as CloudFormation would. What the local runtime
 * does not know stops the start with the name of it: nothing in the template is passed over in silence.
 */
import { creationOrder } from "./creation-order.ts";
import {
  isCustom,
  type KeptResource,
  keptOf,
  keyOf,
  refuseReplacement,
  replacing,
} from "./kept-resources.ts";
import { outputsOf, scopeOf, wantedIn } from "./scope.ts";
import type { Scope } from "./intrinsics.ts";
import { setStatus, type Stack, type StackResource, tellResource } from "./stack.ts";
import {
  isWatching,
  makeResource,
  type Provisioning,
  removeResource,
  typeOf,
  wantedOf,
} from "./stack-resource.ts";

export async function deploy(provisioning: Provisioning, stack: Stack): Promise<void> {
  const { localAws, kept } = provisioning;
  const scope = scopeOf(localAws, stack);
  const wanted = wantedIn(stack.template.Resources, scope);
  const before = new Map(keptOf(kept, stack));
  setStatus(localAws, stack, "CREATE_IN_PROGRESS");
  for (const logicalId of creationOrder(wanted)) {
    const type = wanted[logicalId]?.Type ?? "";
    try {
      const made = await atStart(provisioning, stack, scope, { logicalId, before: before.get(logicalId) });
      stack.resources.set(logicalId, made);
      tellResource(localAws, stack, "CREATE_COMPLETE", { logicalId, type, physicalId: made.ref });
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${logicalId} (${type}): ${why}`, { cause });
    }
  }
  for (const [logicalId, resource] of [...before].toReversed()) {
    if (!stack.resources.has(logicalId)) await removeVanished(provisioning, stack, logicalId, resource);
  }
  stack.outputs = outputsOf(stack, scope);
  setStatus(localAws, stack, "CREATE_COMPLETE");
}

interface Started {
  readonly logicalId: string;
  readonly before: KeptResource | undefined;
}

async function atStart(
  provisioning: Provisioning,
  stack: Stack,
  scope: Scope,
  { logicalId, before }: Started,
): Promise<StackResource> {
  const wanted = wantedOf(stack, scope, logicalId);
  const { Type: type } = wanted.template;
  if (!before || isWatching(type)) return makeResource(provisioning, stack, wanted);
  if (!isCustom(type)) {
    const properties = replacing(typeOf(provisioning, type), wanted.properties);
    refuseReplacement(before, { type, properties });
  }
  const made = await makeResource(provisioning, stack, wanted, { generation: 0, ...before });
  // Another id is another resource: the old one goes, as CloudFormation's clean-up has it.
  if (isCustom(type) && made.ref !== before.ref)
    await removeIfPossible(provisioning, stack, logicalId, before);
  return made;
}

async function removeVanished(
  provisioning: Provisioning,
  stack: Stack,
  logicalId: string,
  resource: KeptResource,
): Promise<void> {
  if (!resource.isRetained) await removeIfPossible(provisioning, stack, logicalId, resource);
  provisioning.kept.delete(keyOf(stack, logicalId));
}

/** What cannot be removed stays: a start that fails for it would never succeed. */
async function removeIfPossible(
  provisioning: Provisioning,
  stack: Stack,
  logicalId: string,
  resource: KeptResource,
): Promise<void> {
  try {
    await removeResource(provisioning, stack, logicalId, resource);
  } catch (error) {
    const line = `not deleted: ${String(error)}`;
    provisioning.localAws.emit({ kind: "log", functionName: logicalId, line });
  }
}
