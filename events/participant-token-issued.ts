/** A place on the stage was prepared for a leg. The token itself is never in an event. */
import * as z from "zod/mini";
import { callSnapshotSchema, legSnapshotSchema } from "./call-snapshot.ts";
import { defineEvent } from "./event.ts";

export const ParticipantTokenIssued = defineEvent(
  "ParticipantTokenIssued",
  1,
  z.object({
    ...callSnapshotSchema.shape,
    ...legSnapshotSchema.shape,
    /** The `jti` of the token: the participant's id in IVS and in its events. */
    participantId: z.string(),
    /** Absent while phones ring: the answer sets it. */
    expiresAtMs: z.optional(z.int()),
  }),
);
