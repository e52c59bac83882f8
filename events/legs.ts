/** One client's part in a call. */
import * as z from "zod/mini";
import { callSnapshotSchema, legSnapshotSchema } from "./call-snapshot.ts";
import { defineEvent } from "./event.ts";

/** Phones of another client are to ring, in a call that has begun. */
export const LegInvited = defineEvent(
  "LegInvited",
  1,
  z.object({ ...callSnapshotSchema.shape, ...legSnapshotSchema.shape }),
);

/** Another client takes part in a call that was answered before. */
export const LegJoined = defineEvent(
  "LegJoined",
  1,
  z.object({ ...callSnapshotSchema.shape, ...legSnapshotSchema.shape }),
);

/** Another phone of the client takes part from now on, in the place of the one that did. */
export const LegMoved = defineEvent(
  "LegMoved",
  1,
  z.object({ ...callSnapshotSchema.shape, ...legSnapshotSchema.shape }),
);

/** A leg is over: hung up, declined, timed out, dropped, removed, or taken along by the end of the call. One for each. */
export const LegEnded = defineEvent(
  "LegEnded",
  1,
  z.object({
    ...callSnapshotSchema.shape,
    ...legSnapshotSchema.shape,
    /** Another event of the same change wakes the workflow: of several one is enough. */
    wakes: z.optional(z.literal(false)),
  }),
);

/** The call as one of its legs sees it: one event per leg and change, the source of live state on that phone. */
export const LegUpdated = defineEvent(
  "LegUpdated",
  1,
  z.object({ ...callSnapshotSchema.shape, ...legSnapshotSchema.shape }),
);
export type LegUpdatedDetail = z.infer<typeof LegUpdated.schema>;

/** A place on the stage was prepared for a leg. The token itself is never in an event. */
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
