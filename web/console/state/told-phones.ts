/** What one person's phones were told of a call, a sentence a phone: told, accepted, rang, or why not. */
import { deviceOfKey } from "../../../calls/device-key.ts";
import type { Leg, Push } from "./facts.ts";

export interface Teller {
  /** The person's name. */
  readonly who: string;
  /** A moment of the day as this page shows it. */
  readonly at: (atMs: number) => string;
}

/** The network behind a channel. A page in a browser has none: it hears of calls while it is open. */
export const networkOf = (channel: string): string =>
  channel === "GCM" ? "FCM" : channel.startsWith("APNS") ? "APNs" : channel;

/** Empty: the person has no phone that this call could tell. */
export const phonesTold = (leg: Leg, teller: Teller): string[] =>
  Object.entries(leg.devices).map(([key, device]) => phoneTold(deviceOfKey(key), device, leg, teller));

type Device = Leg["devices"][string];

function phoneTold(id: string, { pushes, ringingAtMs }: Device, leg: Leg, { who, at }: Teller): string {
  const phone = `${who}’s phone ${id}`;
  if (ringingAtMs !== undefined) return `${phone} rang at ${at(ringingAtMs)}${afterRinging(id, leg)}.`;
  const push = pushes["incoming_call"];
  if (push === undefined) return `${phone} was never told that it should ring.`;
  const told = `${phone} was told at ${at(push.atMs)}`;
  if (push.channel === "WEB") return `${phone} is a browser page, and never said that it rings: was it open?`;
  if (push.outcome !== "accepted") return `${told}, but ${refusalOf(push)}.`;
  const rang = leg.joinedAtMs !== undefined && leg.deviceId === id;
  return `${told}, ${networkOf(push.channel)} accepted it, ${rang ? "and it answered" : "it never said that it rings"}.`;
}

function afterRinging(id: string, { status, joinedAtMs, leftReason, deviceId }: Leg): string {
  if (deviceId === id && joinedAtMs !== undefined) return " and answered";
  if (deviceId === id && leftReason === "declined") return " and declined";
  if (status === "ringing") return " and rings still";
  return joinedAtMs === undefined && leftReason === "missed" ? " and no one answered it" : "";
}

/** In the push service's words, where it gave some. */
export function refusalOf({ outcome, channel, reason }: Omit<Push, "atMs">): string {
  const network = networkOf(channel);
  const said = reason === undefined ? "" : `: ${reason}`;
  switch (outcome) {
    case "gone":
      return `${network} says that its token is gone${said}`;
    case "throttled":
      return `${network} throttled the push${said}`;
    case "no_provider":
      return `nothing could send it${said || ": the stack has no push provider"}`;
    default:
      return `${network} did not take it${said}`;
  }
}
