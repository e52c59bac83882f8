/** Fixes the logical id of a resource that must survive: moving its construct to another file then replaces nothing. */
import type { CfnResource } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

export function fixLogicalId(construct: IConstruct, logicalId: string): void {
  const resource = construct.node.defaultChild as CfnResource; // an L2's default child is its L1
  resource.overrideLogicalId(logicalId);
}
