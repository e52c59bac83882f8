/** What each command takes: path parameters, query and body together. */
import * as z from "zod/mini";
import { MEDIA } from "../calls/call.ts";
import { namedOperationSchema } from "../calls/clean-up.ts";
import { NOTIFY_TYPES } from "../calls/device.ts";
import { canonicalToken } from "../calls/device-token.ts";
import { callIdSchema, clientIdSchema, deviceIdSchema } from "../calls/ids.ts";
import { HISTORY_PAGE, MAX_DELETED_CLIENT_IDS } from "../calls/limits.ts";
import { Secret } from "../calls/secret.ts";
import { calleeIdsSchema, deviceTokenSchema, epochMs, idempotencyKeySchema, inCall } from "./fields.ts";

export const registerInput = z
  .object({
    notifyType: z.enum(NOTIFY_TYPES),
    deviceToken: deviceTokenSchema,
    clientId: z.optional(clientIdSchema).check(z.describe("Add the device to this client")),
    deviceId: z
      .optional(deviceIdSchema)
      .check(
        z.describe(
          "Your name for this phone. Its ordinary and its VoIP token, and the tokens that replace them, belong to one device",
        ),
      ),
    anotherClient: z
      .optional(z.boolean())
      .check(
        z.describe(
          "Create a further client, a second line. Without it all phones of a person share one client",
        ),
      ),
  })
  .check(
    z.refine(({ clientId, anotherClient }) => clientId === undefined || !anotherClient, {
      path: ["anotherClient"],
      message: "expected without clientId",
    }),
    z.overwrite((input) => {
      const { notifyType, deviceToken } = input;
      // Runs whether or not the members are right.
      return deviceToken instanceof Secret && typeof notifyType === "string"
        ? { ...input, deviceToken: canonicalToken(notifyType, deviceToken) }
        : input;
    }),
  );
export const unregisterInput = z
  .object({
    clientId: clientIdSchema,
    deviceToken: z.optional(deviceTokenSchema),
    deviceId: z.optional(deviceIdSchema),
  })
  .check(
    z.refine((input) => input.deviceToken !== undefined || input.deviceId !== undefined, {
      path: ["deviceId"],
      message: "expected deviceId or deviceToken",
    }),
  );
export const initiateCallInput = z
  .object({
    callerId: clientIdSchema,
    calleeId: z.optional(clientIdSchema),
    calleeIds: z
      .optional(calleeIdsSchema)
      .check(z.describe("Instead of calleeId, for a group call: all of them ring")),
    media: z._default(z.enum(MEDIA), "audio"),
    deviceId: z.optional(deviceIdSchema),
    idempotencyKey: idempotencyKeySchema.check(
      z.describe("Within a day, a repeat with the same key returns the same call"),
    ),
  })
  .check(
    z.refine(({ calleeId, calleeIds = [] }) => (calleeId === undefined) !== (calleeIds.length === 0), {
      path: ["calleeId"],
      message: "expected either calleeId or calleeIds",
    }),
  );
export const addToCallInput = z.object({
  callId: callIdSchema,
  clientId: z.optional(clientIdSchema),
  calleeIds: calleeIdsSchema.check(z.minLength(1)),
});
export const answerCallInput = z.object(inCall);
export const declineCallInput = z.object(inCall);
export const ackRingingInput = z.object(inCall);
export const endCallInput = z
  .object({
    clientId: clientIdSchema,
    callId: z
      .optional(callIdSchema)
      .check(
        z.describe(
          "Send it always, so that a late retry cannot end the next call. Required for operators, and to end a call that another phone of the client is in",
        ),
      ),
    deviceId: z.optional(deviceIdSchema),
    everyone: z
      .optional(z.boolean())
      .check(z.describe("Operators only: end the call for everyone in it. clientId is any participant")),
  })
  .check(
    z.refine(({ everyone, callId }) => !everyone || callId !== undefined, {
      path: ["callId"],
      message: "expected with everyone",
    }),
  );
export const rejoinCallInput = z.object({
  ...inCall,
  takeOver: z
    .optional(z.boolean())
    .check(z.describe("Move the call here from another of your phones, which is removed from the stage")),
});
export const deleteClientIdsInput = z.object({
  clientIds: z.array(clientIdSchema).check(z.minLength(1), z.maxLength(MAX_DELETED_CLIENT_IDS)),
  idempotencyKey: idempotencyKeySchema.check(
    z.describe("Without a key, a request for the same clients is the same operation"),
  ),
});
export const getOperationInput = z.object({ operationId: namedOperationSchema });
export const getCallInput = z.object({ callId: callIdSchema });
export const listCallsInput = z.object({
  clientId: clientIdSchema,
  limit: z._default(
    z.coerce.number().check(z.int(), z.gte(1), z.lte(HISTORY_PAGE.max)),
    HISTORY_PAGE.default,
  ),
  nextToken: z.optional(z.string().check(z.maxLength(512))).check(z.describe("From the previous page")),
});
export const listClientsInput = z.object({});
export const getClientInput = z.object({ clientId: clientIdSchema });
export const blockClientInput = z.object({ clientId: clientIdSchema, blockedId: clientIdSchema });
export const setDoNotDisturbInput = z.object({
  clientId: clientIdSchema,
  untilMs: z.nullable(epochMs).check(z.describe("Until then calls do not ring. 0 ends it, and so does null")),
});
