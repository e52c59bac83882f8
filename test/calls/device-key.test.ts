import { describe, expect, test } from "vitest";
import { legOf } from "../../calls/call.ts";
import { deviceOfKey, keyOfDevice } from "../../calls/device-key.ts";
import { deviceIdSchema } from "../../calls/ids.ts";
import { addressesFor, recordPushes } from "../../calls/pushes.ts";
import { ring } from "../../calls/answering.ts";
import { callView } from "../../api/call-view.ts";
import { at, bob, calling, device, ringing } from "../builders.ts";

/** The names of members that every object has. */
const NAMES = Object.getOwnPropertyNames(Object.prototype);

describe("a device with the name of a member that every object has", () => {
  test.each(NAMES)("%s is an ordinary device", (name) => {
    const deviceId = deviceIdSchema.parse(name);
    expect(deviceOfKey(keyOfDevice(deviceId))).toBe(name);
    expect(addressesFor("incoming_call", legOf(calling(), 2), [device(deviceId)])).toHaveLength(1);
    const outcomes = new Map([[name, { outcome: "gone", channel: "GCM" } as const]]);
    const told = recordPushes([{ leg: 2, type: "incoming_call", devices: outcomes }])(calling(), at(1));
    expect(told.call).toMatchObject({ endReason: "unreachable" });
    const rung = ring(2, deviceId)(ringing(), at(2));
    expect(rung.kind).toBe("changed");
    const view = callView(JSON.parse(JSON.stringify(rung.call)) as typeof rung.call, {
      sub: bob().sub,
      operator: false,
    });
    expect(view.legs[1]?.devices?.map((one) => one.deviceId)).toContain(name);
  });

  test("other names are stored as they are", () => {
    expect(["phone-1", "d-0123", "proto"].map(keyOfDevice)).toEqual(["phone-1", "d-0123", "proto"]);
  });
});
