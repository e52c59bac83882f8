/** DeleteStack: what is retained stays and is told as skipped; what cannot be deleted fails the deletion, which can be repeated. */
import { isRetained } from "./kept-resources.ts";
import { allOf, listed, removeResources } from "./remove-resources.ts";
import { setStatus, type Stack } from "./stack.ts";
import type { Provisioning } from "./stack-resource.ts";

/** `retained`: logical ids that stay this time, after a deletion that has failed. */
export async function deleteStack(
  provisioning: Provisioning,
  stack: Stack,
  retained: readonly string[],
): Promise<void> {
  const { localAws } = provisioning;
  setStatus(localAws, stack, "DELETE_IN_PROGRESS", "User Initiated");
  const kept = new Set(retained.map((logicalId) => stack.resources.get(logicalId)?.template));
  const failed = await removeResources(
    provisioning,
    stack,
    allOf(stack),
    (template) => isRetained(template) || kept.has(template),
  );
  if (failed.length > 0) return setStatus(localAws, stack, "DELETE_FAILED", listed("delete", failed));
  stack.deletedAtMs = localAws.clock.now();
  setStatus(localAws, stack, "DELETE_COMPLETE");
}
