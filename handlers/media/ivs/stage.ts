/** A stage of IVS: what a call keeps of it as its room. */
import * as z from "zod/mini";
import type { Room } from "../../../calls/room.ts";

export const stageSchema = z.object({
  stageId: z.string(),
  arn: z.string(),
  /** As IVS gave them: tokens carry them. */
  endpoints: z.object({ events: z.string(), whip: z.string() }),
});
export type Stage = z.infer<typeof stageSchema>;

export const stageIn = (room: Room): Stage => stageSchema.parse(room);

/** All that requests to IVS need, and what a removal keeps. */
const namedStageSchema = z.object({ stageId: z.string(), arn: z.string() });

export const namedStage = (room: Room): z.infer<typeof namedStageSchema> => namedStageSchema.parse(room);
