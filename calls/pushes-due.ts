/** Which legs have pushes due, and of which type. It is derived from the leg, so a late job still tells the truth. */
import type { EndReason } from "../events/end-reason.ts";
import { actingDevice, type Call, isRung, type Leg, legsOf, type PushType } from "./call.ts";
import { deviceOfKey } from "./device-key.ts";

/** The push type that a leg's phones should have had by now; undefined if none is due. */
export function pushTypeOf(leg: Leg): PushType | undefined {
  if (leg.role === "caller") return undefined;
  // The caller must believe that its phones were tried.
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

/** The push type for a leg that never joined. */
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

/** A client that answers or declines on its only phone has no other phone to silence. */
export function hasPhonesToTell(leg: Leg): boolean {
  const type = pushTypeOf(leg);
  if (type === undefined || leg.told === type) return false;
  return (
    !type.endsWith("_elsewhere") ||
    Object.keys(leg.devices).some((key) => isOtherDevice(leg, deviceOfKey(key)))
  );
}

/** Whether this is another device than the one that acted. If that one is unknown, a single device counts as it. */
export function isOtherDevice(leg: Leg, candidate: string): boolean {
  const acting = actingDevice(leg);
  return acting === undefined ? Object.keys(leg.devices).length > 1 : candidate !== acting;
}

export const phonesToTell = (call: Call): boolean => legsOf(call).some(hasPhonesToTell);
