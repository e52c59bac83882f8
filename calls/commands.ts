/**
 * What a phone can ask: one table, two spellings. Each command is an `action` of the envelope that the apps post to
 * `/`, and a route of its own; path parameters and body together are the input. The OpenAPI document is printed from
 * these schemas. All commands need a Cognito access token; see problems.ts for the errors.
 */
import * as z from "zod/mini";
import { END_REASONS } from "../events/end-reason.ts";
import { CALL_STATUSES, deviceProgressSchema, LEG_STATUSES, MEDIA, SILENCES } from "./call.ts";
import {
  FAILURE_REASONS,
  failureSchema,
  namedOperationSchema,
  operationIdSchema,
  talliesSchema,
} from "./clean-up.ts";
import { NOTIFY_TYPES } from "./device.ts";
import { canonicalToken, withoutDescription } from "./device-token.ts";
import { callIdSchema, clientIdSchema, deviceIdSchema } from "./ids.ts";
import {
  HISTORY_PAGE,
  MAX_BODY_BYTES,
  MAX_DELETED_CLIENT_IDS,
  MAX_DELETION_BODY_BYTES,
  MAX_DEVICE_TOKEN_LENGTH,
  MAX_LEGS,
} from "./limits.ts";
import { Secret } from "./secret.ts";

const DEVICE_TOKEN = new RegExp(`^[\\x21-\\x7e]{1,${MAX_DEVICE_TOKEN_LENGTH}}$`);
const deviceTokenSchema = z.pipe(
  z
    .string()
    .check(
      z.overwrite(withoutDescription),
      z.regex(DEVICE_TOKEN, `expected 1 to ${MAX_DEVICE_TOKEN_LENGTH} printable characters without spaces`),
    ),
  z.transform((token) => new Secret(token)),
);

/** More than 32 bits: code that is generated from the OpenAPI document takes `integer` without a format for an Int. */
export const epochMs = z
  .int()
  .check(z.meta({ format: "int64", description: "Milliseconds since 1970-01-01T00:00:00Z" }));

/** A call as its people may see it: no tokens, no owners. */
export const callViewSchema = z.object({
  callId: callIdSchema,
  status: z.enum(CALL_STATUSES),
  endReason: z.optional(z.enum(END_REASONS)),
  media: z.enum(MEDIA),
  callerId: clientIdSchema,
  calleeId: clientIdSchema,
  version: z.int(),
  createdAtMs: epochMs,
  ringExpiresAtMs: epochMs,
  answeredAtMs: z.optional(epochMs),
  endedAtMs: z.optional(epochMs),
  legs: z.array(
    z.object({
      leg: z.int(),
      clientId: clientIdSchema,
      role: z.enum(["caller", "callee"]),
      status: z.enum(LEG_STATUSES),
      endReason: z.optional(z.enum(END_REASONS)).check(z.describe("Why the leg is over; the call may go on")),
      ringingAtMs: z.optional(epochMs),
      joinedAtMs: z.optional(epochMs),
      leftAtMs: z.optional(epochMs),
      deviceId: z.optional(deviceIdSchema).check(z.describe("Only of your own leg: the device that acted")),
      devices: z
        .optional(z.array(z.object({ deviceId: z.string(), ...deviceProgressSchema.shape })))
        .check(z.describe("Only of your own leg: what was pushed to each device, and whether it rang")),
      silenced: z.optional(z.enum(SILENCES)).check(z.describe("Shown to operators only")),
    }),
  ),
});
export type CallView = z.infer<typeof callViewSchema>;

const joinReplySchema = z.object({
  token: z.string().check(z.describe("IVS participant token: a JWT with which the phone joins the stage")),
  ...callViewSchema.shape,
});

const inCall = {
  callId: callIdSchema,
  clientId: z.optional(clientIdSchema),
  deviceId: z.optional(deviceIdSchema),
};

export const registerInput = z
  .object({
    notifyType: z.enum(NOTIFY_TYPES),
    deviceToken: deviceTokenSchema,
    clientId: z.optional(clientIdSchema).check(z.describe("Adds the device to this client")),
    deviceId: z
      .optional(deviceIdSchema)
      .check(
        z.describe(
          "Names the phone: its ordinary and its VoIP token, and the tokens that replace them, are one device",
        ),
      ),
    anotherClient: z
      .optional(z.boolean())
      .check(
        z.describe(
          "A further client of the person, a second line; without it all phones of a person are one client's",
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
/** From the header Idempotency-Key. */
const idempotencyKeySchema = z.optional(
  z.string().check(z.regex(/^[\x21-\x7e]{1,255}$/, "expected 1 to 255 printable characters without spaces")),
);
const calleeIdsSchema = z.array(clientIdSchema).check(
  z.maxLength(MAX_LEGS - 1),
  z.refine((ids) => new Set(ids).size === ids.length, "expected different clients"),
);

export const initiateCallInput = z
  .object({
    callerId: clientIdSchema,
    calleeId: z.optional(clientIdSchema),
    calleeIds: z.optional(calleeIdsSchema).check(z.describe("Instead of calleeId: all of them ring")),
    media: z._default(z.enum(MEDIA), "audio"),
    deviceId: z.optional(deviceIdSchema),
    idempotencyKey: idempotencyKeySchema.check(z.describe("A repeat within a day is the same call")),
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
          "Keeps a late retry from ending the next call; operators need it, and a phone that ends what another phone of the client is in",
        ),
      ),
    deviceId: z.optional(deviceIdSchema),
    everyone: z
      .optional(z.boolean())
      .check(z.describe("Operators only: the whole call ends, a group's too; clientId is anybody's in it")),
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
    .check(z.describe("Moves the call here from another of one's phones, which is removed from the stage")),
});
export const deleteClientIdsInput = z.object({
  clientIds: z.array(clientIdSchema).check(z.minLength(1), z.maxLength(MAX_DELETED_CLIENT_IDS)),
  idempotencyKey: idempotencyKeySchema.check(
    z.describe("Without it the same clients are the same operation"),
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
  nextToken: z.optional(z.string().check(z.maxLength(512))).check(z.describe("From the page before")),
});
export const listClientsInput = z.object({});
export const getClientInput = z.object({ clientId: clientIdSchema });
export const blockClientInput = z.object({ clientId: clientIdSchema, blockedId: clientIdSchema });
export const setDoNotDisturbInput = z.object({
  clientId: clientIdSchema,
  untilMs: z.nullable(epochMs).check(z.describe("Until then no phone is told of a call; null ends it")),
});

/** A call as one of its legs remembers it. */
export const pastCallSchema = z.object({
  callId: callIdSchema,
  role: z.enum(["caller", "callee"]),
  otherClientId: clientIdSchema,
  media: z.enum(MEDIA),
  endReason: z.enum(END_REASONS).check(z.describe("How it ended for this leg")),
  createdAtMs: epochMs,
  ringingAtMs: z.optional(epochMs),
  answeredAtMs: z.optional(epochMs).check(z.describe("When this leg could speak")),
  endedAtMs: epochMs,
  durationMs: z.int().check(z.nonnegative(), z.describe("How long this leg could speak")),
  deviceId: z.optional(deviceIdSchema).check(z.describe("The device that called, answered or declined")),
});
export type PastCall = z.infer<typeof pastCallSchema>;

const clientSettingsSchema = z.object({
  id: clientIdSchema,
  devices: z.array(z.object({ deviceId: z.string(), lastSeenAtMs: epochMs })),
  blockedIds: z.array(clientIdSchema),
  doNotDisturbUntilMs: z.optional(epochMs),
  lostDevices: z
    .optional(z.array(z.object({ deviceId: deviceIdSchema, atMs: epochMs })))
    .check(
      z.describe(
        "The last 10 devices whose push token another person has registered: they ring for that person",
      ),
    ),
  activeCallId: z
    .optional(callIdSchema)
    .check(
      z.describe(
        "The call that it is in, with whichever of its phones, or that rings for it: for a phone that starts, or that no push has reached",
      ),
    ),
});

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
    action: "listClients",
    summary:
      "Read one's own clients with their devices, the default one first: a reinstalled app finds itself",
    route: { method: "GET", path: "/clients" },
    input: listClientsInput,
    reply: z.object({ clients: z.array(clientSettingsSchema) }),
  },
  {
    action: "getClient",
    summary:
      "Read an own client: its devices, the call it is in, whom it blocks, until when it is not to be disturbed",
    route: { method: "GET", path: "/clients/{clientId}" },
    input: getClientInput,
    reply: clientSettingsSchema,
  },
  {
    action: "blockClient",
    summary: "Block the person of another client: to them, these phones cannot be reached",
    route: { method: "POST", path: "/clients/{clientId}/block" },
    input: blockClientInput,
    reply: clientSettingsSchema,
  },
  {
    action: "unblockClient",
    summary: "Let a blocked client call again",
    route: { method: "POST", path: "/clients/{clientId}/unblock" },
    input: blockClientInput,
    reply: clientSettingsSchema,
  },
  {
    action: "setDoNotDisturb",
    summary: "Keep this client's phones silent until a time",
    route: { method: "POST", path: "/clients/{clientId}/do-not-disturb" },
    input: setDoNotDisturbInput,
    reply: clientSettingsSchema,
  },
  {
    action: "initiateCall",
    summary: "Call one client, or several: their phones ring, and the caller gets a participant token",
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
    action: "rejoinCall",
    summary:
      "Get another participant token for a call that one takes part in, after losing the network; with takeOver on another phone",
    route: { method: "POST", path: "/calls/{callId}/rejoin" },
    input: rejoinCallInput,
    reply: joinReplySchema,
  },
  {
    action: "addToCall",
    summary:
      "Ring more people in a call that one takes part in. Operators do so for any call, and are the only ones who add again whom an operator removed; a caller comes back by rejoinCall then",
    route: { method: "POST", path: "/calls/{callId}/add" },
    input: addToCallInput,
    reply: callViewSchema,
  },
  {
    action: "endCall",
    summary:
      "Hang up, cancel or decline, whichever applies; repeating it is harmless. Of others, operators remove a person (removed) or end the call for everyone (ended_by_operator)",
    route: { method: "POST", path: "/calls/{callId}/end" },
    input: endCallInput,
    reply: z.object({
      ended: z.boolean().check(z.describe("Whether the client's part is over; false when it was in no call")),
      callId: z.optional(callIdSchema),
      endReason: z.optional(z.enum(END_REASONS)),
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
    action: "listCalls",
    summary: "Calls of the last 90 days that an own client had, newest first",
    route: { method: "GET", path: "/clients/{clientId}/calls" },
    input: listCallsInput,
    reply: z.object({ calls: z.array(pastCallSchema), nextToken: z.optional(z.string()) }),
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
      requested: z.int().check(z.describe("How many different clients")),
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
      execution: z.string().check(z.describe("ARN of the execution to look at")),
      askedAtMs: epochMs,
      endedAtMs: z.optional(epochMs),
      counts: z
        .optional(talliesSchema)
        .check(
          z.describe(
            "Of clients: while it runs, what the batches have come to so far; then what the report says",
          ),
        ),
      reasons: z.optional(z.partialRecord(z.enum(FAILURE_REASONS), z.int())),
      failures: z.optional(z.array(failureSchema)).check(z.describe("The first 100")),
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
