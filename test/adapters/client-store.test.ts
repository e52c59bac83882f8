/** Clients, their devices and the owners of device tokens, in DynamoDB. */
import { describe, expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import type { Client } from "../../calls/client.ts";
import { type Device, withoutToken, withToken } from "../../calls/device.ts";
import { clientIdSchema } from "../../calls/ids.ts";
import { MAX_BLOCKED, MAX_DEVICES } from "../../calls/limits.ts";
import type { Rate } from "../../calls/rate.ts";
import { Secret } from "../../calls/secret.ts";
import type { Counted } from "../../calls/standing.ts";
import { type ClientSettings, clientSettings } from "../../handlers/store/client-settings.ts";
import { type ClientStore, clientStore } from "../../handlers/store/client-store.ts";
import { type PersonStore, personStore } from "../../handlers/store/person-store.ts";
import { ALICE, BOB, callId, device, NOW, register } from "./builders.ts";
import { openTables, type Tables } from "./tables.ts";

let tables: Tables;
let clients: ClientStore;
let persons: PersonStore;
let settings: ClientSettings;

openForEach(openTables, (opened) => {
  tables = opened;
  clients = clientStore(tables.env);
  persons = personStore(tables.env);
  settings = clientSettings(tables.env);
});

const LATER = NOW + 60_000;
const phone = device(ALICE, "phone", { APNS: "alices-token", APNS_VOIP: "alices-voip-token" });
const holder = (token: string) => clients.holderOf(new Secret(token));
/** Devices with readable tokens, by device id. */
const shown = (devices: readonly Device[]) =>
  Object.fromEntries(
    devices.map(({ deviceId, tokens }) => [
      deviceId,
      Object.fromEntries(Object.entries(tokens).map(([type, token]) => [type, token.reveal()])),
    ]),
  );
const devicesOf = async ({ clientId }: Client) => shown(await clients.devices(clientId));

describe("a new client", () => {
  test("is stored with its devices, and each of its device tokens leads to it", async () => {
    const stored = await register(clients, ALICE, phone);
    const seenOnMs = NOW - (NOW % 86_400_000);
    const inUse = { registeredAtMs: NOW, seenOnMs, seenShard: expect.stringMatching(/^seen#\d+$/) };
    expect(stored).toEqual({ ...ALICE, ...inUse, devices: { phone: NOW } });
    expect(await devicesOf(ALICE)).toEqual({
      phone: { APNS: "alices-token", APNS_VOIP: "alices-voip-token" },
    });
    expect(await holder("alices-token")).toBe(ALICE.clientId);
    expect(await holder("alices-voip-token")).toBe(ALICE.clientId);
    expect(await holder("a token nobody registered")).toBeUndefined();
  });

  test("is created once, and a second attempt takes no device token", async () => {
    await register(clients, ALICE, phone);
    const twin = device(ALICE, "other-phone", { GCM: "another-token" });
    const created = await clients.commit([{ client: ALICE, created: true, before: [], after: [twin] }], NOW);
    expect(created).toBe(false);
    expect(Object.keys(await devicesOf(ALICE))).toEqual(["phone"]);
    expect(await holder("another-token")).toBeUndefined();
  });

  test("is read as undefined, without devices, if it does not exist", async () => {
    expect(await clients.read(ALICE.clientId)).toBeUndefined();
    expect(await clients.devices(ALICE.clientId)).toEqual([]);
  });
});

describe("changing devices", () => {
  test("a change raises the revision and stores when the client was seen", async () => {
    const alice = await register(clients, ALICE, phone);
    const tablet = device(ALICE, "tablet", { GCM: "tablet-token" }, LATER);
    const before = await clients.devices(ALICE.clientId);
    expect(await clients.commit([{ client: alice, before, after: [...before, tablet] }], LATER)).toBe(true);
    const devices = { phone: NOW, tablet: LATER };
    expect(await clients.read(ALICE.clientId)).toEqual({
      ...alice,
      devices,
      revision: 2,
      lastSeenAtMs: LATER,
    });
  });

  test("exactly one of two simultaneous changes is written, with all its parts", async () => {
    const alice = await register(clients, ALICE, phone);
    const before = await clients.devices(ALICE.clientId);
    const rivals = ["tablet", "watch"].map((id) => device(ALICE, id, { GCM: `${id}-token` }));
    const written = await Promise.all(
      rivals.map((joining) =>
        clients.commit([{ client: alice, before, after: [...before, joining] }], LATER),
      ),
    );
    expect(written.filter(Boolean)).toHaveLength(1);
    const [winner, loser] = written[0] ? ["tablet", "watch"] : ["watch", "tablet"];
    expect(Object.keys(await devicesOf(ALICE)).toSorted()).toEqual(["phone", winner].toSorted());
    expect(await holder(`${winner}-token`)).toBe(ALICE.clientId);
    expect(await holder(`${loser}-token`)).toBeUndefined();
  });

  test("a client that belongs to another person by now is not changed", async () => {
    const alice = await register(clients, ALICE, phone);
    const change = { client: { ...alice, sub: "sub-of-mallory" }, before: [], after: [] };
    expect(await clients.commit([change], LATER)).toBe(false);
    expect(await clients.read(ALICE.clientId)).toEqual(alice);
  });

  test("a device's replaced token leads nowhere, and the new one to the client", async () => {
    const alice = await register(clients, ALICE, phone);
    const before = await clients.devices(ALICE.clientId);
    const replaced = withToken(
      withoutToken(before, new Secret("alices-token")),
      device(ALICE, "phone", { APNS: "alices-new-token" }),
    );
    await clients.commit([{ client: alice, before, after: replaced }], LATER);
    expect(await devicesOf(ALICE)).toEqual({
      phone: { APNS: "alices-new-token", APNS_VOIP: "alices-voip-token" },
    });
    expect(await holder("alices-token")).toBeUndefined();
    expect(await holder("alices-new-token")).toBe(ALICE.clientId);
  });

  test("an eleventh device replaces the least recently used one, with its token", async () => {
    const devices = Array.from({ length: MAX_DEVICES }, (_, n) =>
      device(ALICE, `phone-${n}`, { GCM: `token-${n}` }, NOW + ((n + 7) % MAX_DEVICES)),
    );
    const alice = await register(clients, ALICE, ...devices);
    const before = await clients.devices(ALICE.clientId);
    const after = withToken(before, device(ALICE, "newest", { GCM: "newest-token" }, LATER));
    expect(await clients.commit([{ client: alice, before, after }], LATER)).toBe(true);
    const left = Object.keys(await devicesOf(ALICE));
    expect(left).toHaveLength(MAX_DEVICES);
    expect(left).toContain("newest");
    expect(left).not.toContain("phone-3");
    expect(await holder("token-3")).toBeUndefined();
    expect((await clients.read(ALICE.clientId))?.devices).not.toHaveProperty("phone-3");
  });
});

describe("a device token belongs to one client", () => {
  const stolen = device(BOB, "bobs-phone", { GCM: "one-token" });
  const give = async () => {
    const alice = await register(clients, ALICE, device(ALICE, "shared-phone", { GCM: "one-token" }));
    const bob = await register(clients, BOB);
    const before = await clients.devices(ALICE.clientId);
    return {
      alice,
      bob,
      moved: [
        { client: alice, before, after: [] },
        { client: bob, before: [], after: [stolen] },
      ],
    };
  };

  test("moving it removes the device from the old client in the same transaction", async () => {
    const { moved } = await give();
    expect(await clients.commit(moved, LATER)).toBe(true);
    expect(await holder("one-token")).toBe(BOB.clientId);
    expect(await devicesOf(ALICE)).toEqual({});
    expect((await clients.read(ALICE.clientId))?.devices).toEqual({});
    expect(await devicesOf(BOB)).toEqual({ "bobs-phone": { GCM: "one-token" } });
  });

  test("it does not move if the old client's devices have changed meanwhile", async () => {
    const { alice, moved } = await give();
    const before = await clients.devices(ALICE.clientId);
    const tablet = device(ALICE, "tablet", { GCM: "tablet-token" });
    await clients.commit([{ client: alice, before, after: [...before, tablet] }], NOW);
    expect(await clients.commit(moved, LATER)).toBe(false);
    expect(await holder("one-token")).toBe(ALICE.clientId);
    expect(await devicesOf(BOB)).toEqual({});
    expect(Object.keys(await devicesOf(ALICE)).toSorted()).toEqual(["shared-phone", "tablet"]);
  });

  test("a change that does not include the old client does not take it", async () => {
    const { bob } = await give();
    expect(await clients.commit([{ client: bob, before: [], after: [stolen] }], LATER)).toBe(false);
    expect(await holder("one-token")).toBe(ALICE.clientId);
    expect(await clients.read(BOB.clientId)).toEqual(bob);
  });
});

describe("freeing a slot", () => {
  const key = { clientId: ALICE.clientId };

  test("removes the slot of this call and nothing else", async () => {
    const alice = await register(clients, ALICE, phone);
    await tables.set("CLIENTS_TABLE", key, "activeCallId", callId(1));
    expect(await clients.freeSlot(ALICE.clientId, callId(1))).toBe("freed");
    expect(await clients.read(ALICE.clientId)).toEqual(alice);
  });

  test("keeps a slot that names another call", async () => {
    await register(clients, ALICE, phone);
    await tables.set("CLIENTS_TABLE", key, "activeCallId", callId(2));
    expect(await clients.freeSlot(ALICE.clientId, callId(1))).toBe("not held");
    expect((await clients.read(ALICE.clientId))?.activeCallId).toBe(callId(2));
  });

  test("does not create a client that is deleted", async () => {
    expect(await clients.freeSlot(ALICE.clientId, callId(1))).toBe("no client");
    expect(await tables.stored("CLIENTS_TABLE", key)).toBeUndefined();
  });
});

describe("settings", () => {
  const blocked = { [BOB.clientId]: { sub: BOB.sub, atMs: NOW } };
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      ...BOB,
      clientId: clientIdSchema.parse(`00000000-0000-4000-8000-0000000${String(index + 10_000)}`),
    }));

  test("are written one by one, beside the client's other members, and read with it", async () => {
    const alice = await register(clients, ALICE, phone);
    expect(await settings.block(ALICE, BOB, NOW)).toEqual({ kind: "changed", client: { ...alice, blocked } });
    const both = { ...alice, blocked, doNotDisturbUntilMs: LATER };
    expect(await settings.disturbAfter(ALICE, LATER)).toEqual({ kind: "changed", client: both });
    expect(await clients.read(ALICE.clientId)).toEqual(both);
    expect(await settings.disturbAfter(ALICE, undefined)).toMatchObject({ client: { ...alice, blocked } });
    expect(await settings.unblock(ALICE, BOB.clientId)).toMatchObject({ client: { ...alice, blocked: {} } });
  });

  test("that change nothing do not fail", async () => {
    const alice = await register(clients, ALICE, phone);
    expect(await settings.unblock(ALICE, BOB.clientId)).toEqual({ kind: "changed", client: alice });
    expect(await settings.disturbAfter(ALICE, undefined)).toEqual({ kind: "changed", client: alice });
    await settings.block(ALICE, BOB, NOW);
    expect(await settings.block(ALICE, BOB, NOW)).toMatchObject({ client: { blocked } });
  });

  test("of a client that is deleted or belongs to another person are not written", async () => {
    const alice = await register(clients, ALICE, phone);
    const mallory = { ...ALICE, sub: "sub-of-mallory" };
    const asked = (own: Client) => [
      settings.block(own, BOB, NOW),
      settings.unblock(own, BOB.clientId),
      settings.disturbAfter(own, LATER),
    ];
    for (const one of asked(mallory)) expect(await one).toEqual({ kind: "not_your_client" });
    for (const one of asked(BOB)) expect(await one).toEqual({ kind: "no_such_client" });
    expect(await clients.read(ALICE.clientId)).toEqual(alice);
    expect(await clients.read(BOB.clientId)).toBeUndefined();
  });

  test("that are written at once are all kept, beside a change of devices", async () => {
    const alice = await register(clients, ALICE, phone);
    const tablet = device(ALICE, "tablet", { GCM: "tablet-token" }, LATER);
    const outcomes = await Promise.all([
      ...many(10).map((other) => settings.block(ALICE, other, NOW)),
      settings.disturbAfter(ALICE, LATER),
    ]);
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(["changed"]));
    expect(await clients.commit([{ client: alice, before: [], after: [tablet] }], LATER)).toBe(true);
    const stored = await clients.read(ALICE.clientId);
    expect(Object.keys(stored?.blocked ?? {})).toHaveLength(10);
    expect(stored).toMatchObject({ revision: 2, doNotDisturbUntilMs: LATER, devices: { tablet: LATER } });
  });

  test("limit the blocked clients, and blocking one of them again is allowed", async () => {
    await register(clients, ALICE, phone);
    for (const other of many(MAX_BLOCKED)) await settings.block(ALICE, other, NOW);
    expect(await settings.block(ALICE, BOB, NOW)).toEqual({ kind: "full" });
    expect(await settings.block(ALICE, many(1)[0] ?? BOB, LATER)).toMatchObject({ kind: "changed" });
  });
});

describe("a person's registrations", () => {
  const [first, second] = [1, 2].map((count) => ({ sinceMs: NOW, count })) as [Rate, Rate];
  const bare = { client: ALICE, created: true, before: [], after: [] };
  const counting = (next: Rate, seen?: Rate): Counted => ({
    sub: ALICE.sub,
    deed: "registrations",
    seen,
    next,
    atMs: NOW,
  });
  const registrations = async ({ sub }: Client) => (await persons.read(sub)).registrations;

  test("are counted with the change of devices, from none and from one", async () => {
    expect(await registrations(ALICE)).toBeUndefined();
    expect(await clients.commit([bare], NOW, counting(first))).toBe(true);
    expect(await registrations(ALICE)).toEqual(first);
    const change = { client: ALICE, before: [], after: [phone] };
    expect(await clients.commit([change], NOW, counting(second, first))).toBe(true);
    expect(await registrations(ALICE)).toEqual(second);
    expect(await registrations(BOB)).toBeUndefined();
  });

  test("that another request counted meanwhile refuse the change of devices", async () => {
    await clients.commit([bare], NOW, counting(second));
    const change = { client: ALICE, before: [], after: [phone] };
    for (const seen of [undefined, first, { sinceMs: NOW - 1, count: 2 }])
      expect(await clients.commit([change], NOW, counting(second, seen))).toBe(false);
    expect([await devicesOf(ALICE), await holder("alices-token")]).toEqual([{}, undefined]);
  });
});
