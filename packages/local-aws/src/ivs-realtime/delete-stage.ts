/** DeleteStage: every participant of the stage is disconnected, and its tokens are dead. */
import * as z from "zod";
import type { Operation } from "../local-aws.ts";
import type { Connections } from "./media-plane.ts";
import { ivsOperation, read, stageArn } from "./request.ts";
import { stageAt, type World } from "./world.ts";

const request = z.strictObject({ arn: stageArn });

export function deleteStage(world: World, { drop }: Connections): Operation {
  return ivsOperation({
    name: "DeleteStage",
    perSecond: 5,
    on: { member: "arn" },
    run(input) {
      const stage = stageAt(world, read(request, input).arn);
      for (const connection of stage.connections.values()) drop(stage, connection, "stage-deleted");
      stage.cancelSessionEnd?.();
      world.stages.delete(stage.arn);
      world.deletedStages.set(stage.arn, true);
      return {};
    },
  });
}
