/** A call in replies: what its people and operators may see of it. */
import * as z from "zod/mini";
import { END_REASONS } from "../events/end-reason.ts";
import {
  actingDevice,
  type Call,
  CALL_STATUSES,
  type DeviceProgress,
  deviceProgressSchema,
  type Leg,
  LEG_STATUSES,
  legNumbers,
  legOf,
  MEDIA,
  SILENCES,
} from "../calls/call.ts";
import { deviceOfKey } from "../calls/device-key.ts";
import { callIdSchema, clientIdSchema, deviceIdSchema } from "../calls/ids.ts";
import { epochMs } from "./fields.ts";

/** How far one phone has come; why a push was refused, for operators only. */
export const legDeviceSchema = z.object({ deviceId: z.string(), ...deviceProgressSchema.shape });

/** One client's part in a call. */
export const legViewSchema = z.object({
  leg: z.int(),
  clientId: clientIdSchema,
  role: z.enum(["caller", "callee"]),
  status: z.enum(LEG_STATUSES),
  endReason: z
    .optional(z.enum(END_REASONS))
    .check(z.describe("Why this leg is over; the call itself may go on")),
  ringingAtMs: z.optional(epochMs),
  joinedAtMs: z.optional(epochMs),
  leftAtMs: z.optional(epochMs),
  deviceId: z
    .optional(deviceIdSchema)
    .check(z.describe("The device that acted for the leg. Only on your own leg")),
  devices: z
    .optional(z.array(legDeviceSchema))
    .check(
      z.describe(
        "What was pushed to each device, and whether it rang. Only on your own leg; reasons, only operators see",
      ),
    ),
  silenced: z
    .optional(z.enum(SILENCES))
    .check(z.describe("Why no phone of the leg was told. Only operators see it")),
});

/** A call as its people may see it: no tokens, no owners. */
export const callViewSchema = z.object({
  callId: callIdSchema,
  status: z.enum(CALL_STATUSES),
  endReason: z.optional(z.enum(END_REASONS)),
  media: z.enum(MEDIA),
  callerId: clientIdSchema,
  calleeId: clientIdSchema,
  version: z.int(),
  createdAtMs: epochMs,
  ringUntilMs: epochMs.check(z.describe("The phones ring until then")),
  ringExpiresAtMs: epochMs.check(z.meta({ deprecated: true, description: "The same as ringUntilMs" })),
  answeredAtMs: z.optional(epochMs),
  endedAtMs: z.optional(epochMs),
  legs: z.array(legViewSchema),
});
export type CallView = z.infer<typeof callViewSchema>;

/** Who looks at a call: devices are shown to the owner of their leg and to operators only. */
export interface Viewer {
  readonly sub: string;
  readonly operator: boolean;
}

export function callView(call: Call, viewer: Viewer): CallView {
  const { callId, status, endReason, media, callerId, calleeId, version, createdAtMs, ringUntilMs } = call;
  const { answeredAtMs, endedAtMs } = call;
  return {
    callId,
    status,
    ...(endReason && { endReason }),
    media,
    callerId,
    calleeId,
    version,
    createdAtMs,
    ringUntilMs,
    ringExpiresAtMs: ringUntilMs,
    ...(answeredAtMs !== undefined && { answeredAtMs }),
    ...(endedAtMs !== undefined && { endedAtMs }),
    legs: legNumbers(call).map((leg) => legView(leg, legOf(call, leg), viewer)),
  };
}

/** A reason may name what the stack lacks, which is nothing for phones. */
const withoutReasons = ({ pushes, ...progress }: DeviceProgress): DeviceProgress => ({
  ...progress,
  pushes: Object.fromEntries(
    Object.entries(pushes).map(([type, { reason: _reason, ...push }]) => [type, push]),
  ),
});

function legView(number: number, leg: Leg, { sub, operator }: Viewer): CallView["legs"][number] {
  const { clientId, role, status, leftReason, ringingAtMs, joinedAtMs, leftAtMs } = leg;
  const own = operator || leg.sub === sub;
  const acting = actingDevice(leg);
  return {
    leg: number,
    clientId,
    role,
    status,
    ...(leftReason && { endReason: leftReason }),
    ...(ringingAtMs !== undefined && { ringingAtMs }),
    ...(joinedAtMs !== undefined && { joinedAtMs }),
    ...(leftAtMs !== undefined && { leftAtMs }),
    ...(own && acting && { deviceId: acting }),
    ...(own && {
      devices: Object.entries(leg.devices).map(([key, progress]) => ({
        deviceId: deviceOfKey(key),
        ...(operator ? progress : withoutReasons(progress)),
      })),
    }),
    ...(operator && leg.silenced && { silenced: leg.silenced }),
  };
}
