/** The push service's answer for each address, and what follows: retries, removed tokens, an unreachable callee. */
import { afterEach, describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { type Phone, startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import { answers, begins, type Cast, ends, legIn, openCast, seen } from "./cast.ts";
import { eventTo, slow } from "./faults.ts";

let world: World;
openForAll(startWorld, (opened) => void (world = opened));

const voipTokens = new Set<string>();
/** Every VoIP push must be an incoming call, because Apple revokes the token of an app that sends others. */
afterEach(() => {
  for (const token of voipTokens) {
    const types = world.runtime.pinpoint.inbox.read(token).map(({ data }) => data["type"]);
    const wrong = types.filter((type) => type !== "incoming_call");
    if (wrong.length > 0) throw new Error(`pushed to a VoIP token: ${wrong.join(", ")}`);
  }
});

interface Home {
  readonly cast: Cast;
  readonly alice: Phone;
  readonly iphone: Phone;
  readonly voip: Phone;
  readonly tablet: Phone;
}

/** Bob has a phone with a VoIP token beside its ordinary one, and a tablet. */
async function bobAtHome(): Promise<Home> {
  const cast = await openCast(world);
  const alice = await cast.phone("alice");
  const tablet = await cast.phone("bob", "tablet");
  const { clientId } = tablet;
  const iphone = await cast.phone("bob", "iphone", { notifyType: "APNS", clientId });
  const deviceToken = `bob-voip-token-${cast.since}`;
  const voip = await cast.phone("bob", "iphone", { notifyType: "APNS_VOIP", clientId, deviceToken });
  voipTokens.add(deviceToken);
  return { cast, alice, iphone, voip, tablet };
}

const outcome = (
  { deviceToken }: Phone,
  ...outcomes: Parameters<World["runtime"]["pinpoint"]["setOutcome"]>[1][]
) => world.runtime.pinpoint.setOutcome(deviceToken, outcomes as never);

/** The device tokens that are stored for a client. */
async function tokensOf({ clientId }: Phone): Promise<string[]> {
  const { Items } = await world.aws("dynamodb", "Scan", {
    TableName: world.runtime.physicalId("DevicesTable"),
  });
  type Row = { clientId?: { S: string }; tokens?: { M: Record<string, { S: string }> } };
  return (Items as Row[])
    .filter((row) => row.clientId?.S === clientId && row.tokens)
    .flatMap((row) => Object.values(row.tokens?.M ?? {}).map(({ S }) => S))
    .toSorted();
}

describe("the callee reads", () => {
  test("outcome, channel and time for each device; the caller reads none of them, and no reply contains a token", async () => {
    const { cast, alice, voip, tablet, iphone } = await bobAtHome();
    outcome(tablet, "PERMANENT_FAILURE");
    const callId = await begins(alice, tablet);
    await world.clock.advance(2_000);
    const { devices } = await legIn(callId, tablet, iphone);
    const atMs = expect.any(Number);
    const rang = (deviceId: string, channel: string, what: string) => ({
      deviceId,
      pushes: { incoming_call: { outcome: what, channel, atMs } },
    });
    expect(new Set(devices as unknown[])).toEqual(
      new Set([rang("iphone", "APNS_VOIP", "accepted"), rang("tablet", "GCM", "gone")]),
    );
    expect(await legIn(callId, tablet, alice)).not.toHaveProperty("devices");
    expect(JSON.stringify(await seen(await world.phone("olivia"), callId))).toContain("Unregistered (410)");
    const shown = JSON.stringify([await seen(iphone, callId), await seen(alice, callId)]);
    for (const { deviceToken } of [tablet, voip, iphone]) expect(shown).not.toContain(deviceToken);
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "cancelled" });
  });
});

describe("a device token that is gone", () => {
  test("is removed, and the next call does not use it", async () => {
    const { cast, alice, tablet, iphone, voip } = await bobAtHome();
    outcome(tablet, "PERMANENT_FAILURE");
    const callId = await begins(alice, tablet);
    await world.clock.advance(2_000);
    expect(await tokensOf(tablet)).toEqual([iphone.deviceToken, voip.deviceToken].toSorted());
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "cancelled" });
  });

  test("stays if its phone has registered it again meanwhile", async () => {
    const { cast, alice, tablet, voip, iphone } = await bobAtHome();
    outcome(tablet, "PERMANENT_FAILURE");
    const commit = { service: "dynamodb", operation: "TransactWriteItems", from: "ringmaster-send-push" };
    cast.interfere({ ...commit, fault: slow(world.clock, 1_000) });
    const callId = await begins(alice, tablet);
    await world.clock.advance(500);
    const { clientId, deviceToken } = tablet;
    const again = { action: "register", notifyType: "GCM", deviceId: "tablet", clientId, deviceToken };
    expect((await tablet.send(again)).status).toBe(200);
    await world.clock.advance(3_000);
    expect(await tokensOf(tablet)).toEqual([deviceToken, iphone.deviceToken, voip.deviceToken].toSorted());
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "cancelled" });
  });

  test("on every device makes the callee unreachable at once", async () => {
    const { cast, alice, tablet, voip } = await bobAtHome();
    outcome(tablet, "PERMANENT_FAILURE");
    outcome(voip, "PERMANENT_FAILURE");
    const callId = await begins(alice, tablet);
    await world.clock.advance(1_000);
    expect(await seen(alice, callId)).toMatchObject({ status: "ended", endReason: "unreachable" });
    await expectAftermath(cast, { callId, endReason: "unreachable" });
  });
});

test("a newer token from the push service replaces the old one, and rings for the next call", async () => {
  const { cast, alice, tablet, iphone, voip } = await bobAtHome();
  const updatedToken = `bob-tablet-newer-token-${cast.since}`;
  outcome(tablet, { status: "SUCCESSFUL", updatedToken });
  const callId = await begins(alice, tablet);
  await world.clock.advance(2_000);
  expect(await tokensOf(tablet)).toEqual([updatedToken, iphone.deviceToken, voip.deviceToken].toSorted());
  await ends(alice, callId);
  await world.clock.advance(2_000);
  expect(world.runtime.pinpoint.inbox.read(updatedToken).map(({ data }) => data["type"])).toEqual([
    "call_cancelled",
  ]);
  await expectAftermath(cast, { callId, endReason: "cancelled" });
});

describe.each(["THROTTLED", "TEMPORARY_FAILURE"] as const)("a push that is answered %s", (trouble) => {
  test("is sent again with the ring time that is left", async () => {
    const { cast, alice, tablet } = await bobAtHome();
    outcome(tablet, trouble, trouble);
    const callId = await begins(alice, tablet);
    const sinceMs = world.clock.now();
    await world.clock.advance(10_000);
    const [message, ...more] = tablet.messages();
    if (!message) throw new Error("nothing arrived");
    expect(more).toEqual([]);
    const leftMs = Number(message.data["ring_expires_at_ms"]) - message.atMs;
    expect(message.atMs - sinceMs).toBeGreaterThanOrEqual(2_500);
    expect(message.ttlSeconds).toBe(Math.ceil(leftMs / 1000));
    expect(message.ttlSeconds).toBeLessThan(45 - 1);
    expect(await legIn(callId, tablet, tablet)).toMatchObject({
      devices: expect.arrayContaining([
        { deviceId: "tablet", pushes: { incoming_call: expect.objectContaining({ outcome: "accepted" }) } },
      ]),
    });
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "cancelled" });
  });

  test("is sent three times and no more", async () => {
    const { cast, alice, tablet } = await bobAtHome();
    outcome(tablet, trouble, trouble, trouble, "SUCCESSFUL");
    const callId = await begins(alice, tablet);
    await world.clock.advance(40_000);
    expect(tablet.pushes()).toEqual([]);
    outcome(tablet, "SUCCESSFUL");
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "cancelled" });
  });

  test("is not sent again after an answer or a cancel", async () => {
    for (const act of [answers, ends]) {
      const { cast, alice, tablet, voip } = await bobAtHome();
      outcome(tablet, trouble);
      const callId = await begins(alice, tablet);
      await world.clock.advance(300);
      expect(voip.pushes()).toEqual(["incoming_call"]);
      await act(act === answers ? voip : alice, callId);
      await world.clock.advance(10_000);
      expect(tablet.pushes()).not.toContain("incoming_call");
      await ends(alice, callId);
      await expectAftermath(cast, { callId, endReason: act === answers ? "completed" : "cancelled" });
    }
  });
});

test("a push is not sent again if the ring would be over by then", async () => {
  const { cast, alice, tablet } = await bobAtHome();
  outcome(tablet, "THROTTLED");
  // The workflow begins in the last second of the ring. The sweep, which runs every minute, must not start it sooner.
  await world.clock.advance(60_000 - (world.clock.now() % 60_000) + 1_000);
  cast.interfere(eventTo("ringmaster-drive-call", "CallInitiated", world.clock, 44_700));
  let attempts = 0;
  const remove = world.runtime.localAws.interfere({
    service: "mobiletargeting",
    operation: "SendMessages",
    times: 100,
    where: ({ input }) =>
      [tablet.deviceToken, "incoming_call"].every((one) => JSON.stringify(input).includes(one)),
    async fault(run) {
      attempts += 1;
      return run();
    },
  });
  const callId = await begins(alice, tablet);
  await world.clock.advance(44_800);
  outcome(tablet, "SUCCESSFUL");
  await world.clock.advance(5_000);
  remove();
  expect(attempts).toBe(1);
  expect(tablet.pushes()).toEqual(["missed_call"]);
  await expectAftermath(cast, { callId, endReason: "missed" });
});
