/** Which legs have phones that must be told something, and what: it follows from the leg, so a late job says what is true. */
import { type Call, isRung, type Leg, legsOf, type PushType } from "./call.ts";

/** What the phones of a leg should have been told by now; nothing if they need not know. */
export function pushTypeOf(leg: Leg): PushType | undefined {
  if (leg.role === "caller") return undefined;
  // It looks as if its phones were tried.
  if (leg.silenced) return isRung(leg) ? "incoming_call" : undefined;
  switch (leg.status) {
    case "invited":
    case "ringing":
      return "incoming_call";
    case "joined":
      return "answered_elsewhere";
    case "left":
      return leg.joinedAtMs === undefined ? pushTypeOfEnd(leg) : "answered_elsewhere";
  }
}

function pushTypeOfEnd({ leftReason }: Leg): PushType | undefined {
  switch (leftReason) {
    case "declined":
      return "declined_elsewhere";
    case "missed":
    case "busy":
      return "missed_call";
    case "cancelled":
    case "failed":
      return "call_cancelled";
    case "completed":
    case "unreachable":
    case "dropped":
    case "expired":
    case undefined:
      return undefined;
  }
}

/** Who answers or declines on its only phone has no other to silence. */
export function hasPhonesToTell(leg: Leg): boolean {
  const type = pushTypeOf(leg);
  if (type === undefined || leg.told === type) return false;
  return !type.endsWith("_elsewhere") || Object.keys(leg.devices).some((deviceId) => others(leg, deviceId));
}

/** Not the device that acted. If that did not name itself, a single one is taken to be it. */
export function others({ deviceId, devices }: Leg, candidate: string): boolean {
  return deviceId === undefined ? Object.keys(devices).length > 1 : candidate !== deviceId;
}

export const phonesToTell = (call: Call): boolean => legsOf(call).some(hasPhonesToTell);
