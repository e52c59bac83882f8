/** What holds for every push provider: the message on each kind of phone, and the outcome of each address. */
import { describe, expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import { callId } from "./builders.ts";
import { BOBS_TOKEN, openDirectWorld, openPinpointWorld, type PushWorld } from "./push-world.ts";

const RING_SECONDS = 45;

describe.each([
  ["Pinpoint", openPinpointWorld],
  ["FCM and APNs directly", openDirectWorld],
] as const)("through %s", (_provider, open) => {
  let world: PushWorld;
  openForEach(open, (opened) => void (world = opened));

  test("an incoming call wakes Android at once, while the phone rings, with a flat map of strings", async () => {
    expect(await world.send("incoming_call", "GCM")).toMatchObject([{ outcome: "accepted" }]);
    expect(world.arrived()).toEqual({
      atMs: world.aws.clock.now(),
      channel: "GCM",
      priority: "high",
      ttlSeconds: RING_SECONDS,
      voip: false,
      data: world.push("incoming_call").data,
    });
  });

  test.each(["APNS_VOIP", "APNS_VOIP_SANDBOX"] as const)("it wakes an iPhone over %s", async (notifyType) => {
    expect(await world.send("incoming_call", notifyType)).toMatchObject([{ outcome: "accepted" }]);
    expect(world.arrived()).toEqual({
      atMs: world.aws.clock.now(),
      channel: notifyType,
      priority: "10",
      ttlSeconds: RING_SECONDS,
      pushType: "voip",
      voip: true,
      aps: { "content-available": 1 },
      data: world.push("incoming_call").data,
    });
  });

  test("the system shows it on an iPhone with an ordinary token only", async () => {
    await world.send("incoming_call", "APNS");
    expect(world.arrived()).toMatchObject({
      channel: "APNS",
      priority: "10",
      pushType: "alert",
      voip: false,
      alert: { title: "Alice is calling" },
      data: world.push("incoming_call").data,
    });
  });

  test("an iPhone shows a missed call, for a day, in place of the call's earlier alert", async () => {
    await world.send("missed_call", "APNS_SANDBOX");
    expect(world.arrived()).toMatchObject({
      channel: "APNS_SANDBOX",
      priority: "10",
      ttlSeconds: 24 * 3600,
      pushType: "alert",
      collapseId: callId(1),
      alert: { title: "Missed call from Alice" },
    });
  });

  test.each(["call_cancelled", "answered_elsewhere", "declined_elsewhere"] as const)(
    "%s reaches an iPhone in the background, unseen",
    async (type) => {
      await world.send(type, "APNS");
      expect(world.arrived()).toMatchObject({ priority: "5", pushType: "background", collapseId: callId(1) });
      expect(world.arrived()).not.toHaveProperty("alert");
      expect(world.arrived()?.aps).toEqual({ "content-available": 1 });
      expect(world.arrived()?.data).toEqual(world.push(type).data);
    },
  );

  test.each(["missed_call", "call_cancelled"] as const)(
    "%s is an FCM data message of the call",
    async (type) => {
      await world.send(type, "GCM");
      expect(world.arrived()).toEqual({
        atMs: world.aws.clock.now(),
        channel: "GCM",
        priority: "high",
        ttlSeconds: world.push(type).ttlSeconds,
        collapseId: callId(1),
        voip: false,
        data: world.push(type).data,
      });
    },
  );

  test("phones of every kind are reached, and each address gets its own outcome", async () => {
    const types = ["GCM", "APNS_VOIP", "APNS", "GCM", "APNS_VOIP_SANDBOX"] as const;
    const tokens = ["android", "voip", "gone-iphone", "throttled-android", "sandbox"];
    const addresses = types.map((notifyType, n) => world.address(notifyType, tokens[n]));
    const results = await world.sender.send(world.push("incoming_call"), addresses);
    const outcomes = results.map(({ address, outcome }) => [address.token.reveal(), outcome]);
    expect(Object.fromEntries(outcomes)).toEqual({
      android: "accepted",
      voip: "accepted",
      "gone-iphone": "gone",
      "throttled-android": "throttled",
      sandbox: "accepted",
    });
    expect(tokens.map((token) => world.arrived(token)?.channel)).toEqual([
      "GCM",
      "APNS_VOIP",
      undefined,
      undefined,
      "APNS_VOIP_SANDBOX",
    ]);
  });

  test("no addresses get no push", async () => {
    expect(await world.sender.send(world.push("incoming_call"), [])).toEqual([]);
    expect(world.aws.asked).toEqual([]);
  });

  describe.each(["GCM", "APNS_VOIP"] as const)("of %s", (notifyType) => {
    test.each([
      ["SUCCESSFUL", "accepted"],
      ["PERMANENT_FAILURE", "gone"],
      ["THROTTLED", "throttled"],
      ["TEMPORARY_FAILURE", "failed"],
      ["UNKNOWN_FAILURE", "failed"],
    ] as const)("an address whose push ends in %s counts as %s", async (status, outcome) => {
      world.networks.setOutcome(BOBS_TOKEN, status);
      expect(await world.send("incoming_call", notifyType)).toMatchObject([{ outcome }]);
    });

    test("a refusal contains the network's own reason, and no token", async () => {
      world.networks.setOutcome(BOBS_TOKEN, "PERMANENT_FAILURE");
      const [result] = await world.send("incoming_call", notifyType);
      expect(result?.reason).toMatch(/^unregistered/i);
      expect(result?.reason).not.toContain(BOBS_TOKEN);
      world.networks.setOutcome(BOBS_TOKEN, "SUCCESSFUL");
      expect((await world.send("incoming_call", notifyType))[0]).not.toHaveProperty("reason");
    });
  });
});
