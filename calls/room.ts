/**
 * The room in which the participants of a call meet. The media provider writes and reads the reference; the core tells rooms
 * apart by their id and passes the rest on unchanged. Its stored names are those of the first provider, IVS.
 */
import * as z from "zod/mini";

export const roomSchema = z.looseObject({ stageId: z.string() });
export type Room = z.infer<typeof roomSchema>;

export const isSameRoom = (one: Room | undefined, other: Room | undefined): boolean =>
  one?.stageId === other?.stageId;
