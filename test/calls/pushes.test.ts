import { describe, expect, test } from "vitest";
import { type Call, legOf, type PushOutcome, type PushType } from "../../calls/call.ts";
import { addressesFor, type DeviceOutcome, legsToTell, pushFor, recordPushes } from "../../calls/pushes.ts";
import { PushSent } from "../../events/push-sent.ts";
import { endBy } from "../../calls/ending.ts";
import {
  after,
  ALICE,
  answered,
  at,
  BOB,
  BOBS_PHONE,
  BOBS_TABLET,
  CALL,
  CALLEE,
  calling,
  completed,
  device,
  endedWhileRinging,
  pushedTo,
  ringing,
} from "../builders.ts";

const pushTypeDue = (call: Call, nowMs: number): PushType | undefined => {
  const [due, ...others] = legsToTell(call, nowMs);
  expect([due?.leg ?? CALLEE, others]).toEqual([CALLEE, []]);
  return due?.type;
};

describe("the push that a call of two demands, for the callee's phones only", () => {
  test("while it rings, and not after, is incoming_call", () => {
    for (const call of [calling(), ringing()]) {
      expect(pushTypeDue(call, at(45) - 1)).toBe("incoming_call");
      expect(pushTypeDue(call, at(45))).toBeUndefined();
    }
  });

  test("after the answer is answered_elsewhere", () => {
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
  ] as const)("after a call that ended while it rang, %s: %s", (reason, type) => {
    expect(pushTypeDue(endedWhileRinging(reason), at(11))).toBe(type);
  });

  test("after a call that was answered is still answered_elsewhere", () => {
    expect(pushTypeDue(completed(), at(61))).toBe("answered_elsewhere");
    expect(pushTypeDue(after(answered(), endBy("failed"), at(60)), at(61))).toBe("answered_elsewhere");
  });
});

describe("the addresses of a push", () => {
  const phone = device(BOBS_PHONE, { APNS: "alert-token", APNS_VOIP: "voip-token" });
  const tablet = device(BOBS_TABLET, { GCM: "fcm-token" });
  const tokens = (type: PushType, call: Call, devices = [phone, tablet]) =>
    addressesFor(type, legOf(call, CALLEE), devices).map(({ token }) => token.reveal());

  test("an incoming call goes to each device once, to its VoIP token if it has one", () => {
    expect(tokens("incoming_call", calling())).toEqual(["voip-token", "fcm-token"]);
  });

  test("a VoIP token gets no push but an incoming call", () => {
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
    const rang = pushedTo(answered(), BOBS_PHONE, BOBS_TABLET);
    expect(tokens("answered_elsewhere", rang)).toEqual(["fcm-token"]);
    expect(tokens("declined_elsewhere", rang)).toEqual(["fcm-token"]);
    expect(tokens("call_cancelled", rang)).toEqual(["alert-token", "fcm-token"]);
  });

  test("no device gets the same type twice", () => {
    expect(tokens("incoming_call", pushedTo(calling(), BOBS_PHONE))).toEqual(["fcm-token"]);
  });
});

describe("the content of a push", () => {
  const say = (type: PushType, call: Call, nowMs: number) =>
    pushFor(type, call, CALLEE, { callerName: "Alice", nowMs });
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

  test("has caller, callee and times, all as strings", () => {
    const { data } = say("incoming_call", calling(), at(2));
    expect(Object.keys(data)).toEqual([...KEYS, "ring_seconds_left"]);
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
      ring_seconds_left: "43",
    });
  });

  test("has the seconds left to ring, for phones whose clock is wrong, only in incoming_call", () => {
    const left = (type: PushType, nowMs: number) => say(type, calling(), nowMs).data["ring_seconds_left"];
    expect(left("incoming_call", at(15) + 1)).toBe("30");
    expect(left("incoming_call", at(45) - 1)).toBe("1");
    expect(left("call_cancelled", at(15))).toBeUndefined();
  });

  test("has the end reason once the call has ended", () => {
    const { data } = say("missed_call", endedWhileRinging("missed"), at(45));
    expect(Object.keys(data)).toEqual([...KEYS, "reason"]);
    expect(data["reason"]).toBe("missed");
  });

  test("an incoming call expires with its ring", () => {
    expect(say("incoming_call", calling(), at(15) + 1).ttlSeconds).toBe(30);
    expect(say("incoming_call", calling(), at(45) - 1).ttlSeconds).toBe(1);
  });

  test("a missed call waits a day for the phone, and a push that silences it a minute", () => {
    expect(say("missed_call", calling(), at(50)).ttlSeconds).toBe(86_400);
    expect(say("call_cancelled", calling(), at(50)).ttlSeconds).toBe(60);
  });
});

describe("the outcomes of the pushes", () => {
  const record = (call: Call, outcomes: Record<string, PushOutcome>) =>
    recordPushes([{ leg: CALLEE, type: "incoming_call", devices: outcomesOf(outcomes) }])(call, at(1));
  const outcomesOf = (outcomes: Record<string, PushOutcome>) =>
    new Map(
      Object.entries(outcomes).map(([id, outcome]) => [id, { outcome, channel: "GCM" as const }] as const),
    );

  test("are recorded per device and published as counts", () => {
    const decision = record(calling(), { [BOBS_PHONE]: "accepted", [BOBS_TABLET]: "gone" });
    expect(decision).toMatchObject({
      kind: "changed",
      call: {
        status: "calling",
        version: 2,
        turn: 0,
        legs: {
          2: {
            told: "incoming_call",
            devices: {
              [BOBS_PHONE]: {
                pushes: { incoming_call: { outcome: "accepted", channel: "GCM", atMs: at(1) } },
              },
              [BOBS_TABLET]: { pushes: { incoming_call: { outcome: "gone", channel: "GCM", atMs: at(1) } } },
            },
          },
        },
      },
      events: [{ name: "PushSent", detail: { type: "incoming_call", outcomes: { accepted: 1, gone: 1 } } }],
    });
  });

  test("contain the network's reason for a failure, and equal failures are counted together", () => {
    const gone = { outcome: "gone", channel: "APNS_VOIP", reason: "Unregistered" } as const;
    const devices = new Map<string, DeviceOutcome>([
      [BOBS_PHONE, gone],
      [BOBS_TABLET, gone],
      ["bobs-page", { outcome: "accepted", channel: "WEB" }],
    ]);
    const decision = recordPushes([{ leg: CALLEE, type: "incoming_call", devices }])(calling(), at(1));
    if (decision.kind !== "changed") throw new Error(decision.kind);
    const { call, events } = decision;
    expect(call.legs[CALLEE]?.devices[BOBS_PHONE]?.pushes["incoming_call"]).toEqual({ ...gone, atMs: at(1) });
    expect(events[0]?.detail).toMatchObject({ failures: [{ ...gone, devices: 2 }] });
    expect(PushSent.schema.parse(events[0]?.detail).failures).toHaveLength(1);
  });

  test("leave the device's own reports", () => {
    const decision = record(ringing(), { [BOBS_PHONE]: "accepted" });
    expect(decision.call.legs[CALLEE]?.devices[BOBS_PHONE]).toMatchObject({ ringingAtMs: at(2) });
  });

  test("make Bob unreachable only if all of his devices are gone", () => {
    expect(record(calling(), { [BOBS_PHONE]: "gone", [BOBS_TABLET]: "gone" })).toMatchObject({
      kind: "changed",
      call: { status: "ended", endReason: "unreachable", version: 2, turn: 1 },
    });
    expect(record(calling(), { [BOBS_PHONE]: "gone", [BOBS_TABLET]: "no_provider" })).toMatchObject({
      call: { status: "ended", endReason: "unreachable" },
    });
    for (const other of ["accepted", "throttled", "failed"] as const) {
      const { call } = record(calling(), { [BOBS_PHONE]: "gone", [BOBS_TABLET]: other });
      expect(call.status).toBe("calling");
    }
  });

  test("do not make Bob unreachable if one device rang before", () => {
    const { call } = record(pushedTo(calling(), BOBS_PHONE), { [BOBS_TABLET]: "gone" });
    expect(call.status).toBe("calling");
  });

  test("do not make Bob unreachable while a device rings", () => {
    expect(record(ringing(), { [BOBS_PHONE]: "gone" }).call.status).toBe("ringing");
  });
});
