/** IVS Stage Update: who began and who stopped publishing, as IVS says it on the default bus. */
import * as z from "zod/mini";
import { participantOf } from "../../../calls/ids.ts";
import type { ParticipantSaid } from "../port.ts";

/** A participant whose id is not of our making is nobody's business here. */
export const stageUpdate = z.pipe(
  z.object({
    source: z.literal("aws.ivs"),
    detail: z.object({
      event_name: z.enum(["Participant Published", "Participant Unpublished"]),
      participant_id: z.string(),
      event_time: z.iso.datetime(),
      event_time_precise: z.optional(z.iso.datetime()),
    }),
  }),
  z.transform(({ detail }): ParticipantSaid => {
    const who = participantOf(detail.participant_id);
    if (!who) return { kind: "foreign" };
    const atMs = Date.parse(detail.event_time_precise ?? detail.event_time);
    const published = detail.event_name === "Participant Published";
    return { kind: published ? "published" : "stopped", ...who, atMs };
  }),
);
