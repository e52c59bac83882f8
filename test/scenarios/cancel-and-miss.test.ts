/** A caller who cancels and a callee who does not answer: which pushes the phones get, and on which channel. */
import { expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import { answers, begins, ends, history, joinsStage, openCast, rings, seen } from "./cast.ts";

let world: World;
openForAll(startWorld, (opened) => void (world = opened));

/** Bob has a phone with an ordinary and a VoIP token, and a tablet. */
async function aliceAndBob() {
  const cast = await openCast(world);
  const [alice, tablet] = [await cast.phone("alice"), await cast.phone("bob", "tablet")];
  const { clientId } = tablet;
  const iphone = await cast.phone("bob", "iphone", { notifyType: "APNS", clientId });
  const deviceToken = `bob-voip-token-${cast.since}`;
  const voip = await cast.phone("bob", "iphone", { notifyType: "APNS_VOIP", clientId, deviceToken });
  return { cast, alice, tablet, iphone, voip };
}

test("a cancel silences every phone that rang, and never with a VoIP push", async () => {
  const { cast, alice, tablet, iphone, voip } = await aliceAndBob();
  const callId = await begins(alice, tablet);
  await world.clock.advance(5_000);
  expect(await ends(alice, callId)).toMatchObject({ body: { ended: true, endReason: "cancelled" } });
  await world.clock.advance(2_000);
  expect(tablet.pushes()).toEqual(["incoming_call", "call_cancelled"]);
  expect(iphone.pushes()).toEqual(["call_cancelled"]);
  expect(voip.pushes()).toEqual(["incoming_call"]);
  await expectAftermath(cast, { callId, endReason: "cancelled" });
});

test("a phone that registered after the ring began gets no push of the cancel", async () => {
  const { cast, alice, tablet } = await aliceAndBob();
  const callId = await begins(alice, tablet);
  await world.clock.advance(5_000);
  const late = await cast.phone("bob", "late", { clientId: tablet.clientId });
  await ends(alice, callId);
  await world.clock.advance(2_000);
  expect(late.pushes()).toEqual([]);
  await expectAftermath(cast, { callId, endReason: "cancelled" });
});

test.each(["the caller", "the callee"])(
  "a cancel and an answer at once, %s a moment earlier: one wins, and both replies say which",
  async (first) => {
    const { cast, alice, tablet } = await aliceAndBob();
    const callId = await begins(alice, tablet);
    await world.clock.advance(5_000);
    const acts = { cancel: () => ends(alice, callId), answer: () => answers(tablet, callId) };
    const sending =
      first === "the caller"
        ? { cancelled: acts.cancel(), answered: acts.answer() }
        : { answered: acts.answer(), cancelled: acts.cancel() };
    const [cancelled, answered] = [await sending.cancelled, await sending.answered];
    const endReason = answered.status === 200 ? "completed" : "cancelled";
    expect(cancelled.body).toMatchObject({ ended: true, endReason });
    expect([answered.status, answered.body["endReason"]]).toEqual(
      // The hang-up after the answer ends an answered call.
      endReason === "completed" ? [200, undefined] : [410, "cancelled"],
    );
    await expectAftermath(cast, { callId, endReason });
  },
);

test("an unanswered call shows a missed call on every device, with the caller and the time", async () => {
  const { cast, alice, tablet, iphone, voip } = await aliceAndBob();
  const callId = await begins(alice, tablet);
  const { createdAtMs } = await seen(alice, callId);
  await rings(tablet, callId);
  await world.clock.advance(50_000);
  expect(tablet.pushes()).toEqual(["incoming_call", "missed_call"]);
  expect(iphone.pushes()).toEqual(["missed_call"]);
  expect(voip.pushes()).toEqual(["incoming_call"]);
  const missed = tablet.messages().at(-1)?.data ?? {};
  expect(missed).toMatchObject({
    call_id: callId,
    caller_id: alice.clientId,
    caller_name: alice.owner,
    receiver_id: tablet.clientId,
    reason: "missed",
  });
  expect(Number(missed["sent_at_ms"])).toBeGreaterThanOrEqual(Number(createdAtMs) + 45_000);
  expect(Number(missed["ring_expires_at_ms"])).toBe(Number(createdAtMs) + 45_000);
  await expectAftermath(cast, { callId, endReason: "missed" });
});

test("a call that one phone answered shows as missed on none, and in no history", async () => {
  const { cast, alice, tablet, iphone, voip } = await aliceAndBob();
  const callId = await begins(alice, tablet);
  await world.clock.advance(5_000);
  await answers(iphone, callId);
  const talking = [await joinsStage(alice, callId), await joinsStage(iphone, callId)];
  await world.clock.advance(60_000);
  talking.forEach(world.runtime.ivs.leave);
  await ends(alice, callId);
  await expectAftermath(cast, { callId, endReason: "completed" });
  expect(tablet.pushes().slice(0, 2)).toEqual(["incoming_call", "answered_elsewhere"]);
  for (const phone of [tablet, iphone, voip]) expect(phone.pushes()).not.toContain("missed_call");
  const remembered = (await history(tablet)).find((past) => past["callId"] === callId);
  expect(remembered).toMatchObject({ endReason: "completed", deviceId: "iphone" });
});
