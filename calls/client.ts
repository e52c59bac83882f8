/** A client: one person's address for calls, and the clients it blocks. */
import * as z from "zod/mini";
import type { Silence } from "./call.ts";
import { callIdSchema, clientIdSchema, deviceIdSchema } from "./ids.ts";
import { MAX_LOST_DEVICES } from "./limits.ts";

export const clientSchema = z.object({
  clientId: clientIdSchema,
  /** Cognito subject of the person who registered it. */
  sub: z.string(),
  /** The person's sign-in name. Pushes show it until the directory has a name for them. */
  username: z.string(),
  /** A pointer, not the truth: it counts only while the call it names is living. */
  activeCallId: z.optional(callIdSchema),
  /** Device id, as device-key.ts writes it → when it was last seen. The tokens are in the devices table. */
  devices: z.record(z.string(), z.int()),
  /** Blocked client → its owner. Every client of that owner is blocked. */
  blocked: z.optional(z.record(z.string(), z.object({ sub: z.string(), atMs: z.int() }))),
  doNotDisturbUntilMs: z.optional(z.int()),
  /** Devices whose push token another person has registered, the latest last. */
  lostDevices: z.optional(z.array(z.object({ deviceId: deviceIdSchema, atMs: z.int() }))),
  /** Rises with every change of the devices. */
  revision: z.int(),
  createdAtMs: z.int(),
  lastSeenAtMs: z.int(),
  /** When one of its phones last registered. */
  registeredAtMs: z.optional(z.int()),
  /** Midnight (UTC) of the day it was last seen: registered, called, or answered. */
  seenOnMs: z.optional(z.int()),
  /** Created on request, beside the person's other client. */
  another: z.optional(z.boolean()),
  /** Its partition in the index by that day. */
  seenShard: z.optional(z.string()),
});
export type Client = z.infer<typeof clientSchema>;
export type LostDevice = NonNullable<Client["lostDevices"]>[number];

/** The earlier owner learns of the loss here, even if none of their phones is listening. */
export const withLost = ({ lostDevices = [] }: Client, lost: readonly LostDevice[]): LostDevice[] =>
  [...lostDevices, ...lost].slice(-MAX_LOST_DEVICES);

/** Why the phones of `callee` stay silent when these call. */
export function silenceOf(
  callee: Client,
  callers: readonly { readonly sub: string }[],
  nowMs: number,
): Silence | undefined {
  const blocked = new Set(Object.values(callee.blocked ?? {}).map(({ sub }) => sub));
  if (callers.some(({ sub }) => blocked.has(sub))) return "blocked";
  return nowMs < (callee.doNotDisturbUntilMs ?? 0) ? "do_not_disturb" : undefined;
}
