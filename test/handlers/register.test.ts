import { describe, expect, test } from "vitest";
import { signInSchema } from "../../calls/acting-phone.ts";
import { deviceIdSchema } from "../../calls/ids.ts";
import { Secret } from "../../calls/secret.ts";
import { register, unregister } from "../../handlers/clients/register.ts";
import { ALICE, at, BOB, bob, BOBS_PHONE, CAROL, device } from "../builders.ts";
import { ALICE_HERSELF, BOB_HIMSELF, world } from "./world.ts";

const token = (value: string) => ({ notifyType: "GCM" as const, deviceToken: new Secret(value) });
const tokensOf = ({ clients }: ReturnType<typeof world>, clientId: typeof BOB) =>
  (clients.devicesOf.get(clientId) ?? []).flatMap(({ tokens }) =>
    Object.entries(tokens).map(([type, held]) => `${type} ${held.reveal()}`),
  );

describe("register", () => {
  test("makes a client for a new phone, owned by the person who registers", async () => {
    const it = world();
    const reply = await register(it, ALICE_HERSELF, token("fresh"));
    expect(reply).toMatchObject({
      created: true,
      deviceId: expect.stringMatching(/^d-[0-9a-f]{16}$/) as string,
    });
    expect(it.clients.items.get(reply.id as typeof BOB)).toMatchObject({
      sub: ALICE_HERSELF.sub,
      username: ALICE_HERSELF.username,
      devices: { [reply.deviceId]: at(0) },
    });
    expect(it.publisher.events).toEqual([
      {
        name: "ClientRegistered",
        detail: {
          v: 1,
          clientId: reply.id,
          deviceId: reply.deviceId,
          notifyType: "GCM",
          created: true,
          atMs: at(0),
        },
      },
    ]);
  });

  test("a repeat with the same device token returns the same client with one device", async () => {
    const it = world();
    const first = await register(it, ALICE_HERSELF, token("fresh"));
    expect(await register(it, ALICE_HERSELF, token("fresh"))).toEqual({ ...first, created: false });
    expect(tokensOf(it, first.id as typeof BOB)).toEqual(["GCM fresh"]);
  });

  test("adds a second device to the client that the request names", async () => {
    const it = world();
    const reply = await register(it, BOB_HIMSELF, { ...token("tablet"), clientId: BOB });
    expect(reply).toMatchObject({ id: BOB, created: false });
    expect(tokensOf(it, BOB)).toEqual(["GCM tablet", `GCM token-of-${BOBS_PHONE}`]);
  });

  test("gives one phone several tokens if the request names the phone", async () => {
    const it = world();
    const input = { notifyType: "APNS_VOIP" as const, deviceToken: new Secret("voip"), deviceId: BOBS_PHONE };
    expect(await register(it, BOB_HIMSELF, { ...input, clientId: BOB })).toMatchObject({
      deviceId: BOBS_PHONE,
    });
    expect(tokensOf(it, BOB)).toEqual([`GCM token-of-${BOBS_PHONE}`, "APNS_VOIP voip"]);
  });

  test("a phone that changes owners rings for the new owner only", async () => {
    const it = world();
    const reply = await register(it, ALICE_HERSELF, { ...token(`token-of-${BOBS_PHONE}`), clientId: ALICE });
    expect(reply).toMatchObject({ id: ALICE, created: false });
    expect(tokensOf(it, BOB)).toEqual([]);
    expect(it.clients.items.get(BOB)?.devices).toEqual({});
    expect(tokensOf(it, ALICE)).toEqual([`GCM token-of-${BOBS_PHONE}`]);
  });

  test("refuses a client that does not exist and another person's client", async () => {
    const it = world();
    it.clients.items.delete(CAROL);
    const to = (clientId: typeof BOB) => register(it, ALICE_HERSELF, { ...token("fresh"), clientId });
    await expect(to(CAROL)).rejects.toMatchObject({ code: "no_such_client" });
    await expect(to(BOB)).rejects.toMatchObject({ code: "not_your_client" });
    expect(it.publisher.events).toEqual([]);
  });

  test("decides again if the devices change meanwhile, and gives up after six attempts", async () => {
    const it = world();
    const changeBob = () => {
      const { revision } = it.clients.items.get(BOB) ?? bob();
      it.clients.items.set(BOB, bob({ revision: revision + 1 }));
    };
    it.clients.others.push(changeBob);
    const input = { ...token("tablet"), clientId: BOB };
    expect(await register(it, BOB_HIMSELF, input)).toMatchObject({ id: BOB });
    it.clients.others.push(...Array.from({ length: 6 }, () => changeBob));
    await expect(register(it, BOB_HIMSELF, input)).rejects.toMatchObject({ code: "try_again" });
  });
});

describe("the client that a phone joins", () => {
  const asked = (it: ReturnType<typeof world>, more: Partial<Parameters<typeof register>[2]> = {}) =>
    register(it, BOB_HIMSELF, { ...token("fresh"), ...more });
  const named = ({ persons }: ReturnType<typeof world>) => persons.items.get(BOB_HIMSELF.sub)?.clientIds;

  test("is the client that the request names, rather than the one that holds the token", async () => {
    const it = world();
    const line = await asked(it, { anotherClient: true });
    const moved = await asked(it, { clientId: BOB });
    expect(moved).toMatchObject({ id: BOB, created: false });
    expect(tokensOf(it, line.id as typeof BOB)).toEqual([]);
  });

  test("is the person's client that holds the token, rather than the default one", async () => {
    const it = world();
    it.persons.items.set(BOB_HIMSELF.sub, { clientIds: [BOB] });
    const line = await asked(it, { anotherClient: true });
    expect(named(it)).toEqual([BOB, line.id]);
    expect(await asked(it)).toMatchObject({ id: line.id, created: false });
    expect(await asked(it, token("another"))).toMatchObject({ id: BOB, created: false });
  });

  test("is the person's client without a list entry, which the registration adds to the list", async () => {
    const it = world();
    expect(named(it)).toBeUndefined();
    expect(await asked(it, token(`token-of-${BOBS_PHONE}`))).toMatchObject({ id: BOB, created: false });
    expect(named(it)).toEqual([BOB]);
    expect(await asked(it)).toMatchObject({ id: BOB, created: false });
  });

  test("is a further one on request, after the stored one, which stays the default", async () => {
    const it = world();
    const line = await asked(it, { ...token(`token-of-${BOBS_PHONE}`), anotherClient: true });
    expect(line).toMatchObject({ created: true });
    expect(named(it)).toEqual([BOB, line.id]);
  });

  test("is the same further one when the request is repeated", async () => {
    const it = world();
    const first = await asked(it, { anotherClient: true });
    expect(await asked(it, { anotherClient: true })).toEqual({ ...first, created: false });
  });

  test("is the first phone's new client if two new phones register at the same moment", async () => {
    const it = world();
    it.clients.items.delete(BOB);
    it.clients.others.push(() => void it.persons.items.set(BOB_HIMSELF.sub, { clientIds: [CAROL] }));
    it.clients.items.set(CAROL, bob({ clientId: CAROL }));
    expect(await asked(it)).toMatchObject({ id: CAROL, created: false });
    expect([...it.clients.items.values()].filter(({ sub }) => sub === BOB_HIMSELF.sub)).toHaveLength(1);
  });

  test("is the next that exists if the default does not exist, else a new one", async () => {
    const it = world();
    it.clients.items.delete(CAROL);
    it.persons.items.set(BOB_HIMSELF.sub, { clientIds: [CAROL, BOB] });
    expect(await asked(it)).toMatchObject({ id: BOB });
    expect(named(it)).toEqual([BOB]);
    it.persons.items.set(BOB_HIMSELF.sub, { clientIds: [CAROL] });
    const made = await asked(it, token("second"));
    expect(made).toMatchObject({ created: true });
    expect(named(it)).toEqual([made.id]);
  });

  test("cannot be a sixth, and a person who has more keeps them all", async () => {
    const it = world();
    const lines = Array.from(
      { length: 5 },
      (_, n) => `00000000-0000-4000-8000-0000000000a${n}` as typeof BOB,
    );
    for (const clientId of lines) it.clients.items.set(clientId, bob({ clientId }));
    it.persons.items.set(BOB_HIMSELF.sub, { clientIds: lines });
    await expect(asked(it, { anotherClient: true })).rejects.toMatchObject({
      code: "too_many_clients",
      status: 409,
    });
    expect(await asked(it, { clientId: BOB })).toMatchObject({ id: BOB });
    expect(named(it)).toEqual(lines);
  });
});

describe("a phone", () => {
  test("that starts to name itself keeps its token and loses the device that was named after the token", async () => {
    const it = world();
    const before = await register(it, ALICE_HERSELF, token("fresh"));
    const deviceId = deviceIdSchema.parse("pixel");
    expect(await register(it, ALICE_HERSELF, { ...token("fresh"), deviceId })).toEqual({
      id: before.id,
      deviceId,
      created: false,
    });
    expect(it.clients.devicesOf.get(before.id as typeof BOB)?.map((device) => device.deviceId)).toEqual([
      deviceId,
    ]);
    // An older version of the app has the same phone by its token.
    expect(await register(it, ALICE_HERSELF, token("fresh"))).toMatchObject({ deviceId });
  });

  test("keeps the sign-in with which it registered last", async () => {
    const it = world();
    const signIn = signInSchema.parse("a".repeat(32));
    const { id } = await register(it, { ...ALICE_HERSELF, signIn }, token("fresh"));
    expect(it.clients.devicesOf.get(id as typeof BOB)).toMatchObject([{ signIn }]);
  });
});

describe("new push tokens", () => {
  const limited = (registrations: number) => {
    const it = world();
    return { ...it, limits: { ...it.limits, registrations } };
  };

  test("are limited per hour, and the refusal contains the time of the next", async () => {
    const it = limited(2);
    await register(it, BOB_HIMSELF, token("one"));
    it.edge.setNow(at(600));
    await register(it, BOB_HIMSELF, token("two"));
    await expect(register(it, BOB_HIMSELF, token("three"))).rejects.toMatchObject({
      code: "too_many_registrations",
      status: 429,
      details: { retryAfterSeconds: 3000 },
    });
    expect(it.publisher.events).toHaveLength(2);
    it.edge.setNow(at(3600));
    expect(await register(it, BOB_HIMSELF, token("three"))).toMatchObject({ created: false });
    expect(it.publisher.events).toHaveLength(3);
  });

  test("are counted per person, and a token that the client has already does not count", async () => {
    const it = limited(1);
    const first = await register(it, BOB_HIMSELF, token("one"));
    expect(await register(it, BOB_HIMSELF, token("one"))).toEqual({ ...first, created: false });
    expect(await register(it, ALICE_HERSELF, token("hers"))).toMatchObject({ created: true });
  });

  test("are counted on from another registration that was counted meanwhile", async () => {
    const it = limited(2);
    await register(it, BOB_HIMSELF, token("one"));
    let reads = 0;
    it.persons.read = async (sub) => ((reads += 1) === 1 ? {} : (it.persons.items.get(sub) ?? {}));
    expect(await register(it, BOB_HIMSELF, token("two"))).toMatchObject({ created: false });
    expect(reads).toBe(2);
  });
});

describe("unregister", () => {
  const owned = () => {
    const it = world();
    it.clients.devicesOf.set(BOB, [
      device(BOBS_PHONE, { APNS: "alert", APNS_VOIP: "voip" }),
      device("tablet", { GCM: "fcm" }),
    ]);
    return it;
  };

  test("removes a device with all its tokens", async () => {
    const it = owned();
    expect(await unregister(it, BOB_HIMSELF, { clientId: BOB, deviceId: BOBS_PHONE })).toEqual({
      id: BOB,
      removed: true,
    });
    expect(tokensOf(it, BOB)).toEqual(["GCM fcm"]);
  });

  test("removes one token of a device", async () => {
    const it = owned();
    await unregister(it, BOB_HIMSELF, { clientId: BOB, deviceToken: new Secret("voip") });
    expect(tokensOf(it, BOB)).toEqual(["APNS alert", "GCM fcm"]);
  });

  test("is idempotent: an unknown device is not removed, and nothing is written", async () => {
    const it = owned();
    const absent = { clientId: BOB, deviceId: deviceIdSchema.parse("lost"), deviceToken: new Secret("lost") };
    expect(await unregister(it, BOB_HIMSELF, absent)).toEqual({ id: BOB, removed: false });
    expect(it.clients.items.get(BOB)?.revision).toBe(1);
  });

  test("is refused to people who do not own the client", async () => {
    const asked = unregister(owned(), ALICE_HERSELF, { clientId: BOB, deviceId: BOBS_PHONE });
    await expect(asked).rejects.toMatchObject({ code: "not_your_client" });
  });
});
