/** What happens to a client. */
import * as z from "zod/mini";
import { defineEvent } from "./event.ts";

/** A phone registered a push token. */
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

/**
 * `device_token_lost`: another person has registered a push token of this client, so that phone rings for them now. Either the
 * phone is in other hands, or its token has leaked.
 */
export const CLIENT_CHANGES = ["device_token_lost"] as const;
export type ClientChange = (typeof CLIENT_CHANGES)[number];

/** A change of a client that its owner did not make. */
export const ClientUpdated = defineEvent(
  "ClientUpdated",
  1,
  z.object({
    v: z.literal(1),
    clientId: z.string(),
    change: z.enum(CLIENT_CHANGES),
    /** The phone that it concerns, as it was called in this client. */
    deviceId: z.string(),
    atMs: z.int(),
    /** Id of the request: the `requestId` of its log lines. */
    causedBy: z.optional(z.string()),
  }),
);
