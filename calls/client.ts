/** A client: one person's address for calls, and its devices. */
import * as z from "zod";
import { NOTIFY_TYPES, type NotifyType } from "./commands.ts";
import { callIdSchema, clientIdSchema, deviceIdSchema } from "./ids.ts";
import { MAX_DEVICES } from "./limits.ts";
import { type Secret, secretSchema } from "./secret.ts";

export const clientSchema = z.object({
  clientId: clientIdSchema,
  /** Cognito subject of the person who registered it. */
  sub: z.string(),
  /** The person's sign-in name: what a push shows until the directory has a name for them. */
  username: z.string(),
  /** A pointer, not the truth: it counts only while the call it names is living. */
  activeCallId: callIdSchema.optional(),
  /** Device id → when it was last seen. The tokens are in the devices table. */
  devices: z.record(z.string(), z.number().int()),
  /** Rises with every change of the devices. */
  revision: z.number().int(),
  createdAtMs: z.number().int(),
  lastSeenAtMs: z.number().int(),
  /** When one of its phones registered last. */
  registeredAtMs: z.number().int().optional(),
  /** Midnight (UTC) of the day it was last seen: registered, called, or answered. */
  seenOnMs: z.number().int().optional(),
  /** Where the index by that day keeps it. */
  seenShard: z.string().optional(),
});
export type Client = z.infer<typeof clientSchema>;

export const deviceSchema = z.object({
  clientId: clientIdSchema,
  deviceId: deviceIdSchema,
  /** One token per channel: a phone may have an ordinary and a VoIP token. */
  tokens: z.partialRecord(z.enum(NOTIFY_TYPES), secretSchema),
  lastSeenAtMs: z.number().int(),
});
export type Device = z.infer<typeof deviceSchema>;

export const hasDevices = (client: Client): boolean => Object.keys(client.devices).length > 0;

/**
 * The devices after `token` was registered for `deviceId`. A token that another device of the client held moves; a
 * device without a token is gone; of more than 10 devices the least recently used leave.
 */
export function withToken(devices: readonly Device[], joining: Device): Device[] {
  const [joiningType, joiningToken] = onlyToken(joining);
  const others = withoutToken(devices, joiningToken).filter((device) => device.deviceId !== joining.deviceId);
  const known = devices.find((device) => device.deviceId === joining.deviceId);
  const merged: Device = { ...joining, tokens: { ...known?.tokens, [joiningType]: joiningToken } };
  const kept = others
    .toSorted((one, other) => other.lastSeenAtMs - one.lastSeenAtMs)
    .slice(0, MAX_DEVICES - 1);
  return [merged, ...kept];
}

/** The devices after a token was taken back. A device that did not hold it is the very same: nothing to write. */
export function withoutToken(devices: readonly Device[], token: Secret): Device[] {
  return devices.flatMap((device) => {
    const left = Object.entries(device.tokens).filter(([, held]) => held.reveal() !== token.reveal());
    if (left.length === Object.keys(device.tokens).length) return [device];
    return left.length > 0 ? [{ ...device, tokens: Object.fromEntries(left) }] : [];
  });
}

function onlyToken({ tokens, deviceId }: Device): [NotifyType, Secret] {
  const [first] = Object.entries(tokens) as [NotifyType, Secret][];
  if (!first) throw new Error(`device ${deviceId} registers without a token`);
  return first;
}

export const isVoip = (notifyType: NotifyType): boolean => notifyType.startsWith("APNS_VOIP");
