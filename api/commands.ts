/**
 * What a phone can ask: one table, two spellings. Each command is an `action` of the envelope that the apps post to
 * `/`, and a route of its own; path parameters and body together are the input. The OpenAPI document is printed from
 * their schemas. All commands need a Cognito access token; see problems.ts for the errors.
 */
import * as z from "zod/mini";
import { END_REASONS } from "../events/end-reason.ts";
import { FAILURE_REASONS, failureSchema, operationIdSchema, talliesSchema } from "../calls/clean-up.ts";
import { callIdSchema, clientIdSchema, deviceIdSchema } from "../calls/ids.ts";
import { MAX_BODY_BYTES, MAX_DELETION_BODY_BYTES } from "../calls/limits.ts";
import { callViewSchema } from "./call-view.ts";
import { epochMs } from "./fields.ts";
import {
  ackRingingInput,
  addToCallInput,
  answerCallInput,
  blockClientInput,
  declineCallInput,
  deleteClientIdsInput,
  endCallInput,
  getCallInput,
  getClientInput,
  getOperationInput,
  initiateCallInput,
  listCallsInput,
  listClientsInput,
  registerInput,
  rejoinCallInput,
  setDoNotDisturbInput,
  unregisterInput,
} from "./inputs.ts";
import { clientSettingsSchema, joinReplySchema, pastCallSchema } from "./replies.ts";

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
