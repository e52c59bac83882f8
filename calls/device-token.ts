/**
 * Device tokens as apps write them. An APNs token is bytes, which apps print as hex in either case, or as iOS describes
 * data: `<a1b2c3d4 …>`. FCM tokens are case-sensitive text.
 */
import { Secret } from "./secret.ts";

const HEX = /^[0-9a-f]+$/i;

/** Without surrounding space; hex digits also lose the brackets and spaces of a description. */
export function withoutDescription(written: string): string {
  const text = written.trim();
  const digits = text.replace(/^<(.*)>$/s, "$1").replace(/\s+/g, "");
  return HEX.test(digits) ? digits : text;
}

/** The one spelling by which a token is stored and found. */
export function canonicalToken(notifyType: string, token: Secret): Secret {
  const text = token.reveal();
  return notifyType.startsWith("APNS") && HEX.test(text) ? new Secret(text.toLowerCase()) : token;
}

/** Whether a token stored for `notifyType` is this one. It may be from before tokens had one spelling. */
export const isSameToken = (notifyType: string, stored: Secret, token: Secret): boolean =>
  canonicalToken(notifyType, stored).reveal() === canonicalToken(notifyType, token).reveal();

/** The spellings under which a canonical token may be stored, the likeliest first: an older version kept some in upper case. */
export function spellingsOf(token: Secret): Secret[] {
  const upper = token.reveal().toUpperCase();
  return HEX.test(upper) && upper !== token.reveal() ? [token, new Secret(upper)] : [token];
}
