/**
 * The stages that the pool begins with: a custom resource makes them with the stack, and more when `minStages` rises. The keeper
 * (schedules.ts) does the rest.
 */
import { CustomResource, Duration, Stack } from "aws-cdk-lib";
import { Construct } from "constructs";
import { stagesByDue } from "../handlers/store/tables.ts";
import type { Foundation } from "./foundation.ts";
import { createFunction } from "./function.ts";
import { fixLogicalId } from "./logical-id.ts";
import { ivsRegion } from "./regions.ts";
import type { StageDeletion } from "./stage-deletion.ts";
import { allowStages } from "./stage-access.ts";

export interface StagePoolProps extends Foundation {
  readonly stageDeletion: StageDeletion;
}

export class StagePool extends Construct {
  constructor(scope: Construct, id: string, { stageDeletion, ...foundation }: StagePoolProps) {
    super(scope, id);
    const { bundles, settings, tables } = foundation;
    const filler = createFunction(this, "fill-stages", {
      bundles,
      environment: { MIN_STAGES: String(settings.minStages), STACK_NAME: Stack.of(this).stackName },
    });
    tables.grant(filler, "stages", "PutItem");
    tables.grantIndex(filler, "stages", stagesByDue);
    allowStages(filler, "CreateStage", "TagResource");
    const pool = new CustomResource(this, "stages", {
      resourceType: "Custom::StagePool",
      serviceToken: filler.functionArn,
      serviceTimeout: Duration.minutes(6),
      properties: { MinStages: settings.minStages, Region: ivsRegion(this) },
    });
    fixLogicalId(pool, "StagePool");
    // A failed creation deletes the stages that it has made.
    pool.node.addDependency(stageDeletion);
  }
}
