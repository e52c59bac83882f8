/** A deletion of clients is over: asked for by an app, by an operator, or nightly for those not seen for long. */
import * as z from "zod/mini";
import { defineEvent } from "./event.ts";

export const ClientsDeleted = defineEvent(
  "ClientsDeleted",
  1,
  z.object({
    v: z.literal(1),
    operationId: z.string(),
    /** `failed`: the run was given up; what it did by then is counted. A later run tells of all runs together. */
    status: z.enum(["done", "failed"]),
    /** Nothing was deleted: the counts say what would have been. */
    dryRun: z.boolean(),
    deleted: z.int(),
    alreadyGone: z.int(),
    callsEnded: z.int(),
    failed: z.int(),
    /** How many failed for which reason. */
    reasons: z.record(z.string(), z.int()),
    atMs: z.int(),
  }),
);
