/** A phone registered a push token. */
import * as z from "zod/mini";
import { defineEvent } from "./event.ts";

export const ClientRegistered = defineEvent(
  "ClientRegistered",
  1,
  z.object({
    v: z.literal(1),
    clientId: z.string(),
    deviceId: z.string(),
    notifyType: z.string(),
    /** False when the same person registered the same token again. */
    created: z.boolean(),
    atMs: z.int(),
    /** Id of the request: the `requestId` of its log lines. */
    causedBy: z.optional(z.string()),
  }),
);
