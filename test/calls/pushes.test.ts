import { describe, expect, test } from "vitest";
import type { Call, PushOutcome } from "../../calls/call.ts";
import { addressesFor, pushFor, pushTypeDue, recordPushes } from "../../calls/pushes.ts";
import { endBy } from "../../calls/rules.ts";
import {
  after,
  ALICE,
  answered,
  at,
  BOB,
  BOBS_PHONE,
  BOBS_TABLET,
  CALL,
  calling,
  completed,
  device,
  endedWhileRinging,
  pushedTo,
  ringing,
} from "../builders.ts";

describe("what a call demands to be pushed", () => {
  test("while it rings, and not after, that a call comes in", () => {
    for (const call of [calling(), ringing()]) {
      expect(pushTypeDue(call, at(45) - 1)).toBe("incoming_call");
      expect(pushTypeDue(call, at(45))).toBeUndefined();
    }
  });

  test("once answered, that another device has it", () => {
    expect(pushTypeDue(answered(), at(6))).toBe("answered_elsewhere");
  });

  test.each([
    ["declined", "declined_elsewhere"],
    ["missed", "missed_call"],
    ["busy", "missed_call"],
    ["cancelled", "call_cancelled"],
    ["failed", "call_cancelled"],
    ["unreachable", undefined],
    ["dropped", undefined],
    ["expired", undefined],
  ] as const)("a call that ended while it rang, %s: %s", (reason, type) => {
    expect(pushTypeDue(endedWhileRinging(reason), at(11))).toBe(type);
  });

  test("nothing, once both have spoken", () => {
    expect(pushTypeDue(completed(), at(61))).toBeUndefined();
    expect(pushTypeDue(after(answered(), endBy("failed"), at(60)), at(61))).toBeUndefined();
  });
});

describe("whom a push goes to", () => {
  const phone = device(BOBS_PHONE, { APNS: "alert-token", APNS_VOIP: "voip-token" });
  const tablet = device(BOBS_TABLET, { GCM: "fcm-token" });
  const tokens = (type: Parameters<typeof addressesFor>[0], call: Call, devices = [phone, tablet]) =>
    addressesFor(type, call, devices).map(({ token }) => token.reveal());

  test("an incoming call goes to each device once, to its VoIP token if it has one", () => {
    expect(tokens("incoming_call", calling())).toEqual(["voip-token", "fcm-token"]);
  });

  test("nothing but an incoming call ever goes to a VoIP token", () => {
    const rang = pushedTo(calling(), BOBS_PHONE, "voip-only");
    const devices = [phone, device("voip-only", { APNS_VOIP_SANDBOX: "other-voip-token" })];
    for (const type of [
      "call_cancelled",
      "answered_elsewhere",
      "declined_elsewhere",
      "missed_call",
    ] as const) {
      expect(tokens(type, rang, devices)).toEqual(["alert-token"]);
    }
  });

  test("only devices that were told to ring are told to stop", () => {
    expect(tokens("call_cancelled", pushedTo(calling(), BOBS_TABLET))).toEqual(["fcm-token"]);
  });

  test("a missed call is shown on every device", () => {
    expect(tokens("missed_call", calling())).toEqual(["alert-token", "fcm-token"]);
  });

  test("the device that answered or declined is not told that another did", () => {
    const rang: Call = { ...answered(), devices: pushedTo(calling(), BOBS_PHONE, BOBS_TABLET).devices };
    expect(tokens("answered_elsewhere", rang)).toEqual(["fcm-token"]);
    expect(tokens("declined_elsewhere", rang)).toEqual(["fcm-token"]);
    expect(tokens("call_cancelled", rang)).toEqual(["alert-token", "fcm-token"]);
  });

  test("no device gets the same type twice", () => {
    expect(tokens("incoming_call", pushedTo(calling(), BOBS_PHONE))).toEqual(["fcm-token"]);
  });
});

describe("what a push says", () => {
  const KEYS = [
    "v",
    "type",
    "call_id",
    "call_uuid",
    "caller_id",
    "caller_name",
    "receiver_id",
    "media",
    "sent_at_ms",
    "ring_expires_at_ms",
  ];

  test("who calls whom, since when and until when, all as strings", () => {
    const { data } = pushFor("incoming_call", calling(), "Alice", at(2));
    expect(Object.keys(data)).toEqual(KEYS);
    expect(data).toEqual({
      v: "1",
      type: "incoming_call",
      call_id: CALL,
      call_uuid: CALL,
      caller_id: ALICE,
      caller_name: "Alice",
      receiver_id: BOB,
      media: "video",
      sent_at_ms: String(at(2)),
      ring_expires_at_ms: String(at(45)),
    });
  });

  test("how the call ended, once it has", () => {
    const { data } = pushFor("missed_call", endedWhileRinging("missed"), "Alice", at(45));
    expect(Object.keys(data)).toEqual([...KEYS, "reason"]);
    expect(data["reason"]).toBe("missed");
  });

  test("an incoming call lives as long as it still rings", () => {
    expect(pushFor("incoming_call", calling(), "Alice", at(15) + 1).ttlSeconds).toBe(30);
    expect(pushFor("incoming_call", calling(), "Alice", at(45) - 1).ttlSeconds).toBe(1);
  });

  test("a missed call waits a day for the phone, what only silences it a minute", () => {
    expect(pushFor("missed_call", calling(), "Alice", at(50)).ttlSeconds).toBe(86_400);
    expect(pushFor("call_cancelled", calling(), "Alice", at(50)).ttlSeconds).toBe(60);
  });
});

describe("what became of the pushes", () => {
  const record = (call: Call, outcomes: Record<string, PushOutcome>) =>
    recordPushes("incoming_call", new Map(Object.entries(outcomes)))(call, at(1));

  test("is recorded per device and announced as counts", () => {
    const decision = record(calling(), { [BOBS_PHONE]: "accepted", [BOBS_TABLET]: "gone" });
    expect(decision).toMatchObject({
      kind: "changed",
      call: {
        status: "calling",
        version: 2,
        turn: 0,
        devices: {
          [BOBS_PHONE]: { pushes: { incoming_call: { outcome: "accepted", atMs: at(1) } } },
          [BOBS_TABLET]: { pushes: { incoming_call: { outcome: "gone", atMs: at(1) } } },
        },
      },
      events: [{ name: "PushSent", detail: { type: "incoming_call", outcomes: { accepted: 1, gone: 1 } } }],
    });
  });

  test("leaves what a device has said itself", () => {
    const decision = record(ringing(), { [BOBS_PHONE]: "accepted" });
    expect(decision.call.devices[BOBS_PHONE]).toMatchObject({ ringingAtMs: at(2) });
  });

  test("Bob is unreachable only if every one of his devices is gone for good", () => {
    expect(record(calling(), { [BOBS_PHONE]: "gone", [BOBS_TABLET]: "gone" })).toMatchObject({
      kind: "changed",
      call: { status: "ended", endReason: "unreachable", version: 2, turn: 1 },
    });
    for (const other of ["accepted", "throttled", "failed"] as const) {
      const { call } = record(calling(), { [BOBS_PHONE]: "gone", [BOBS_TABLET]: other });
      expect(call.status).toBe("calling");
    }
  });

  test("a device that rang before counts when the others turn out to be gone", () => {
    const { call } = record(pushedTo(calling(), BOBS_PHONE), { [BOBS_TABLET]: "gone" });
    expect(call.status).toBe("calling");
  });

  test("a device that rings proves that Bob can be reached, whatever the push service says", () => {
    expect(record(ringing(), { [BOBS_PHONE]: "gone" }).call.status).toBe("ringing");
  });
});
