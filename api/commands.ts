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
    summary: "Register a phone's push token. The id in the reply is the person's address for calls",
    route: { method: "POST", path: "/clients" },
    input: registerInput,
    reply: z.object({ id: clientIdSchema, deviceId: deviceIdSchema, created: z.boolean() }),
  },
  {
    action: "unregister",
    summary: "Remove a phone, for instance on sign-out. It stops ringing",
    route: { method: "POST", path: "/clients/{clientId}/unregister" },
    input: unregisterInput,
    reply: z.object({ id: clientIdSchema, removed: z.boolean() }),
  },
  {
    action: "listClients",
    summary:
      "Read your clients with their devices, the default client first. A reinstalled app finds its own here",
    route: { method: "GET", path: "/clients" },
    input: listClientsInput,
    reply: z.object({ clients: z.array(clientSettingsSchema) }),
  },
  {
    action: "getClient",
    summary:
      "Read one of your clients: its devices, its current call, its block list and its do-not-disturb time",
    route: { method: "GET", path: "/clients/{clientId}" },
    input: getClientInput,
    reply: clientSettingsSchema,
  },
  {
    action: "blockClient",
    summary: "Block the owner of another client. To them, your phones look unreachable",
    route: { method: "POST", path: "/clients/{clientId}/block" },
    input: blockClientInput,
    reply: clientSettingsSchema,
  },
  {
    action: "unblockClient",
    summary: "Unblock a client",
    route: { method: "POST", path: "/clients/{clientId}/unblock" },
    input: blockClientInput,
    reply: clientSettingsSchema,
  },
  {
    action: "setDoNotDisturb",
    summary: "Silence this client's phones until a given time",
    route: { method: "POST", path: "/clients/{clientId}/do-not-disturb" },
    input: setDoNotDisturbInput,
    reply: clientSettingsSchema,
  },
  {
    action: "initiateCall",
    summary: "Call one or several clients. Their phones ring, and the caller gets a participant token",
    route: { method: "POST", path: "/calls" },
    input: initiateCallInput,
    reply: joinReplySchema,
  },
  {
    action: "answerCall",
    summary: "Answer a call. The first device that answers gets the participant token",
    route: { method: "POST", path: "/calls/{callId}/answer" },
    input: answerCallInput,
    reply: joinReplySchema,
  },
  {
    action: "declineCall",
    summary: "Decline a call",
    route: { method: "POST", path: "/calls/{callId}/decline" },
    input: declineCallInput,
    reply: callViewSchema,
  },
  {
    action: "ackRinging",
    summary: "Report that this device rings. The caller sees the call as ringing",
    route: { method: "POST", path: "/calls/{callId}/ringing" },
    input: ackRingingInput,
    reply: callViewSchema,
  },
  {
    action: "rejoinCall",
    summary:
      "Get a new participant token for a call that you are in, for instance after a network loss. With takeOver the call moves to this phone",
    route: { method: "POST", path: "/calls/{callId}/rejoin" },
    input: rejoinCallInput,
    reply: joinReplySchema,
  },
  {
    action: "addToCall",
    summary:
      "Ring more people in a call that you are in. Operators can do this in any call, and only they can add a person again whom an operator removed. A removed caller then returns with rejoinCall",
    route: { method: "POST", path: "/calls/{callId}/add" },
    input: addToCallInput,
    reply: callViewSchema,
  },
  {
    action: "endCall",
    summary:
      "Hang up, cancel or decline, whichever applies. Repeating it is safe. Operators can also remove another person (removed) or end the call for everyone (ended_by_operator)",
    route: { method: "POST", path: "/calls/{callId}/end" },
    input: endCallInput,
    reply: z.object({
      ended: z
        .boolean()
        .check(z.describe("Whether the client's part is over. False if the client was in no call")),
      callId: z.optional(callIdSchema),
      endReason: z.optional(z.enum(END_REASONS)),
    }),
  },
  {
    action: "getCall",
    summary: "Read a call that you are or were part of. Operators can read any call",
    route: { method: "GET", path: "/calls/{callId}" },
    input: getCallInput,
    reply: callViewSchema,
  },
  {
    action: "listCalls",
    summary: "List a client's calls of the last 90 days, newest first",
    route: { method: "GET", path: "/clients/{clientId}/calls" },
    input: listCallsInput,
    reply: z.object({ calls: z.array(pastCallSchema), nextToken: z.optional(z.string()) }),
  },
  {
    action: "deleteClientIds",
    summary: "Delete clients with their devices and calls. Operators can delete anyone's",
    route: { method: "POST", path: "/deletions" },
    input: deleteClientIdsInput,
    maxBodyBytes: MAX_DELETION_BODY_BYTES,
    /** Accepted: `getOperation` tells how it goes. */
    status: 202,
    reply: z.object({
      operationId: operationIdSchema,
      requested: z.int().check(z.describe("Number of distinct clients")),
    }),
  },
  {
    action: "getOperation",
    summary: "Read the progress and the result of a deletion",
    route: { method: "GET", path: "/operations/{operationId}" },
    input: getOperationInput,
    reply: z.object({
      operationId: operationIdSchema,
      status: z.enum(["running", "done", "failed"]),
      dryRun: z.boolean(),
      execution: z.string().check(z.describe("ARN of the Step Functions execution")),
      askedAtMs: epochMs,
      endedAtMs: z.optional(epochMs),
      counts: z
        .optional(talliesSchema)
        .check(
          z.describe("Clients by outcome: of the batches so far while it runs, then of the whole deletion"),
        ),
      reasons: z.optional(z.partialRecord(z.enum(FAILURE_REASONS), z.int())),
      failures: z.optional(z.array(failureSchema)).check(z.describe("The first 100 failures")),
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
