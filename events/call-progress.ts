/** The turning points of a call, each a snapshot of the call at that point. */
import * as z from "zod/mini";
import { callSnapshotSchema } from "./call-snapshot.ts";
import { defineEvent } from "./event.ts";

/** A call was admitted: both slots are taken and a stage is leased. Starts the workflow. */
export const CallInitiated = defineEvent("CallInitiated", 1, callSnapshotSchema);

/** A device of the callee has said that it rings. */
export const CallRinging = defineEvent(
  "CallRinging",
  1,
  z.object({
    ...callSnapshotSchema.shape,
    /** When the first phone said so. */
    ringingAtMs: z.optional(z.int()),
  }),
);

export const CallAnswered = defineEvent("CallAnswered", 1, callSnapshotSchema);

/** The callee said no. */
export const CallDeclined = defineEvent("CallDeclined", 1, callSnapshotSchema);

/** The caller gave up while it rang. */
export const CallCancelled = defineEvent("CallCancelled", 1, callSnapshotSchema);

/** The call is over and cleaned up. Once per call for a consumer that drops repeats by version. */
export const CallEnded = defineEvent("CallEnded", 1, callSnapshotSchema);
