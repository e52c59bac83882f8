/** Which legs have phones that must be told something, and what: it follows from the leg, so a late job says what is true. */
import type { EndReason } from "../events/end-reason.ts";
import { actingDevice, type Call, isRung, type Leg, legsOf, type PushType } from "./call.ts";
import { deviceOfKey } from "./device-key.ts";

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
      return leg.joinedAtMs === undefined ? pushOfEnd(leg) : "answered_elsewhere";
  }
}

/** What the phones of a leg are told that never joined. */
const PUSH_OF_END: Readonly<Record<EndReason, PushType | undefined>> = {
  declined: "declined_elsewhere",
  missed: "missed_call",
  busy: "missed_call",
  cancelled: "call_cancelled",
  failed: "call_cancelled",
  removed: "call_cancelled",
  ended_by_operator: "call_cancelled",
  completed: undefined,
  unreachable: undefined,
  dropped: undefined,
  expired: undefined,
};

const pushOfEnd = ({ leftReason }: Leg): PushType | undefined => leftReason && PUSH_OF_END[leftReason];

/** Who answers or declines on its only phone has no other to silence. */
export function hasPhonesToTell(leg: Leg): boolean {
  const type = pushTypeOf(leg);
  if (type === undefined || leg.told === type) return false;
  return (
    !type.endsWith("_elsewhere") ||
    Object.keys(leg.devices).some((key) => isOtherDevice(leg, deviceOfKey(key)))
  );
}

/** Not the device that acted. If it is not known which did, a single one is taken to be it. */
export function isOtherDevice(leg: Leg, candidate: string): boolean {
  const acting = actingDevice(leg);
  return acting === undefined ? Object.keys(leg.devices).length > 1 : candidate !== acting;
}

export const phonesToTell = (call: Call): boolean => legsOf(call).some(hasPhonesToTell);
