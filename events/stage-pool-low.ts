/** A call has found few free stages: the keeper of the pool need not wait for its minute. */
import * as z from "zod/mini";
import { defineEvent } from "./event.ts";

export const StagePoolLow = defineEvent(
  "StagePoolLow",
  1,
  z.object({
    v: z.literal(1),
    atMs: z.int(),
    /** Id of the request: the `requestId` of its log lines. */
    causedBy: z.optional(z.string()),
  }),
);
