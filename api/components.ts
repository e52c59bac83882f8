/** The named schemas of the OpenAPI document: generators make a class of each. */
import * as z from "zod/mini";
import { END_REASONS } from "../events/end-reason.ts";
import {
  CALL_STATUSES,
  LEG_STATUSES,
  MEDIA,
  OVER_REASONS,
  PUSH_OUTCOMES,
  pushProgressSchema,
  SILENCES,
} from "../calls/call.ts";
import { FAILURE_REASONS, failureSchema, talliesSchema } from "../calls/clean-up.ts";
import { NOTIFY_TYPES } from "../calls/device.ts";
import { callViewSchema, legDeviceSchema, legViewSchema } from "./call-view.ts";
import { type Action, type Command, commands } from "./commands.ts";
import { epochMs } from "./fields.ts";
import { problemCodes } from "./problems.ts";
import {
  clientSettingsSchema,
  deviceViewSchema,
  joinReplySchema,
  lostDeviceSchema,
  pastCallSchema,
} from "./replies.ts";

export type Json = Record<string, unknown>;

/** In every reply and every problem. A phone's own clock may be wrong: it compares times of the server only. */
const stamp = {
  serverNowMs: epochMs.check(z.describe("When the server sent this, by its own clock")),
};

const fieldErrorSchema = z.object({ field: z.string(), message: z.string() });
const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.enum(problemCodes as [string, ...string[]]),
  detail: z.string(),
  message: z.string().check(z.describe("The same as detail")),
  errors: z.optional(z.array(fieldErrorSchema)),
  callId: z.optional(z.string()),
  deviceId: z
    .optional(z.string())
    .check(z.describe("With caller_in_call and on_another_device: the phone that is in that call")),
  endReason: z.optional(z.enum(OVER_REASONS)),
  retryAfterSeconds: z.optional(z.int()).check(z.describe("The same as the header Retry-After")),
});

/** Enums by their words, wherever they stand. */
const ENUMS: Readonly<Record<string, readonly string[]>> = {
  CallStatus: CALL_STATUSES,
  DeletionFailureReason: FAILURE_REASONS,
  DeletionStatus: ["running", "done", "failed"],
  EndReason: END_REASONS,
  LegRole: ["caller", "callee"],
  LegStatus: LEG_STATUSES,
  Media: MEDIA,
  NotifyType: NOTIFY_TYPES,
  OverReason: OVER_REASONS,
  ProblemCode: problemCodes,
  PushOutcome: PUSH_OUTCOMES,
  Silence: SILENCES,
};

const replyOf = (action: Action): Command["reply"] => {
  const command = commands.find((one) => one.action === action);
  if (!command) throw new Error(`no command ${action}`);
  return command.reply;
};

/** Parts of replies, and replies: these carry the server's time beside what is said here. */
const PARTS: Readonly<Record<string, z.ZodMiniType>> = {
  Device: deviceViewSchema,
  FieldError: fieldErrorSchema,
  Leg: legViewSchema,
  LegDevice: legDeviceSchema,
  LostDevice: lostDeviceSchema,
  PastCall: pastCallSchema,
  PushProgress: pushProgressSchema,
  DeletionCounts: talliesSchema,
  DeletionFailure: failureSchema,
};
const REPLIES: Readonly<Record<string, z.ZodMiniType>> = {
  Call: callViewSchema,
  CallEnd: replyOf("endCall"),
  CallHistory: replyOf("listCalls"),
  Client: clientSettingsSchema,
  ClientList: replyOf("listClients"),
  Deletion: replyOf("getOperation"),
  DeletionAccepted: replyOf("deleteClientIds"),
  JoinedCall: joinReplySchema,
  Problem: problemSchema,
  Registration: replyOf("register"),
  Unregistration: replyOf("unregister"),
};

export const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });

/** The component of a command's reply. */
export function replyRef({ action, reply }: Command): Json {
  const [name] = Object.entries(REPLIES).find(([, schema]) => schema === reply) ?? [];
  if (!name) throw new Error(`the reply of ${action} has no name: add it to REPLIES in api/components.ts`);
  return ref(name);
}

export const requestName = ({ action }: Command): string =>
  `${action.charAt(0).toUpperCase()}${action.slice(1)}Request`;

const SAFE = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];

/** What JSON Schema says of every integer of JavaScript says nothing here; a list of words is a named enum. */
function tidy({ jsonSchema }: { readonly jsonSchema: Json }): void {
  if (SAFE.includes(jsonSchema["minimum"] as number)) delete jsonSchema["minimum"];
  if (SAFE.includes(jsonSchema["maximum"] as number)) delete jsonSchema["maximum"];
  delete jsonSchema["propertyNames"];
  if ("default" in jsonSchema) untyped(jsonSchema);
  const words = jsonSchema["enum"];
  const [name] = Object.entries(ENUMS).find(([, known]) => String(known) === String(words)) ?? [];
  if (!Array.isArray(words) || !name) return;
  delete jsonSchema["enum"];
  delete jsonSchema["type"];
  Object.assign(jsonSchema, ref(name));
}

/** Generators of types take a member with a default for one that is always there; a request may leave it out. */
function untyped(jsonSchema: Json): void {
  const told = [jsonSchema["description"], `Default: ${String(jsonSchema["default"])}`];
  jsonSchema["description"] = told.filter(Boolean).join(". ");
  delete jsonSchema["default"];
}

const bare = ({ $schema: _dialect, $id: _id, additionalProperties, ...schema }: Json): Json => ({
  ...schema,
  // An app takes members that it does not know.
  ...(additionalProperties !== false && additionalProperties !== undefined && { additionalProperties }),
});

/** What a command takes. */
export function inputOf({ input }: Command): Json {
  return bare(z.toJSONSchema(input, { io: "input", target: "draft-2020-12", override: tidy }) as Json);
}

/** Replies and their parts, each by its name. */
export function replyComponents(): Json {
  const names = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries({ ...PARTS, ...REPLIES })) names.add(schema, { id });
  const { schemas } = z.toJSONSchema(names, {
    io: "output",
    target: "draft-2020-12",
    uri: (id) => `#/components/schemas/${id}`,
    override: tidy,
  });
  const components = Object.entries(schemas).map(([name, schema]) => [
    name,
    name in REPLIES ? stamped(name, bare(schema as Json)) : bare(schema as Json),
  ]);
  const enums = Object.entries(ENUMS).map(([name, words]) => [name, { type: "string", enum: words }]);
  return Object.fromEntries([...components, ...enums]) as Json;
}

/** A client stands in the list of one's clients too, which has one time for all. */
function stamped(name: string, schema: Json): Json {
  const [[field, time] = []] = Object.entries(
    (z.toJSONSchema(z.object(stamp), { io: "output", override: tidy }) as Json)["properties"] as Json,
  );
  const properties = { ...(schema["properties"] as Json), [String(field)]: time };
  const required = schema["required"] as string[];
  return { ...schema, properties, required: name === "Client" ? required : [...required, field] };
}
