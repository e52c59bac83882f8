/** The scenes of `npm run demo -- --all`. */
import type { Phone, Reply } from "../phones.ts";
import type { Stage } from "./stage.ts";

export interface Scene {
  readonly title: string;
  readonly push?: "direct";
  readonly play: (stage: Stage) => Promise<void>;
}

const idOf = (reply: Reply): string => String(reply.body["callId"]);
const types = (phone: Phone): string =>
  phone
    .pushes()
    .map(({ data }) => data["type"])
    .join(", ");
const codeOf = ({ body }: Reply): unknown => body["code"];
const reasonOf = ({ body }: Reply): unknown => body["endReason"];
/** As the phones of a client see the call now. */
const seen = async (stage: Stage, who: Phone, callId: string): Promise<Reply> =>
  stage.does(who, "getCall", callId);
const RING_SECONDS = 46;

export const scenes: readonly Scene[] = [
  {
    title: "Several devices: when one answers, the others fall silent",
    play: async (stage) => {
      const alice = await stage.phone("alice");
      const phone = await stage.phone("bob");
      const tablet = await stage.phone("bob", { beside: phone, deviceId: "bobs-tablet" });
      const callId = idOf(await stage.call(alice, phone));
      await stage.seconds(3);
      await stage.does(phone, "ackRinging", callId);
      await stage.does(phone, "answerCall", callId);
      const late = await stage.does(tablet, "answerCall", callId);
      await stage.seconds(2);
      stage.fact("the phone that answered hears nothing more", types(phone) === "incoming_call");
      stage.fact("the tablet falls silent", types(tablet) === "incoming_call, answered_elsewhere");
      stage.fact("its answer is refused: answered elsewhere", reasonOf(late) === "answered_elsewhere");
      await stage.does(alice, "endCall", callId);
      await stage.seconds(5);
    },
  },
  {
    title: "Two phones of one person: one client, and a call belongs to the phone that is in it",
    play: async (stage) => {
      const alice = await stage.phone("alice");
      const [phone, tablet] = [
        await stage.phone("bob"),
        await stage.phone("bob", { deviceId: "bobs-tablet" }),
      ];
      stage.fact("both are phones of one client", phone.clientId === tablet.clientId);
      const callId = idOf(await stage.call(phone, alice));
      await stage.seconds(2);
      await stage.does(alice, "answerCall", callId);
      const again = await stage.call(tablet, alice);
      stage.fact(
        "the tablet may not call: the phone is in the call",
        codeOf(again) === "caller_in_call" && again.body["deviceId"] === phone.deviceId,
      );
      const { clientId, deviceId } = tablet;
      const unaware = await tablet.send({ action: "endCall", clientId, deviceId });
      stage.fact("and it cannot hang up by accident", codeOf(unaware) === "on_another_device");
      stage.fact(
        "the phone gets its call back by calling again",
        idOf(await stage.call(phone, alice)) === callId,
      );
      await stage.does(tablet, "endCall", callId);
      await stage.seconds(5);
    },
  },
  {
    title: "Taking over: a call goes on with another phone of the same person",
    play: async (stage) => {
      const { ivs } = stage.runtime;
      const alice = await stage.phone("alice");
      const phone = await stage.phone("bob");
      const tablet = await stage.phone("bob", { deviceId: "bobs-tablet" });
      const called = await stage.call(alice, phone);
      const callId = idOf(called);
      await stage.seconds(2);
      const first = await ivs.join(String((await stage.does(phone, "answerCall", callId)).body["token"]));
      const hers = await ivs.join(String(called.body["token"]));
      for (const one of [first, hers]) ivs.publish(one);
      const refused = await stage.does(tablet, "rejoinCall", callId);
      stage.fact("without takeOver, the tablet may not join", codeOf(refused) === "on_another_device");
      const taken = await stage.does(tablet, "rejoinCall", callId, { takeOver: true });
      const second = await ivs.join(String(taken.body["token"]));
      ivs.publish(second);
      await stage.seconds(15);
      stage.fact("the phone is off the stage", !first.connected);
      stage.fact("the tablet and Alice talk on", second.connected && hers.connected);
      const back = await stage.does(phone, "rejoinCall", callId);
      stage.fact("the phone cannot take it back by accident", codeOf(back) === "on_another_device");
      for (const one of [second, hers]) ivs.leave(one);
      await stage.does(alice, "endCall", callId);
      await stage.seconds(5);
    },
  },
  {
    title: "A push token changes: the same phone, by its deviceId",
    play: async (stage) => {
      const alice = await stage.phone("alice");
      const before = await stage.phone("bob", { tokens: { GCM: "bobs-old-token" } });
      const after = await stage.phone("bob", { tokens: { GCM: "bobs-new-token" } });
      stage.fact("friends keep the id that they know", after.clientId === before.clientId);
      const callId = idOf(await stage.call(alice, before));
      await stage.seconds(3);
      stage.fact("the new token rings", types(after) === "incoming_call");
      stage.fact("the old one gets no push", types(before) === "");
      const { body } = await after.send({ action: "listClients" });
      const [client] = body["clients"] as { devices: unknown[] }[];
      stage.fact("there is one phone", client?.devices.length === 1);
      await stage.does(alice, "endCall", callId);
      await stage.seconds(5);
    },
  },
  {
    title: "Push results: Ringmaster forgets a token that is gone, and repeats a throttled push",
    play: async (stage) => {
      const alice = await stage.phone("alice");
      const phone = await stage.phone("bob");
      const tablet = await stage.phone("bob", { beside: phone, deviceId: "bobs-tablet" });
      const old = await stage.phone("bob", { beside: phone, deviceId: "bobs-old-phone" });
      const { pinpoint } = stage.runtime;
      pinpoint.setOutcome(old.deviceId, "PERMANENT_FAILURE");
      pinpoint.setOutcome(tablet.deviceId, ["THROTTLED", "SUCCESSFUL"]);
      const callId = idOf(await stage.call(alice, phone));
      await stage.seconds(5);
      const legs = (await seen(stage, phone, callId)).body["legs"] as { devices?: unknown[] }[];
      stage.fact("the call shows each device and its outcome", legs[1]?.devices?.length === 3);
      stage.fact(
        "the caller does not see them",
        !("devices" in ((await seen(stage, alice, callId)).body["legs"] as object[])[1]!),
      );
      const { body } = await phone.send({ action: "getClient", clientId: phone.clientId });
      stage.fact("two devices are left", (body["devices"] as unknown[]).length === 2);
      stage.fact("the tablet rings on the second attempt", types(tablet) === "incoming_call");
      await stage.does(alice, "endCall", callId);
      await stage.seconds(5);
    },
  },
  {
    title: "Without Pinpoint: the same pushes by FCM's and Apple's own protocols",
    push: "direct",
    play: async (stage) => {
      const alice = await stage.phone("alice");
      const android = await stage.phone("bob");
      const tokens = { APNS: "b0b".padEnd(64, "0"), APNS_VOIP: "b0b".padEnd(64, "1") };
      const iphone = await stage.phone("bob", { beside: android, deviceId: "bobs-iphone", tokens });
      const callId = idOf(await stage.call(alice, android));
      await stage.seconds(3);
      const [ring] = iphone.pushes();
      stage.fact(
        "a VoIP push wakes the iPhone",
        ring?.voip === true && ring.data["type"] === "incoming_call",
      );
      await stage.does(android, "answerCall", callId);
      await stage.seconds(3);
      const silence = iphone.pushes().at(-1);
      stage.fact(
        "an ordinary push silences it",
        silence?.voip === false && silence.data["type"] === "answered_elsewhere",
      );
      await stage.does(alice, "endCall", callId);
      await stage.seconds(5);
    },
  },
  {
    title: "Ring acknowledgement: the caller learns that a phone really rings",
    play: async (stage) => {
      const [alice, bob] = [await stage.phone("alice"), await stage.phone("bob")];
      const callId = idOf(await stage.call(alice, bob));
      await stage.seconds(2);
      stage.fact(
        "an accepted push is not yet a ring",
        (await seen(stage, alice, callId)).body["status"] === "calling",
      );
      await stage.does(bob, "ackRinging", callId);
      stage.fact(
        "a device's acknowledgement is",
        (await seen(stage, alice, callId)).body["status"] === "ringing",
      );
      await stage.does(bob, "declineCall", callId);
      await stage.seconds(5);
    },
  },
  {
    title: "A fast clock: a phone ten minutes ahead rings for the right time, by the server's clock alone",
    play: async (stage) => {
      const [alice, bob] = [await stage.phone("alice"), await stage.phone("bob")];
      const callId = idOf(await stage.call(alice, bob));
      await stage.seconds(2);
      const { ring_expires_at_ms: untilMs, ring_seconds_left: left } = bob.pushes()[0]?.data ?? {};
      const bobsClockMs = stage.clock.now() + 10 * 60_000;
      stage.fact("by the phone's clock the ring is long over", bobsClockMs > Number(untilMs));
      stage.fact("the push gives the seconds that are left to ring", left === "45");
      const { body } = await stage.does(bob, "ackRinging", callId);
      const leftMs = Number(body["ringUntilMs"]) - Number(body["serverNowMs"]);
      stage.fact(
        "the reply gives them exactly, as a difference of server times",
        Math.round(leftMs / 1000) === 43,
      );
      stage.fact("the caller hears it ring", (await seen(stage, alice, callId)).body["status"] === "ringing");
      await stage.seconds(leftMs / 1000 + 1);
      const after = await seen(stage, bob, callId);
      stage.fact("and when the phone falls silent, the call is missed", reasonOf(after) === "missed");
      await stage.seconds(5);
    },
  },
  {
    title: "Busy: the call is recorded, and the callee learns who called",
    play: async (stage) => {
      const [alice, bob, carol] = [
        await stage.phone("alice"),
        await stage.phone("bob"),
        await stage.phone("carol"),
      ];
      const callId = idOf(await stage.call(alice, bob));
      await stage.does(bob, "answerCall", callId);
      const refused = await stage.call(carol, bob);
      await stage.seconds(5);
      stage.fact("Carol gets 409 callee_busy", refused.body["code"] === "callee_busy");
      stage.fact("Bob's phone shows a missed call", types(bob).endsWith("missed_call"));
      await stage.does(bob, "endCall", callId);
      await stage.seconds(5);
    },
  },
  {
    title: "Idempotency-Key: a retry after a fast decline does not ring again",
    play: async (stage) => {
      const [alice, bob] = [await stage.phone("alice"), await stage.phone("bob")];
      const body = { action: "initiateCall", callerId: alice.clientId, calleeId: bob.clientId };
      const callId = idOf(await alice.send(body, { "idempotency-key": "one-tap" }));
      await stage.seconds(2);
      await stage.does(bob, "declineCall", callId);
      await stage.seconds(3);
      const again = await alice.send(body, { "idempotency-key": "one-tap" });
      stage.fact(
        "the retry learns that the call was declined",
        again.status === 410 && reasonOf(again) === "declined",
      );
      stage.fact("Bob's phone rang once", types(bob) === "incoming_call");
    },
  },
  {
    title: "Cancel: the caller gives up, and the callee's phones stop",
    play: async (stage) => {
      const [alice, bob] = [await stage.phone("alice"), await stage.phone("bob")];
      const callId = idOf(await stage.call(alice, bob));
      await stage.seconds(4);
      await stage.does(alice, "endCall", callId);
      const late = await stage.does(bob, "answerCall", callId);
      await stage.seconds(3);
      stage.fact("Bob's phone gets the cancellation", types(bob) === "incoming_call, call_cancelled");
      stage.fact("his late answer learns why", reasonOf(late) === "cancelled");
    },
  },
  {
    title: "Missed: no phone answers within the ring time",
    play: async (stage) => {
      const [alice, bob] = [await stage.phone("alice"), await stage.phone("bob")];
      const callId = idOf(await stage.call(alice, bob));
      await stage.seconds(RING_SECONDS + 3);
      stage.fact("the workflow ends it", reasonOf(await seen(stage, alice, callId)) === "missed");
      stage.fact("Bob's phone shows who called", bob.pushes().at(-1)?.data["caller_name"] === "alice");
    },
  },
  {
    title: "Rejoin: another token after losing the network, as long as the call lasts",
    play: async (stage) => {
      const [alice, bob] = [await stage.phone("alice"), await stage.phone("bob")];
      const first = await stage.call(alice, bob);
      const callId = idOf(first);
      await stage.does(bob, "answerCall", callId);
      await stage.seconds(30);
      const again = await stage.does(alice, "rejoinCall", callId);
      stage.fact(
        "Alice gets another token",
        again.status === 200 && again.body["token"] !== first.body["token"],
      );
      await stage.does(bob, "endCall", callId);
      const late = await stage.does(alice, "rejoinCall", callId);
      stage.fact("after the end she learns why", late.status === 410 && reasonOf(late) === "completed");
      await stage.seconds(5);
    },
  },
  {
    title: "Dropped: a phone dies in the middle of a call",
    play: async (stage) => {
      const [alice, bob] = [await stage.phone("alice"), await stage.phone("bob")];
      const { ivs } = stage.runtime;
      const called = await stage.call(alice, bob);
      const callId = idOf(called);
      const caller = await ivs.join(String(called.body["token"]));
      ivs.publish(caller);
      const answered = await stage.does(bob, "answerCall", callId);
      const callee = await ivs.join(String(answered.body["token"]));
      ivs.publish(callee);
      await stage.seconds(60);
      const diedMs = stage.clock.now();
      ivs.vanish(callee);
      await stage.clock.until(
        async () => (await seen(stage, alice, callId)).body["status"] === "ended",
        180_000,
      );
      stage.fact(
        "two checks of the stage end the call",
        reasonOf(await seen(stage, alice, callId)) === "dropped",
      );
      stage.fact("within two minutes", stage.clock.now() - diedMs < 120_000);
      await stage.seconds(5);
    },
  },
  {
    title: "Audio and video: as the caller chose, in the push, the token and the call",
    play: async (stage) => {
      const [alice, bob] = [await stage.phone("alice"), await stage.phone("bob")];
      const called = await stage.call(alice, bob);
      const callId = idOf(called);
      await stage.seconds(2);
      stage.fact("the push says video", bob.pushes()[0]?.data["media"] === "video");
      const caller = await stage.runtime.ivs.join(String(called.body["token"]));
      stage.fact("so does the token", caller.attributes["media"] === "video");
      const answered = await stage.does(bob, "answerCall", callId, { media: "audio" });
      stage.fact("an answer cannot change it", answered.body["media"] === "video");
      await stage.does(bob, "endCall", callId);
      await stage.seconds(5);
    },
  },
  {
    title: "Blocked: the caller sees an unreachable phone, and the callee sees nothing",
    play: async (stage) => {
      const [alice, bob] = [await stage.phone("alice"), await stage.phone("bob")];
      await bob.send({ action: "blockClient", clientId: bob.clientId, blockedId: alice.clientId });
      const callId = idOf(await stage.call(alice, bob));
      await stage.seconds(5);
      stage.fact(
        "the call ends as unreachable",
        reasonOf(await seen(stage, alice, callId)) === "unreachable",
      );
      stage.fact("Bob's phone stays silent", types(bob) === "");
    },
  },
  {
    title: "Do not disturb: silent until its time",
    play: async (stage) => {
      const [alice, bob] = [await stage.phone("alice"), await stage.phone("bob")];
      const untilMs = stage.clock.now() + 60_000;
      await bob.send({ action: "setDoNotDisturb", clientId: bob.clientId, untilMs });
      await stage.call(alice, bob);
      await stage.seconds(65);
      stage.fact("no phone rings", types(bob) === "");
      const callId = idOf(await stage.call(alice, bob));
      await stage.seconds(3);
      stage.fact("a minute later it does", types(bob) === "incoming_call");
      await stage.does(bob, "declineCall", callId);
      await stage.seconds(5);
    },
  },
  {
    title: "Limits: ten calls a minute",
    play: async (stage) => {
      const [alice, bob] = [await stage.phone("alice"), await stage.phone("bob")];
      for (let attempt = 0; attempt < 10; attempt += 1) {
        await stage.does(alice, "endCall", idOf(await stage.call(alice, bob)));
      }
      const refused = await stage.call(alice, bob);
      stage.fact(
        "the eleventh is refused",
        refused.status === 429 && refused.body["code"] === "too_many_calls",
      );
      await stage.seconds(60);
      const callId = idOf(await stage.call(alice, bob));
      stage.fact("a minute later it is not", callId !== "undefined");
      await stage.does(alice, "endCall", callId);
      await stage.seconds(5);
    },
  },
  {
    title: "Group: all ring, some join, one is added",
    play: async (stage) => {
      const [alice, bob, carol, dave] = [
        await stage.phone("alice"),
        await stage.phone("bob"),
        await stage.phone("carol"),
        await stage.phone("dave"),
      ];
      const callId = idOf(await stage.call(alice, bob, carol));
      await stage.seconds(3);
      await stage.does(carol, "declineCall", callId);
      await stage.does(bob, "answerCall", callId);
      await stage.seconds(5);
      await stage.does(bob, "addToCall", callId, { calleeIds: [dave.clientId] });
      await stage.seconds(3);
      await stage.does(dave, "answerCall", callId);
      await stage.seconds(5);
      await stage.does(alice, "endCall", callId);
      stage.fact(
        "Alice leaves, and Bob and Dave talk on",
        (await seen(stage, bob, callId)).body["status"] === "answered",
      );
      await stage.does(bob, "endCall", callId);
      stage.fact("with Dave alone it ends", (await seen(stage, dave, callId)).body["status"] === "ended");
      await stage.seconds(5);
    },
  },
  {
    title: "History: what each side remembers",
    play: async (stage) => {
      const [alice, bob] = [await stage.phone("alice"), await stage.phone("bob")];
      const callId = idOf(await stage.call(alice, bob));
      await stage.seconds(5);
      await stage.does(bob, "answerCall", callId);
      await stage.seconds(30);
      await stage.does(alice, "endCall", callId);
      await stage.seconds(5);
      const { body } = await bob.send({ action: "listCalls", clientId: bob.clientId });
      const [last] = body["calls"] as Record<string, unknown>[];
      stage.fact(
        "Bob's last call was half a minute with Alice",
        last?.["durationMs"] === 30_000 && last["otherClientId"] === alice.clientId,
      );
      stage.fact("answered on his phone", last?.["deviceId"] === bob.deviceId);
    },
  },
];
