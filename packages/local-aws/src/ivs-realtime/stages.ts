/** GetStage, UpdateStage and ListStages. */
import * as z from "zod";
import type { LocalAws, Operation } from "../local-aws.ts";
import { stageShape, stageSummary } from "./create-stage.ts";
import { ivsOperation, maxResults, nextToken, page, read, resourceName, stageArn } from "./request.ts";
import { stageAt, type World } from "./world.ts";

const getRequest = z.strictObject({ arn: stageArn });
const updateRequest = z.strictObject({ arn: stageArn, name: resourceName.optional() });
const listRequest = z.strictObject({
  nextToken: nextToken.optional(),
  maxResults: maxResults(100).optional(),
});

export function stageOperations(world: World, localAws: LocalAws): Record<string, Operation> {
  return {
    GetStage: ivsOperation({
      name: "GetStage",
      perSecond: 5,
      on: { member: "arn" },
      run: (input) => ({ stage: stageShape(stageAt(world, read(getRequest, input).arn)) }),
    }),
    UpdateStage: ivsOperation({
      name: "UpdateStage",
      perSecond: 5,
      on: { member: "arn" },
      run(input) {
        const { arn, name } = read(updateRequest, input);
        const stage = stageAt(world, arn);
        if (name !== undefined) world.stages.set(arn, Object.assign(stage, { name }));
        return { stage: stageShape(stage) };
      },
    }),
    ListStages: ivsOperation({
      name: "ListStages",
      perSecond: 5,
      on: { arn: localAws.arn("ivs", "stage/*") },
      run(input) {
        const { items, ...rest } = page(
          world.stages.values(),
          ({ serial }) => serial,
          read(listRequest, input),
        );
        return { stages: items.map(stageSummary), ...rest };
      },
    }),
  };
}
