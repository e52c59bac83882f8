/**
 * The end of the pool: a custom resource that deletes the stack's stages when the stack is deleted. Makers of stages depend on it,
 * so CloudFormation creates it before the first stage, and deletes it after the keeper.
 */
import { CustomResource, Duration, Stack } from "aws-cdk-lib";
import { Construct } from "constructs";
import type { Foundation } from "./foundation.ts";
import { createFunction } from "./function.ts";
import { functionSizes } from "./function-sizes.ts";
import { fixLogicalId } from "./logical-id.ts";
import { allowListingStages, allowStages } from "./stage-access.ts";

/** For the reply, after the function's own time. */
const REPLY_SECONDS = 60;

export class StageDeletion extends Construct {
  constructor(scope: Construct, id: string, { bundles, tables }: Pick<Foundation, "bundles" | "tables">) {
    super(scope, id);
    const deleter = createFunction(this, "delete-stages", {
      bundles,
      environment: { STACK_NAME: Stack.of(this).stackName },
    });
    // The keeper's lease.
    tables.grant(deleter, "stages", "UpdateItem");
    allowStages(deleter, "DeleteStage");
    allowListingStages(deleter);
    const { timeoutSeconds } = functionSizes["delete-stages"];
    const deletion = new CustomResource(this, "deletion", {
      resourceType: "Custom::StageDeletion",
      serviceToken: deleter.functionArn,
      serviceTimeout: Duration.seconds(timeoutSeconds + REPLY_SECONDS),
    });
    fixLogicalId(deletion, "StageDeletion");
  }
}
