/**
 * Device tokens as apps write them. An APNs token is bytes, which apps print as hex in either case, or as iOS describes
 * data: `<a1b2c3d4 …>`. FCM tokens are text, in which case matters.
 */
import { Secret } from "./secret.ts";

const HEX = /^[0-9a-f]+$/i;

/** Without the space around it, and hex digits without the brackets and spaces of a description. */
export function withoutDescription(written: string): string {
  const text = written.trim();
  const digits = text.replace(/^<(.*)>$/s, "$1").replace(/\s+/g, "");
  return HEX.test(digits) ? digits : text;
}

export const isApns = (notifyType: string): boolean => notifyType.startsWith("APNS");

/** The one spelling by which a token is stored and found. */
export function canonicalToken(notifyType: string, token: Secret): Secret {
  const text = token.reveal();
  return isApns(notifyType) && HEX.test(text) ? new Secret(text.toLowerCase()) : token;
}

/** Whether a token that is stored for `notifyType`, perhaps from before there was one spelling, is this one. */
export const isSameToken = (notifyType: string, stored: Secret, token: Secret): boolean =>
  canonicalToken(notifyType, stored).reveal() === canonicalToken(notifyType, token).reveal();

/** Every spelling by which a token may be stored, the canonical one first. */
export function spellingsOf(token: Secret): Secret[] {
  const text = token.reveal();
  if (!HEX.test(text)) return [token];
  return [...new Set([text, text.toLowerCase(), text.toUpperCase()])].map((one) => new Secret(one));
}
