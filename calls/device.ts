/** A device: one phone of a client, with its push token or tokens. */
import * as z from "zod/mini";
import { signInSchema } from "./acting-phone.ts";
import { isSameToken } from "./device-token.ts";
import { clientIdSchema, deviceIdSchema } from "./ids.ts";
import { MAX_DEVICES } from "./limits.ts";
import { type Secret, secretSchema } from "./secret.ts";

/**
 * The push channels that an app can register for: Pinpoint's names, whichever way pushes are sent. `WEB` is a page in a browser,
 * which no push network reaches: it follows calls by the GraphQL API as long as it is open.
 */
export const NOTIFY_TYPES = ["GCM", "APNS", "APNS_SANDBOX", "APNS_VOIP", "APNS_VOIP_SANDBOX", "WEB"] as const;
export type NotifyType = (typeof NOTIFY_TYPES)[number];

export const deviceSchema = z.object({
  clientId: clientIdSchema,
  deviceId: deviceIdSchema,
  /** By channel. A phone may have an ordinary and a VoIP token. */
  tokens: z.partialRecord(z.enum(NOTIFY_TYPES), secretSchema),
  lastSeenAtMs: z.int(),
  /** Hash that names the sign-in with which it last registered (acting-phone.ts). */
  signIn: z.optional(signInSchema),
});
export type Device = z.infer<typeof deviceSchema>;

/**
 * The devices after `token` was registered for `deviceId`. A device has one ordinary token and one VoIP token: the new one
 * replaces the old one of its kind. A token moves from another device of the client; a device without a token is removed;
 * beyond 10 devices the least recently used are removed.
 */
export function withToken(devices: readonly Device[], joining: Device): Device[] {
  const [joiningType, joiningToken] = onlyToken(joining);
  const others = withoutToken(devices, joiningToken).filter((device) => device.deviceId !== joining.deviceId);
  const known = devices.find((device) => device.deviceId === joining.deviceId);
  const otherKind = Object.entries(known?.tokens ?? {}).filter(
    // The keys of a parsed record are those of its schema.
    ([type]) => isVoip(type as NotifyType) !== isVoip(joiningType),
  );
  const tokens = { ...Object.fromEntries(otherKind), [joiningType]: joiningToken };
  const merged: Device = { ...joining, tokens };
  const kept = others
    .toSorted((one, other) => other.lastSeenAtMs - one.lastSeenAtMs)
    .slice(0, MAX_DEVICES - 1);
  return [merged, ...kept];
}

/** The devices after a token was taken back. A device that did not hold it is the same object and need not be written. */
export function withoutToken(devices: readonly Device[], token: Secret): Device[] {
  return devices.flatMap((device) => {
    const left = Object.entries(device.tokens).filter(([type, held]) => !isSameToken(type, held, token));
    if (left.length === Object.keys(device.tokens).length) return [device];
    return left.length > 0 ? [{ ...device, tokens: Object.fromEntries(left) }] : [];
  });
}

/** The device that holds this token. */
export const holding = (devices: readonly Device[], token: Secret): Device | undefined =>
  devices.find(({ tokens }) => Object.entries(tokens).some(([type, held]) => isSameToken(type, held, token)));

function onlyToken({ tokens, deviceId }: Device): [NotifyType, Secret] {
  const [first] = Object.entries(tokens) as [NotifyType, Secret][];
  if (!first) throw new Error(`device ${deviceId} registers without a token`);
  return first;
}

export const isVoip = (notifyType: NotifyType): boolean => notifyType.startsWith("APNS_VOIP");
