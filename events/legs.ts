/** One client's part in a call. */
import * as z from "zod";
import { callSnapshotSchema, legSnapshotSchema } from "./call-snapshot.ts";
import { defineEvent } from "./event.ts";

/** A leg is over: hung up, timed out, or dropped. */
export const LegEnded = defineEvent(
  "LegEnded",
  1,
  z.object({ ...callSnapshotSchema.shape, ...legSnapshotSchema.shape }),
);

/** The call as one of its legs sees it: one event per leg and change, the source of live state on that phone. */
export const LegUpdated = defineEvent(
  "LegUpdated",
  1,
  z.object({ ...callSnapshotSchema.shape, ...legSnapshotSchema.shape }),
);
export type LegUpdatedDetail = z.infer<typeof LegUpdated.schema>;
