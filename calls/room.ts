/**
 * The room in which the participants of a call meet. The media provider makes the reference and reads it; the core tells rooms
 * apart by their id and hands the rest on as it is. The names under which it is stored are those of the first provider, IVS.
 */
import * as z from "zod/mini";

export const roomSchema = z.looseObject({ stageId: z.string() });
export type Room = z.infer<typeof roomSchema>;

export const isSameRoom = (one: Room | undefined, other: Room | undefined): boolean =>
  one?.stageId === other?.stageId;
