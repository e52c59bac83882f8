/**
 * What a phone can ask: one table, two spellings. Each command is an `action` of the envelope that the apps post to
 * `/`, and a route of its own; path parameters and body together are the input. The OpenAPI document is printed from
 * these schemas. All commands need a Cognito access token; see problems.ts for the errors.
 */
import * as z from "zod";
import { CALL_STATUSES, END_REASONS, LEG_STATUSES, MEDIA, PUSH_OUTCOMES } from "./call.ts";
import { FAILURE_REASONS, failureSchema, operationIdSchema, talliesSchema } from "./clean-up.ts";
import { callIdSchema, clientIdSchema, deviceIdSchema } from "./ids.ts";
import {
  MAX_DELETED_CLIENT_IDS,
  MAX_DELETION_BODY_BYTES,
  MAX_BODY_BYTES,
  MAX_DEVICE_TOKEN_LENGTH,
} from "./limits.ts";
import { Secret } from "./secret.ts";

/** The push channels of Pinpoint that an app can register for. */
export const NOTIFY_TYPES = ["GCM", "APNS", "APNS_SANDBOX", "APNS_VOIP", "APNS_VOIP_SANDBOX"] as const;
export type NotifyType = (typeof NOTIFY_TYPES)[number];

const DEVICE_TOKEN = new RegExp(`^[\\x21-\\x7e]{1,${MAX_DEVICE_TOKEN_LENGTH}}$`);
const deviceTokenSchema = z
  .string()
  .regex(DEVICE_TOKEN, `expected 1 to ${MAX_DEVICE_TOKEN_LENGTH} printable characters without spaces`)
  .transform((token) => new Secret(token));

const epochMs = z.number().int().describe("Milliseconds since 1970-01-01T00:00:00Z");

/** A call as its people may see it: no tokens, no owners. */
export const callViewSchema = z.object({
  callId: callIdSchema,
  status: z.enum(CALL_STATUSES),
  endReason: z.enum(END_REASONS).optional(),
  media: z.enum(MEDIA),
  callerId: clientIdSchema,
  calleeId: clientIdSchema,
  version: z.number().int(),
  createdAtMs: epochMs,
  ringExpiresAtMs: epochMs,
  answeredAtMs: epochMs.optional(),
  endedAtMs: epochMs.optional(),
  legs: z.array(
    z.object({
      leg: z.number().int(),
      clientId: clientIdSchema,
      role: z.enum(["caller", "callee"]),
      status: z.enum(LEG_STATUSES),
      deviceId: deviceIdSchema.optional(),
    }),
  ),
  devices: z.array(
    z.object({
      deviceId: z.string(),
      ringingAtMs: epochMs.optional(),
      pushes: z.record(z.string(), z.object({ outcome: z.enum(PUSH_OUTCOMES), atMs: epochMs })),
    }),
  ),
});
export type CallView = z.infer<typeof callViewSchema>;

const joinReplySchema = z.object({
  token: z.string().describe("IVS participant token: a JWT with which the phone joins the stage"),
  ...callViewSchema.shape,
});

const inCall = {
  callId: callIdSchema,
  clientId: clientIdSchema.optional(),
  deviceId: deviceIdSchema.optional(),
};

export const registerInput = z.object({
  notifyType: z.enum(NOTIFY_TYPES),
  deviceToken: deviceTokenSchema,
  clientId: clientIdSchema.optional().describe("Adds the device to this client"),
  deviceId: deviceIdSchema.optional().describe("Names a phone that has several tokens"),
});
export const unregisterInput = z
  .object({
    clientId: clientIdSchema,
    deviceToken: deviceTokenSchema.optional(),
    deviceId: deviceIdSchema.optional(),
  })
  .refine((input) => input.deviceToken !== undefined || input.deviceId !== undefined, {
    path: ["deviceId"],
    message: "expected deviceId or deviceToken",
  });
export const initiateCallInput = z.object({
  callerId: clientIdSchema,
  calleeId: clientIdSchema,
  media: z.enum(MEDIA).default("audio"),
  deviceId: deviceIdSchema.optional(),
});
export const answerCallInput = z.object(inCall);
export const declineCallInput = z.object(inCall);
export const ackRingingInput = z.object(inCall);
export const endCallInput = z.object({
  clientId: clientIdSchema,
  callId: callIdSchema.optional().describe("Keeps a late retry from ending the next call"),
});
export const deleteClientIdsInput = z.object({
  clientIds: z.array(clientIdSchema).min(1).max(MAX_DELETED_CLIENT_IDS),
  idempotencyKey: z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, "expected 1 to 255 printable characters without spaces")
    .optional()
    .describe("Or the header Idempotency-Key. Without it the same clients are the same operation"),
});
export const getOperationInput = z.object({ operationId: operationIdSchema });
export const getCallInput = z.object({ callId: callIdSchema });

export const commands = [
  {
    action: "register",
    summary: "Register a push token; the reply's id is the person's address for calls",
    route: { method: "POST", path: "/clients" },
    input: registerInput,
    reply: z.object({ id: clientIdSchema, deviceId: deviceIdSchema, created: z.boolean() }),
  },
  {
    action: "unregister",
    summary: "Remove a device, as on sign-out: it rings no more",
    route: { method: "POST", path: "/clients/{clientId}/unregister" },
    input: unregisterInput,
    reply: z.object({ id: clientIdSchema, removed: z.boolean() }),
  },
  {
    action: "initiateCall",
    summary: "Call a client: its phones ring, and the caller gets a participant token",
    route: { method: "POST", path: "/calls" },
    input: initiateCallInput,
    reply: joinReplySchema,
  },
  {
    action: "answerCall",
    summary: "Answer a call: the first device to do so gets the participant token",
    route: { method: "POST", path: "/calls/{callId}/answer" },
    input: answerCallInput,
    reply: joinReplySchema,
  },
  {
    action: "declineCall",
    summary: "Say no to a call",
    route: { method: "POST", path: "/calls/{callId}/decline" },
    input: declineCallInput,
    reply: callViewSchema,
  },
  {
    action: "ackRinging",
    summary: "Say that this device rings, so that the caller hears it",
    route: { method: "POST", path: "/calls/{callId}/ringing" },
    input: ackRingingInput,
    reply: callViewSchema,
  },
  {
    action: "endCall",
    summary: "Hang up, cancel or decline, whichever applies; repeating it is harmless",
    route: { method: "POST", path: "/calls/{callId}/end" },
    input: endCallInput,
    reply: z.object({
      ended: z.boolean().describe("False when the client was in no call"),
      callId: callIdSchema.optional(),
      endReason: z.enum(END_REASONS).optional(),
    }),
  },
  {
    action: "getCall",
    summary: "Read a call in which the person has a leg; operators read any",
    route: { method: "GET", path: "/calls/{callId}" },
    input: getCallInput,
    reply: callViewSchema,
  },
  {
    action: "deleteClientIds",
    summary: "Delete clients with their devices and calls; operators delete anybody's",
    route: { method: "POST", path: "/deletions" },
    input: deleteClientIdsInput,
    maxBodyBytes: MAX_DELETION_BODY_BYTES,
    /** Accepted: `getOperation` tells how it goes. */
    status: 202,
    reply: z.object({
      operationId: operationIdSchema,
      requested: z.number().int().describe("How many different clients"),
    }),
  },
  {
    action: "getOperation",
    summary: "How a deletion goes, and what became of the clients",
    route: { method: "GET", path: "/operations/{operationId}" },
    input: getOperationInput,
    reply: z.object({
      operationId: operationIdSchema,
      status: z.enum(["running", "done", "failed"]),
      dryRun: z.boolean(),
      execution: z.string().describe("ARN of the execution to look at"),
      askedAtMs: epochMs,
      endedAtMs: epochMs.optional(),
      counts: talliesSchema.optional(),
      reasons: z.partialRecord(z.enum(FAILURE_REASONS), z.number().int()).optional(),
      failures: z.array(failureSchema).optional().describe("The first 100"),
    }),
  },
] as const;

export type Command = (typeof commands)[number];
/** Most commands are answered at once and take a small body. */
export const statusOf = (command: Command): number => ("status" in command ? command.status : 200);
export const maxBodyBytesOf = (command: Command): number =>
  "maxBodyBytes" in command ? command.maxBodyBytes : MAX_BODY_BYTES;
export type Action = Command["action"];
export type InputOf<A extends Action> = z.output<Extract<Command, { action: A }>["input"]>;
export type ReplyOf<A extends Action> = z.input<Extract<Command, { action: A }>["reply"]>;
