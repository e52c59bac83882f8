import { describe, expect, test } from "vitest";
import type { ClientId } from "../../calls/ids.ts";
import { type Call, legOf, type PushOutcome } from "../../calls/call.ts";
import type { Client } from "../../calls/client.ts";
import type { Device } from "../../calls/device.ts";
import type { PushSender } from "../../handlers/push/port.ts";
import { sendPush, sendPushInput } from "../../handlers/push/send-push.ts";
import {
  after,
  alice,
  at,
  BOB,
  bob,
  BOBS_PHONE,
  BOBS_TABLET,
  CALL,
  CALLEE,
  CALLER,
  calling,
  CAROL,
  carol,
  completed,
  device,
  endedWhileRinging,
  pushedTo,
  blocking,
} from "../builders.ts";
import { answer } from "../../calls/answering.ts";
import { endLeg } from "../../calls/ending.ts";
import { fakeCalls, fakeClients, fakeEdge, fakePublisher, fakePushes } from "../fakes.ts";

const PHONE = device(BOBS_PHONE, { GCM: "phone-token" });
const TABLET = device(BOBS_TABLET, { GCM: "tablet-token" });

function world(
  call: Call,
  outcomes: Record<string, PushOutcome[]> = {},
  devices: Device[] = [PHONE, TABLET],
) {
  const clients = fakeClients(alice(), bob());
  clients.devicesOf.set(BOB, devices);
  const people = new Map<string, string>();
  const tools = {
    calls: fakeCalls(call),
    clients,
    publisher: fakePublisher(),
    directory: { nameOf: async (owner: string) => people.get(owner) },
    sender: fakePushes(outcomes),
    edge: fakeEdge(at(1)),
  };
  const tokensHeld = () =>
    clients.devicesOf.get(BOB)?.flatMap(({ tokens }) => Object.values(tokens).map((token) => token.reveal()));
  const stored = () => tools.calls.items.get(CALL) as Call;
  const devicesTold = () => legOf(stored(), CALLEE).devices;
  return { ...tools, people, tokensHeld, stored, devicesTold, run: () => sendPush(tools, { callId: CALL }) };
}

describe("when the ring time is over", () => {
  const over = { callId: CALL, ringIsOver: true, turn: 0 };
  const rung = () => pushedTo(calling(), BOBS_PHONE, BOBS_TABLET);

  test("the call is missed, which is published, and Bob's phones show a missed call", async () => {
    const it = world(rung());
    it.edge.setNow(at(45));
    const view = await sendPush(it, over);
    expect(view).toMatchObject({ snapshot: { status: "ended", endReason: "missed" }, phonesToTell: false });
    const ended = ["LegEnded", "LegEnded", "LegUpdated", "LegUpdated"];
    expect(it.publisher.names()).toEqual([...ended, "PushSent"]);
    expect(it.sender.sent.map(({ push }) => push.type)).toEqual(["missed_call"]);
  });

  test("an answer of the last moment stands: it is published, and no phone shows a missed call", async () => {
    const it = world(after(rung(), answer(CALLEE, BOBS_PHONE), at(44)));
    it.edge.setNow(at(45));
    expect(await sendPush(it, over)).toMatchObject({ turn: 1, snapshot: { status: "answered" } });
    expect(it.publisher.names()).toEqual(["CallAnswered", "LegUpdated", "LegUpdated", "PushSent"]);
    expect(it.sender.sent.map(({ push, to }) => [push.type, to])).toEqual([
      ["answered_elsewhere", ["tablet-token"]],
    ]);
  });
});

describe("the early read of the devices", () => {
  const phonesOf = [BOB];

  test("happens once, before the call is known", async () => {
    const it = world({ ...calling(), callerName: "Alice Adams" });
    const reads: string[] = [];
    const calls: typeof it.calls = {
      ...it.calls,
      async read(id) {
        const known = [...reads];
        await Promise.resolve();
        expect(known).toEqual(["devices"]);
        return it.calls.read(id);
      },
    };
    const told =
      <Asked, Found>(name: string, read: (asked: Asked) => Promise<Found>) =>
      (asked: Asked) => {
        reads.push(name);
        return read(asked);
      };
    const clients = {
      ...it.clients,
      read: told("client", (id: ClientId) => it.clients.read(id)),
      devices: told("devices", (id: ClientId) => it.clients.devices(id)),
    };
    const directory = { nameOf: told("name", it.directory.nameOf) };
    await sendPush({ ...it, calls, clients, directory }, { callId: CALL, phonesOf });
    expect(reads).toEqual(["devices"]);
    expect(it.sender.sent[0]?.to).toEqual(["phone-token", "tablet-token"]);
  });

  test("accepts the input of executions that an older release started", async () => {
    const it = world(calling());
    const ahead = { clientIds: [BOB], callerId: alice().clientId };
    await sendPush(it, sendPushInput.parse({ callId: CALL, ahead }));
    expect(it.sender.sent).toMatchObject([{ to: ["phone-token", "tablet-token"] }]);
  });

  test("decides nothing: the call decides which devices get the push", async () => {
    const it = world(calling());
    await sendPush(it, { callId: CALL, phonesOf: [CAROL] });
    expect(it.sender.sent).toMatchObject([{ to: ["phone-token", "tablet-token"] }]);
  });
});

describe("an incoming call", () => {
  test("shows the caller's name that the call keeps from its admission", async () => {
    const it = world({ ...calling(), callerName: "Alice Adams" });
    it.people.set(alice().sub, "Alice Brown");
    await it.run();
    expect(it.sender.sent[0]?.push.data).toMatchObject({ caller_name: "Alice Adams" });
  });

  test("shows the name in the directory if the call keeps none", async () => {
    const it = world(calling());
    it.people.set(alice().sub, "Alice Adams");
    await it.run();
    expect(it.sender.sent[0]?.push.data).toMatchObject({ caller_name: "Alice Adams" });
  });

  test("reaches every device of Bob under Alice's name, and its outcomes are recorded", async () => {
    const it = world(calling());
    const view = await it.run();
    expect(it.sender.sent).toMatchObject([
      {
        push: { type: "incoming_call", data: { caller_name: alice().username } },
        to: ["phone-token", "tablet-token"],
      },
    ]);
    expect(Object.keys(it.devicesTold())).toEqual([BOBS_PHONE, BOBS_TABLET]);
    expect(it.publisher.events).toMatchObject([{ name: "PushSent", detail: { outcomes: { accepted: 2 } } }]);
    expect(view).toMatchObject({ turn: 0, phonesToTell: false, snapshot: { status: "calling" } });
  });

  test("is repeated after half a second and after two for a device that was throttled or failed", async () => {
    const it = world(calling(), { "phone-token": ["throttled", "failed", "accepted"] });
    await it.run();
    expect(it.sender.sent.map(({ to }) => to)).toEqual([
      ["phone-token", "tablet-token"],
      ["phone-token"],
      ["phone-token"],
    ]);
    expect(it.edge.pauses).toEqual([500, 2_000]);
    expect(it.devicesTold()[BOBS_PHONE]?.pushes["incoming_call"]?.outcome).toBe("accepted");
  });

  test("is given up after the second repeat", async () => {
    const it = world(calling(), { "phone-token": ["failed", "failed", "throttled", "accepted"] });
    await it.run();
    expect(it.sender.sent).toHaveLength(3);
    expect(it.devicesTold()[BOBS_PHONE]?.pushes["incoming_call"]?.outcome).toBe("throttled");
  });

  test("is not repeated once the ring time is over", async () => {
    const it = world(calling(), { "phone-token": ["throttled", "throttled"] });
    it.edge.setNow(at(44));
    await it.run();
    expect(it.edge.pauses).toEqual([500]);
    expect(it.sender.sent.at(-1)?.push.ttlSeconds).toBe(1);
  });

  test("succeeds for one phone even if repeating it to the other fails", async () => {
    const it = world(calling(), { "tablet-token": ["throttled"] });
    let sends = 0;
    const sender: PushSender = {
      send: (push, addresses) => {
        sends += 1;
        return sends === 1
          ? it.sender.send(push, addresses)
          : Promise.reject(new Error("the push service is away"));
      },
    };
    const view = await sendPush({ ...it, sender }, { callId: CALL });
    expect(view.snapshot.status).toBe("calling");
    expect(it.devicesTold()).toMatchObject({
      [BOBS_PHONE]: { pushes: { incoming_call: { outcome: "accepted" } } },
      [BOBS_TABLET]: { pushes: { incoming_call: { outcome: "throttled" } } },
    });
  });

  test("fails the task if no device could be tried", async () => {
    const it = world(calling());
    const sender = { send: () => Promise.reject(new Error("the push service is away")) };
    await expect(sendPush({ ...it, sender }, { callId: CALL })).rejects.toThrow("the push service is away");
  });

  test("ends the call as unreachable if every device is gone, and removes their tokens", async () => {
    const it = world(calling(), { "phone-token": ["gone"], "tablet-token": ["gone"] });
    const view = await it.run();
    expect(view).toMatchObject({ turn: 1, snapshot: { endReason: "unreachable" } });
    expect(it.tokensHeld()).toEqual([]);
    expect(it.edge.pauses).toEqual([]);
    expect(it.publisher.names()).toEqual(["PushSent", "LegEnded", "LegEnded", "LegUpdated", "LegUpdated"]);
  });

  test("ends the call as unreachable if Bob has no device any more", async () => {
    const it = world(calling(), {}, []);
    expect(await it.run()).toMatchObject({ snapshot: { endReason: "unreachable" } });
    expect(it.sender.sent).toEqual([]);
  });
});

describe("a group call", () => {
  const CAROLS_PHONE = device("carols-phone", { APNS: "carols-token" }, { clientId: carol().clientId });
  const group = (...callees: Client[]) => {
    const it = world(calling({ callees }), {}, [PHONE]);
    it.clients.items.set(CAROL, carol());
    it.clients.devicesOf.set(CAROL, [CAROLS_PHONE]);
    return it;
  };

  test("pushes to each leg, and records and publishes all of it once", async () => {
    const it = group(bob(), carol());
    expect(await it.run()).toMatchObject({ phonesToTell: false, snapshot: { version: 2 } });
    expect(it.sender.sent.map(({ push, to }) => [push.data["receiver_id"], to])).toEqual([
      [BOB, ["phone-token"]],
      [CAROL, ["carols-token"]],
    ]);
    expect(it.publisher.events).toMatchObject([{ name: "PushSent", detail: { outcomes: { accepted: 2 } } }]);
    expect(legOf(it.stored(), 3).devices["carols-phone"]?.pushes["incoming_call"]).toMatchObject({
      channel: "APNS",
    });
  });

  test("loses a leg that cannot be reached, and rings on for the others", async () => {
    const it = group(bob(), carol());
    it.clients.devicesOf.set(CAROL, []);
    expect(await it.run()).toMatchObject({ turn: 1, snapshot: { status: "calling" } });
    expect(legOf(it.stored(), 3)).toMatchObject({ status: "left", leftReason: "unreachable" });
  });

  test("rings on if the push to one leg fails, and does not repeat the push to the others", async () => {
    const it = group(bob(), carol());
    const devices = (id: typeof BOB) =>
      id === CAROL ? Promise.reject(new Error("the table is away")) : it.clients.devices(id);
    const view = await sendPush({ ...it, clients: { ...it.clients, devices } }, { callId: CALL });
    // The task tries again soon, without waiting for another event.
    expect(view).toMatchObject({ phonesToTell: true, dueAtMs: at(4), snapshot: { status: "calling" } });
    it.edge.setNow(at(3));
    const again = await sendPush({ ...it, clients: { ...it.clients, devices } }, { callId: CALL });
    expect(again).toMatchObject({ phonesToTell: true, dueAtMs: at(6) });
    expect([legOf(it.stored(), CALLEE).told, legOf(it.stored(), 3).told]).toEqual([
      "incoming_call",
      undefined,
    ]);
    expect((await it.run()).dueAtMs).toBe(at(45));
    expect(it.sender.sent.map(({ to }) => to)).toEqual([["phone-token"], ["carols-token"]]);
  });

  test("rings no callee who blocks Alice or is not to be disturbed, and does not read their devices", async () => {
    for (const silent of [blocking(bob(), alice(), at(0)), bob({ doNotDisturbUntilMs: at(60) })]) {
      const it = group(silent, carol());
      await it.run();
      expect(it.sender.sent.map(({ to }) => to)).toEqual([["carols-token"]]);
      expect(legOf(it.stored(), CALLEE)).toMatchObject({
        status: "left",
        leftReason: "unreachable",
        devices: {},
      });
      expect(
        it.publisher.events.some(({ name, detail }) => name === "LegUpdated" && detail["leg"] === 2),
      ).toBe(false);
    }
  });
});

describe("device tokens", () => {
  test("a token that is gone is removed, and the others stay", async () => {
    const it = world(calling(), { "phone-token": ["gone"] });
    await it.run();
    expect(it.tokensHeld()).toEqual(["tablet-token"]);
  });

  test("a token with a successor is replaced, and the device keeps its other tokens", async () => {
    const it = world(calling(), {}, [device(BOBS_PHONE, { APNS: "alert", APNS_VOIP: "voip" })]);
    it.sender.replacements["voip"] = "new-voip";
    await it.run();
    expect(it.clients.devicesOf.get(BOB)?.map(({ deviceId }) => deviceId)).toEqual([BOBS_PHONE]);
    expect(it.tokensHeld()?.toSorted()).toEqual(["alert", "new-voip"]);
  });

  test("are left alone if they change meanwhile, and the call goes on", async () => {
    const it = world(calling(), { "phone-token": ["gone"] });
    it.clients.others.push(() => void it.clients.items.set(BOB, bob({ revision: 2 })));
    expect(await it.run()).toMatchObject({ snapshot: { status: "calling" } });
    expect(it.tokensHeld()).toEqual(["phone-token", "tablet-token"]);
  });
});

test("a token that cannot be removed now does not make a phone ring twice", async () => {
  const it = world(calling(), { "phone-token": ["gone"] });
  const commit = () => Promise.reject(new Error("the table is away"));
  await sendPush({ ...it, clients: { ...it.clients, commit } }, { callId: CALL });
  await it.run();
  expect(it.sender.sent).toHaveLength(1);
});

describe("run late or twice", () => {
  test("no device gets the same push twice", async () => {
    const it = world(calling());
    await it.run();
    await it.run();
    expect(it.sender.sent).toHaveLength(1);
    expect(it.stored().status).toBe("calling");
  });

  test("the push says what is true now: after Alice's cancel, the phones that rang stop", async () => {
    const it = world(after(pushedTo(calling(), BOBS_TABLET), endLeg(CALLER), at(3)));
    await it.run();
    expect(it.sender.sent).toMatchObject([
      { push: { type: "call_cancelled", data: { reason: "cancelled" } }, to: ["tablet-token"] },
    ]);
  });

  test("the second device stops ringing when the first answers", async () => {
    const it = world(after(pushedTo(calling(), BOBS_PHONE, BOBS_TABLET), answer(2, BOBS_PHONE), at(3)));
    await it.run();
    expect(it.sender.sent).toMatchObject([{ push: { type: "answered_elsewhere" }, to: ["tablet-token"] }]);
  });

  test("a phone that gets the push of a call cancelled meanwhile is recorded, so that the next push silences it", async () => {
    const it = world(calling());
    it.calls.others.push((call) => after(call, endLeg(CALLER), at(1)));
    expect(await it.run()).toMatchObject({ snapshot: { endReason: "cancelled" } });
    await it.run();
    expect(it.sender.sent.map(({ push }) => push.type)).toEqual(["incoming_call", "call_cancelled"]);
  });

  test("a call with nothing to push sends, publishes and writes nothing", async () => {
    for (const call of [completed(), endedWhileRinging("unreachable")]) {
      const it = world(call);
      await it.run();
      expect([it.sender.sent, it.publisher.events, it.stored()]).toEqual([[], [], call]);
    }
  });
});

test("a missed call is shown on all devices, even after the ring time, and is repeated if throttled", async () => {
  const it = world(endedWhileRinging("missed"), { "phone-token": ["throttled"] });
  it.edge.setNow(at(45));
  await it.run();
  expect(it.sender.sent.map(({ push, to }) => [push.type, to])).toEqual([
    ["missed_call", ["phone-token", "tablet-token"]],
    ["missed_call", ["phone-token"]],
  ]);
});

test("the error names a call that does not exist", async () => {
  const it = world(calling());
  it.calls.items.clear();
  await expect(it.run()).rejects.toThrow(`call ${CALL} does not exist`);
});
