/** A client's phones: all of them ring, one acts, and the others stop with the reason. */
import { describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { type Phone, startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import { answers, begins, type Cast, declines, ends, legIn, openCast } from "./cast.ts";

let world: World;
openForAll(startWorld, (opened) => void (world = opened));

interface Household {
  readonly cast: Cast;
  readonly alice: Phone;
  /** Bob's phones, in the order of their registration. */
  readonly phones: Phone[];
}

async function bobHas(count: number, named = true): Promise<Household> {
  const cast = await openCast(world);
  const alice = await cast.phone("alice");
  const phones: Phone[] = [];
  for (let number = 1; number <= count; number += 1) {
    const client = phones[0] && { clientId: phones[0].clientId };
    const token = { deviceToken: `bob-phone-${number}-token-${cast.since}` };
    phones.push(await cast.phone("bob", named ? `phone-${number}` : undefined, { ...token, ...client }));
    await world.clock.advance(1_000);
  }
  return { cast, alice, phones };
}

const pushes = (phones: readonly Phone[]): string[][] => phones.map((phone) => phone.pushes());
const RANG = ["incoming_call"];
const ANSWERED = ["incoming_call", "answered_elsewhere"];
const DECLINED = ["incoming_call", "declined_elsewhere"];

describe("the phones of a client", () => {
  test("all ring if there are ten of them", async () => {
    const { cast, alice, phones } = await bobHas(10);
    const callId = await begins(alice, ...phones.slice(0, 1));
    await world.clock.advance(2_000);
    expect(pushes(phones)).toEqual(phones.map(() => RANG));
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "cancelled" });
  });

  test("are ten at most: an eleventh replaces the one that was used least recently", async () => {
    const { cast, alice, phones } = await bobHas(10);
    const [first, second] = phones;
    const { clientId = "", deviceToken } = first ?? {};
    // The first phone is used again, so the second was used least recently.
    await first?.send({ action: "register", notifyType: "GCM", deviceToken, deviceId: "phone-1", clientId });
    const eleventh = await cast.phone("bob", "phone-11", { clientId });
    const callId = await begins(alice, eleventh);
    await world.clock.advance(2_000);
    expect(second?.pushes()).toEqual([]);
    const kept = [...phones.filter((phone) => phone !== second), eleventh];
    expect(pushes(kept)).toEqual(kept.map(() => RANG));
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "cancelled" });
  });

  test("include a phone that registers after the call began and before the push", async () => {
    const { cast, alice, phones } = await bobHas(1);
    const [bob] = phones;
    if (!bob) throw new Error("Bob has no phone");
    const callId = await begins(alice, bob);
    const tablet = await cast.phone("bob", "tablet", { clientId: bob.clientId });
    await world.clock.advance(2_000);
    await answers(tablet, callId);
    await world.clock.advance(2_000);
    expect(bob.pushes()).toEqual(ANSWERED);
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "completed" });
  });
});

describe("a phone with an ordinary and a VoIP token", () => {
  async function withVoip() {
    const cast = await openCast(world);
    const [alice, ordinary] = [
      await cast.phone("alice"),
      await cast.phone("bob", "iphone", { notifyType: "APNS" }),
    ];
    const voip = await cast.phone("bob", "iphone", {
      notifyType: "APNS_VOIP",
      clientId: ordinary.clientId,
      deviceToken: `bob-voip-token-${cast.since}`,
    });
    return { cast, alice, ordinary, voip };
  }

  test("is one device: the VoIP token rings it once, and the ordinary token shows it one missed call", async () => {
    const { cast, alice, ordinary, voip } = await withVoip();
    const callId = await begins(alice, ordinary);
    await world.clock.advance(50_000);
    expect(pushes([ordinary, voip])).toEqual([["missed_call"], ["incoming_call"]]);
    expect((await legIn(callId, ordinary, ordinary))["devices"]).toHaveLength(1);
    await expectAftermath(cast, { callId, endReason: "missed" });
  });

  test("learns through the ordinary token that another phone answered", async () => {
    const { cast, alice, ordinary, voip } = await withVoip();
    const tablet = await cast.phone("bob", "tablet", { clientId: ordinary.clientId });
    const callId = await begins(alice, ordinary);
    await world.clock.advance(2_000);
    await answers(tablet, callId);
    await world.clock.advance(2_000);
    expect(pushes([ordinary, voip])).toEqual([["answered_elsewhere"], ["incoming_call"]]);
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "completed" });
  });
});

describe("when one of three phones", () => {
  const ACTS = [
    ["answers", answers, ANSWERED, "completed"],
    ["declines", declines, DECLINED, "declined"],
  ] as const;

  test.each(ACTS)("%s, the others get the push for that, and that one gets none", async (...story) => {
    const [, acts, told, endReason] = story;
    const { cast, alice, phones } = await bobHas(3);
    const [first, second, third] = phones as [Phone, Phone, Phone];
    const callId = await begins(alice, first);
    await world.clock.advance(2_000);
    expect(await acts(second, callId)).toMatchObject({ status: 200 });
    await world.clock.advance(2_000);
    expect(pushes([first, second, third])).toEqual([told, RANG, told]);
    expect(await legIn(callId, first, first)).toMatchObject({ deviceId: "phone-2" });
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason });
  });

  test("answers and hangs up within a second, the others still stop ringing", async () => {
    const { cast, alice, phones } = await bobHas(3);
    const [first, second, third] = phones as [Phone, Phone, Phone];
    const callId = await begins(alice, first);
    await world.clock.advance(2_000);
    await answers(second, callId);
    await ends(second, callId);
    await world.clock.advance(3_000);
    expect(pushes([first, second, third])).toEqual([ANSWERED, RANG, ANSWERED]);
    const states = await world.states(callId);
    expect(states.some((state) => ["Answered elsewhere", "Ringing stopped"].includes(state))).toBe(true);
    await expectAftermath(cast, { callId, endReason: "completed" });
  });

  test("answers without a name, all get the push, because the phone is unknown", async () => {
    const { cast, alice, phones } = await bobHas(2, false);
    const [first, second] = phones as [Phone, Phone];
    const callId = await begins(alice, first);
    await world.clock.advance(2_000);
    await answers(second, callId);
    await world.clock.advance(2_000);
    expect(pushes([first, second])).toEqual([ANSWERED, ANSWERED]);
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "completed" });
  });

  test("answers and another answers later, the later one learns that the call is answered elsewhere", async () => {
    const { cast, alice, phones } = await bobHas(3);
    const [first, second, third] = phones as [Phone, Phone, Phone];
    const callId = await begins(alice, first);
    await world.clock.advance(2_000);
    await answers(second, callId);
    const tooLate = { status: 410, body: { code: "call_over", endReason: "answered_elsewhere" } };
    expect(await answers(first, callId)).toMatchObject(tooLate);
    expect(await declines(third, callId)).toMatchObject(tooLate);
    // A repeat of the first phone is no second answer.
    expect(await answers(second, callId)).toMatchObject({ status: 200, body: { status: "answered" } });
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "completed" });
  });
});

test("of two phones that answer at once, one is in the call and the other is answered elsewhere", async () => {
  const { cast, alice, phones } = await bobHas(3);
  const [first, second, third] = phones as [Phone, Phone, Phone];
  const callId = await begins(alice, first);
  await world.clock.advance(2_000);
  const replies = await Promise.all([answers(first, callId), answers(second, callId)]);
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200, 410]));
  expect(replies.find(({ status }) => status === 410)?.body).toMatchObject({
    code: "call_over",
    endReason: "answered_elsewhere",
  });
  await world.clock.advance(2_000);
  const [winner, loser] = replies[0]?.status === 200 ? [first, second] : [second, first];
  expect(pushes([winner, loser, third])).toEqual([RANG, ANSWERED, ANSWERED]);
  await ends(alice, callId);
  await expectAftermath(cast, { callId, endReason: "completed" });
});
