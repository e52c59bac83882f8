/**
 * Which phone of a client acts: several phones share a client, and one of them is in the call.
 *
 * A1 A phone that sends its `deviceId` is known by it, any other by its sign-in, which is stored as a hash:
 *    every access token of one sign-in carries the same claim, and no other sign-in has it.
 * A2 Names decide if both the phone and the leg have one; otherwise sign-ins decide. If the phone has neither, or the leg
 *    has neither, they count as the same phone, as they did before phones were told apart.
 */
import * as z from "zod/mini";
import type { DeviceId } from "./ids.ts";

/** Hash of the claim that names a sign-in. */
export const signInSchema = z
  .string()
  .check(z.regex(/^[0-9a-f]{32}$/))
  .brand<"SignIn">();
export type SignIn = z.infer<typeof signInSchema>;

export interface ActingPhone {
  readonly deviceId?: DeviceId | undefined;
  readonly signIn?: SignIn | undefined;
}

export function isSamePhone(one: ActingPhone, other: ActingPhone): boolean {
  if (isUnknown(one) || isUnknown(other)) return true;
  if (one.deviceId && other.deviceId) return one.deviceId === other.deviceId;
  return one.signIn !== undefined && one.signIn === other.signIn;
}

const isUnknown = ({ deviceId, signIn }: ActingPhone): boolean => !deviceId && !signIn;

interface Registered extends ActingPhone {
  readonly deviceId: DeviceId;
}

/** The registered phone of a request without a name. Unknown if several phones registered with that sign-in. */
export function registeredPhone(devices: readonly Registered[], signIn: SignIn): DeviceId | undefined {
  const [found, ...more] = devices.filter((device) => device.signIn === signIn);
  return more.length === 0 ? found?.deviceId : undefined;
}

/** What a leg stores about the phone that acts for it. */
export const partOf = ({ deviceId, signIn }: ActingPhone): ActingPhone => ({
  ...(deviceId && { deviceId }),
  ...(signIn && { signIn }),
});
