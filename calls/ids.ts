/** Identifiers. Callers pass the time and the randomness, so that ids are the same in every replay. */
import * as z from "zod/mini";

/** In either case: CallKit gives UUIDs back in upper case. What is parsed, stored and sent is lower case. */
const UUID = /^[\da-fA-F]{8}(-[\da-fA-F]{4}){3}-[\da-fA-F]{12}$/;

export const callIdSchema = z
  .string()
  .check(z.regex(UUID, "expected a call id (a UUID)"), z.toLowerCase())
  .brand<"CallId">();
export type CallId = z.infer<typeof callIdSchema>;

export const clientIdSchema = z
  .string()
  .check(z.regex(UUID, "expected a client id (a UUID)"), z.toLowerCase())
  .brand<"ClientId">();
export type ClientId = z.infer<typeof clientIdSchema>;

/** A phone as its app names it, or as we name it from its device token. */
export const deviceIdSchema = z
  .string()
  .check(z.regex(/^[A-Za-z0-9_.:-]{1,128}$/, "expected 1 to 128 letters, digits, or _ . : -"))
  .brand<"DeviceId">();
export type DeviceId = z.infer<typeof deviceIdSchema>;

/** UUID version 7: calls sort by their start in any list of names. CallKit takes it as the call's UUID. */
export function newCallId(nowMs: number, random: Uint8Array): CallId {
  const bytes = Uint8Array.from(random.subarray(0, 16));
  for (let index = 0; index < 6; index += 1) bytes[index] = Math.floor(nowMs / 2 ** (8 * (5 - index))) % 256;
  return formatUuid(bytes, 7) as CallId;
}

/** Names one push to APNs, in its log and in ours. */
export function newPushId(random: Uint8Array): string {
  return formatUuid(Uint8Array.from(random.subarray(0, 16)), 4);
}

/** UUID version 4. */
export function newClientId(random: Uint8Array): ClientId {
  return formatUuid(Uint8Array.from(random.subarray(0, 16)), 4) as ClientId;
}

function formatUuid(bytes: Uint8Array, version: number): string {
  if (bytes.length !== 16) throw new Error(`a UUID needs 16 random bytes, got ${bytes.length}`);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | (version << 4);
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Buffer.from(bytes).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Id of a participant: its token carries it, and the media provider's events name it. At most 64 characters. */
export function participantId(callId: CallId, leg: number, tokenNumber: number): string {
  return `${callId}-${leg}-${tokenNumber}`;
}

/** Whose participant an id names. */
export interface ParticipantOf {
  readonly callId: CallId;
  readonly leg: number;
  readonly tokenNumber: number;
}

/** Undefined for an id that `participantId` did not make. */
export function participantOf(id: string): ParticipantOf | undefined {
  const [, call = "", leg, tokenNumber] = /^(.{36})-([1-9]\d{0,2})-([1-9]\d{0,5})$/.exec(id) ?? [];
  const callId = callIdSchema.safeParse(call);
  return callId.success
    ? { callId: callId.data, leg: Number(leg), tokenNumber: Number(tokenNumber) }
    : undefined;
}

/** The call that an execution belongs to: its name, or its name before `-repair-<n>`. */
export function callIdOfExecution(executionName: string): CallId {
  const name = executionName.replace(/-repair-\d+$/, "");
  const callId = callIdSchema.parse(name);
  if (callId !== name) throw new Error(`expected a call id in lower case, got execution ${executionName}`);
  return callId;
}
