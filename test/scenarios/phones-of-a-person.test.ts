/** A person has one client for all their phones. A phone is known by its name, its token or its sign-in. */
import { describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { type Phone, type Reply, startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import { answers, begins, calls, ends, legIn, meanwhile, openCast } from "./cast.ts";

let world: World;
openForAll(startWorld, (opened) => void (world = opened));

const registers = (phone: Phone, more: Record<string, unknown>): Promise<Reply> =>
  phone.send({ action: "register", notifyType: "GCM", ...more });

describe("the client of a person", () => {
  test("is the same for a first and a second phone, and both ring", async () => {
    const cast = await openCast(world);
    const alice = await cast.phone("alice");
    const [phone, tablet] = [await cast.phone("bob", "phone"), await cast.phone("bob", "tablet")];
    expect(tablet.clientId).toBe(phone.clientId);
    const callId = await begins(alice, phone);
    await world.clock.advance(2_000);
    expect([phone.pushes(), tablet.pushes()]).toEqual([["incoming_call"], ["incoming_call"]]);
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "cancelled" });
  });

  test("is the same for the ordinary and the VoIP token of an iPhone, which rings once, with the VoIP token", async () => {
    const cast = await openCast(world);
    const alice = await cast.phone("alice");
    const ordinary = await cast.phone("bob", "iphone", { notifyType: "APNS", deviceToken: "aa".repeat(32) });
    const voip = await cast.phone("bob", "iphone", { notifyType: "APNS_VOIP", deviceToken: "bb".repeat(32) });
    expect(voip.clientId).toBe(ordinary.clientId);
    const callId = await begins(alice, ordinary);
    await world.clock.advance(2_000);
    expect([ordinary.pushes(), voip.pushes()]).toEqual([[], ["incoming_call"]]);
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "cancelled" });
  });

  test("stays when an installed app gets a new token, and only the new token gets pushes", async () => {
    const cast = await openCast(world);
    const alice = await cast.phone("alice");
    const before = await cast.phone("bob", "pixel", { deviceToken: "old-token-of-a-pixel" });
    const after = await cast.phone("bob", "pixel", { deviceToken: "new-token-of-a-pixel" });
    expect(after.clientId).toBe(before.clientId);
    const callId = await begins(alice, before);
    await world.clock.advance(2_000);
    expect([before.pushes(), after.pushes()]).toEqual([[], ["incoming_call"]]);
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "cancelled" });
  });

  test("is one if two new phones register at the same moment", async () => {
    const cast = await openCast(world);
    const first = await cast.phone("bob", "phone-0");
    await first.send({ action: "deleteClientIds", clientIds: [first.clientId] });
    await world.clock.advance(60_000);
    const fresh = [1, 2, 3].map((number) =>
      registers(first, { deviceToken: `${first.owner}-${number}`, deviceId: `phone-${number}` }),
    );
    const replies = await meanwhile(world, Promise.all(fresh));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(replies.map(({ body }) => body["id"])).size).toBe(1);
    expect(replies[0]?.body["id"]).not.toBe(first.clientId);
    expect(replies.filter(({ body }) => body["created"] === true)).toHaveLength(1);
  });

  test("is listed with its devices, followed by up to four further clients", async () => {
    const cast = await openCast(world);
    const phone = await cast.phone("bob", "phone");
    const line = (number: number) =>
      registers(phone, {
        deviceToken: `${phone.owner}-line-${number}`,
        deviceId: `line-${number}`,
        anotherClient: true,
      });
    const made = [await line(2), await line(3), await line(4), await line(5)];
    expect(await line(2)).toMatchObject({ status: 200, body: { id: made[0]?.body["id"], created: false } });
    expect(await line(6)).toMatchObject({ status: 409, body: { code: "too_many_clients" } });
    const listed = await phone.send({ action: "listClients" });
    expect(listed.body["clients"]).toMatchObject([
      { id: phone.clientId, devices: [{ deviceId: "phone" }] },
      ...made.map(({ body }, index) => ({ id: body["id"], devices: [{ deviceId: `line-${index + 2}` }] })),
    ]);
  });

  test("is the next one after the default is deleted, and a new one after all are", async () => {
    const cast = await openCast(world);
    const phone = await cast.phone("bob", "phone");
    const line = await cast.phone("bob", "line-2", { anotherClient: true });
    const deletes = async (...clientIds: string[]) => {
      expect((await phone.send({ action: "deleteClientIds", clientIds })).status).toBe(202);
      await world.clock.advance(60_000);
    };
    await deletes(phone.clientId);
    expect(
      (await registers(phone, { deviceToken: phone.deviceToken, deviceId: "phone" })).body,
    ).toMatchObject({
      id: line.clientId,
      created: false,
    });
    await deletes(line.clientId);
    expect((await phone.send({ action: "listClients" })).body).toMatchObject({ clients: [] });
    const again = await registers(phone, { deviceToken: phone.deviceToken, deviceId: "phone" });
    expect(again.body).toMatchObject({ created: true });
    expect([phone.clientId, line.clientId]).not.toContain(again.body["id"]);
  });
});

test("two clients of a person are each in a call, and a call to both rings both", async () => {
  const cast = await openCast(world);
  const [alice, olivia] = [await cast.phone("alice", "hers"), await cast.phone("olivia", "hers")];
  const [phone, line] = [
    await cast.phone("bob", "phone"),
    await cast.phone("bob", "line-2", { anotherClient: true }),
  ];
  expect(line.clientId).not.toBe(phone.clientId);
  const [one, other] = [await begins(alice, phone), await begins(olivia, line)];
  expect(await answers(phone, one)).toMatchObject({ status: 200 });
  expect(await answers(line, other)).toMatchObject({ status: 200 });
  const wrong = { action: "rejoinCall", callId: one, clientId: line.clientId };
  expect(await line.send(wrong)).toMatchObject({ status: 403, body: { code: "not_your_call" } });
  for (const [by, callId] of [
    [alice, one],
    [olivia, other],
  ] as const)
    await ends(by, callId);
  await world.clock.advance(130_000);
  const both = await begins(alice, phone, line);
  await world.clock.advance(2_000);
  // The second client has the third leg, and the first phone answers for its own.
  await answers(phone, both);
  expect(await legIn(both, phone, alice)).toMatchObject({ status: "joined" });
  expect(await legIn(both, line, alice)).toMatchObject({ status: "invited" });
  await answers(line, both);
  expect(await legIn(both, line, alice)).toMatchObject({ status: "joined" });
  await ends(phone, both);
  await ends(line, both);
  await world.clock.advance(130_000);
});

describe("while one of Bob's phones is in a call", () => {
  async function bobTalks(kind: "called" | "was called") {
    const cast = await openCast(world);
    const [alice, carol] = [await cast.phone("alice", "hers"), await cast.phone("carol", "hers")];
    const phone = await cast.phone("bob", "phone");
    const tablet = await cast.phone("bob", "tablet");
    const callId = kind === "called" ? await begins(phone, alice) : await begins(alice, phone);
    await world.clock.advance(2_000);
    await answers(kind === "called" ? alice : phone, callId);
    return { cast, alice, carol, phone, tablet, callId };
  }
  const refused = (code: string, callId: string, deviceId = "phone") => ({
    status: 409,
    body: { code, callId, deviceId },
  });

  test.each(["called", "was called"] as const)(
    "that he %s on, another phone cannot call, rejoin, or hang up without naming the call",
    async (kind) => {
      const { cast, alice, carol, phone, tablet, callId } = await bobTalks(kind);
      expect(await calls(tablet, [alice])).toMatchObject(refused("caller_in_call", callId));
      expect(await calls(tablet, [carol])).toMatchObject(refused("caller_in_call", callId));
      expect(await tablet.send({ action: "rejoinCall", callId })).toMatchObject(
        refused("on_another_device", callId),
      );
      const unaware = { action: "endCall", clientId: tablet.clientId };
      expect(await tablet.send(unaware)).toMatchObject(refused("on_another_device", callId));
      expect((await tablet.send({ action: "getClient", clientId: tablet.clientId })).body).toMatchObject({
        activeCallId: callId,
      });
      // The first phone can do all of that as before.
      expect(await calls(phone, [alice])).toMatchObject({ status: 200, body: { callId } });
      expect(await phone.send({ action: "rejoinCall", callId })).toMatchObject({ status: 200 });
      expect(await tablet.send({ ...unaware, callId })).toMatchObject({ status: 200, body: { ended: true } });
      await expectAftermath(cast, { callId, endReason: "completed" });
    },
  );

  test("another takes the call over with a new token, and the first is removed from the stage and cannot rejoin", async () => {
    const { cast, phone, tablet, alice, callId } = await bobTalks("was called");
    const first = await phone.joins(await phone.send({ action: "rejoinCall", callId }));
    const hers = await alice.joins(await alice.send({ action: "rejoinCall", callId }));
    const taken = await tablet.send({ action: "rejoinCall", callId, takeOver: true });
    expect(taken).toMatchObject({ status: 200, body: { callId, status: "answered" } });
    const second = await tablet.joins(taken);
    await world.clock.advance(15_000);
    expect([first.connected, second.connected, hers.connected]).toEqual([false, true, true]);
    expect(await legIn(callId, tablet, tablet)).toMatchObject({ status: "joined", deviceId: "tablet" });
    expect(await phone.send({ action: "rejoinCall", callId })).toMatchObject(
      refused("on_another_device", callId, "tablet"),
    );
    // A repeat after a lost reply leaves the tablet where it is.
    expect(await tablet.send({ action: "rejoinCall", callId, takeOver: true })).toMatchObject({
      status: 200,
    });
    await world.clock.advance(60_000);
    expect([second.connected, hers.connected]).toEqual([true, true]);
    for (const one of [second, hers]) world.runtime.ivs.leave(one);
    await ends(tablet, callId);
    await expectAftermath(cast, { callId, endReason: "completed" });
  });
});

describe("glare between people with two phones", () => {
  test("is an answer by the phone that calls back, and the other phone is answered elsewhere", async () => {
    const cast = await openCast(world);
    const alice = await cast.phone("alice", "hers");
    const [phone, tablet] = [await cast.phone("bob", "phone"), await cast.phone("bob", "tablet")];
    const callId = await begins(alice, phone);
    await world.clock.advance(2_000);
    expect(await calls(tablet, [alice])).toMatchObject({ status: 200, body: { callId, status: "answered" } });
    expect(await calls(phone, [alice])).toMatchObject({
      status: 409,
      body: { code: "caller_in_call", callId, deviceId: "tablet" },
    });
    await world.clock.advance(2_000);
    expect([phone.pushes(), tablet.pushes()]).toEqual([
      ["incoming_call", "answered_elsewhere"],
      ["incoming_call"],
    ]);
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "completed" });
  });
});

test("an Idempotency-Key is the person's, and the call the phone's: another phone's repeat is refused during the call", async () => {
  const cast = await openCast(world);
  const alice = await cast.phone("alice", "hers");
  const [phone, tablet] = [await cast.phone("bob", "phone"), await cast.phone("bob", "tablet")];
  const tap = (by: Phone) =>
    by.send(
      { action: "initiateCall", callerId: by.clientId, calleeId: alice.clientId },
      { "idempotency-key": "tap-1" },
    );
  const callId = String((await tap(phone)).body["callId"]);
  expect(await tap(tablet)).toMatchObject({
    status: 409,
    body: { code: "caller_in_call", callId, deviceId: "phone" },
  });
  expect(await tap(phone)).toMatchObject({ status: 200, body: { callId } });
  await ends(phone, callId);
  expect(await tap(tablet)).toMatchObject({ status: 410, body: { code: "call_over" } });
  await expectAftermath(cast, { callId, endReason: "cancelled" });
});

describe("phones without names", () => {
  async function bobSignsInOn(count: number) {
    const cast = await openCast(world);
    const alice = await cast.phone("alice");
    const phones: Phone[] = [];
    for (let number = 1; number <= count; number += 1) {
      const deviceToken = `unnamed-${number}-${cast.since}`;
      phones.push(await cast.phone("bob", undefined, { deviceToken, signsIn: true }));
    }
    return { cast, alice, phones };
  }

  test("are told apart by their sign-ins: one answers and may repeat it, and the others are too late", async () => {
    const { cast, alice, phones } = await bobSignsInOn(5);
    const callId = await begins(alice, ...phones.slice(0, 1));
    await world.clock.advance(2_000);
    const replies = await Promise.all(phones.map((phone) => answers(phone, callId)));
    const statuses = replies.map(({ status }) => status);
    expect(statuses.toSorted((one, other) => one - other)).toEqual([200, 410, 410, 410, 410]);
    const winner = phones[replies.findIndex(({ status }) => status === 200)] as Phone;
    expect(await answers(winner, callId)).toMatchObject({ status: 200, body: { status: "answered" } });
    const { devices } = (await winner.send({ action: "getClient", clientId: winner.clientId })).body;
    const { deviceId } = await legIn(callId, winner, winner);
    expect(devices).toContainEqual(expect.objectContaining({ deviceId }));
    await world.clock.advance(2_000);
    for (const phone of phones) {
      const others = phone === winner ? [] : ["answered_elsewhere"];
      expect(phone.pushes()).toEqual(["incoming_call", ...others]);
    }
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "completed" });
  });

  test("are told apart as callers too, and the refusal names the phone that called", async () => {
    const { cast, alice, phones } = await bobSignsInOn(2);
    const [first, second] = phones as [Phone, Phone];
    const callId = await begins(first, alice);
    const elsewhere = await calls(second, [alice]);
    expect(elsewhere).toMatchObject({ status: 409, body: { code: "caller_in_call", callId } });
    expect(String(elsewhere.body["deviceId"])).toMatch(/^d-/);
    expect(await calls(first, [alice])).toMatchObject({ status: 200, body: { callId } });
    const { clientId } = second;
    expect(await second.send({ action: "endCall", clientId })).toMatchObject({ status: 409 });
    expect(await first.send({ action: "endCall", clientId })).toMatchObject({
      status: 200,
      body: { ended: true },
    });
    await expectAftermath(cast, { callId, endReason: "cancelled" });
  });
});
