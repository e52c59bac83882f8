/** What a person decides about their client. */
import { describe, expect, test } from "vitest";
import { MAX_BLOCKED } from "../../calls/limits.ts";
import {
  blockClient,
  getClient,
  setDoNotDisturb,
  unblockClient,
} from "../../handlers/clients/client-settings.ts";
import { answer } from "../../calls/answering.ts";
import { endLeg } from "../../calls/ending.ts";
import {
  after,
  ALICE,
  alice,
  at,
  BOB,
  bob,
  BOBS_PHONE,
  CALL,
  CALLEE,
  CALLER,
  calling,
  CAROL,
  carol,
} from "../builders.ts";
import { ALICE_HERSELF, BOB_HIMSELF, world } from "./world.ts";

type World = ReturnType<typeof world>;
const blocks = (it: World, blockedId = ALICE) => blockClient(it, BOB_HIMSELF, { clientId: BOB, blockedId });
const disturb = (it: World, untilMs: number | null) =>
  setDoNotDisturb(it, BOB_HIMSELF, { clientId: BOB, untilMs });
test("a person reads their own client: its devices, the clients it blocks, and the end of do-not-disturb", async () => {
  const it = world();
  await blocks(it);
  await disturb(it, at(60));
  expect(await getClient(it, BOB_HIMSELF, { clientId: BOB })).toEqual({
    id: BOB,
    devices: [{ deviceId: BOBS_PHONE, lastSeenAtMs: at(0) }],
    blockedIds: [ALICE],
    doNotDisturbUntilMs: at(60),
  });
});

test("only the owner reads and changes a client's settings", async () => {
  const it = world();
  const asked = [
    getClient(it, ALICE_HERSELF, { clientId: BOB }),
    blockClient(it, ALICE_HERSELF, { clientId: BOB, blockedId: CAROL }),
    unblockClient(it, ALICE_HERSELF, { clientId: BOB, blockedId: CAROL }),
    setDoNotDisturb(it, ALICE_HERSELF, { clientId: BOB, untilMs: null }),
  ];
  for (const one of asked) await expect(one).rejects.toMatchObject({ code: "not_your_client" });
  expect(it.clients.items.get(BOB)).toEqual(bob());
});

describe("blocking", () => {
  test("records the blocked client and its owner, and a repeat changes nothing", async () => {
    const it = world();
    expect(await blocks(it)).toMatchObject({ blockedIds: [ALICE] });
    expect(await blocks(it)).toMatchObject({ blockedIds: [ALICE] });
    expect(it.clients.items.get(BOB)?.blocked?.[ALICE]?.sub).toBe(alice().sub);
    expect(await unblockClient(it, BOB_HIMSELF, { clientId: BOB, blockedId: ALICE })).toMatchObject({
      blockedIds: [],
    });
  });

  test("refuses one's own client and a client that does not exist", async () => {
    const it = world();
    await expect(blocks(it, BOB)).rejects.toMatchObject({ details: { errors: [{ field: "blockedId" }] } });
    it.clients.items.delete(CAROL);
    await expect(blocks(it, CAROL)).rejects.toMatchObject({ code: "no_such_client" });
  });

  test("a client that was deleted can still be unblocked", async () => {
    const it = world();
    await blocks(it);
    it.clients.items.delete(ALICE);
    expect(await unblockClient(it, BOB_HIMSELF, { clientId: BOB, blockedId: ALICE })).toMatchObject({
      blockedIds: [],
    });
  });

  test("allows 200 clients: one more is refused, and repeating one of them is not", async () => {
    const it = world();
    const many = Array.from({ length: MAX_BLOCKED - 1 }, (_, n) => {
      const id = `00000000-0000-4000-8000-00000000${(4096 + n).toString(16)}`;
      return [id, { sub: `sub-${n}`, atMs: at(0) }] as const;
    });
    it.clients.items.set(BOB, bob({ blocked: Object.fromEntries(many) }));
    await blocks(it);
    await blocks(it);
    await expect(blocks(it, CAROL)).rejects.toMatchObject({ details: { errors: [{ field: "blockedId" }] } });
  });
});

describe("do not disturb", () => {
  test.each([0, null])("ends at the given time, or at once with %s", async (end) => {
    const it = world();
    expect(await disturb(it, at(60))).toMatchObject({ doNotDisturbUntilMs: at(60) });
    expect(await disturb(it, end)).not.toHaveProperty("doNotDisturbUntilMs");
    expect(it.clients.items.get(BOB)).not.toHaveProperty("doNotDisturbUntilMs");
  });

  test("takes a time in the future, within a year", async () => {
    const it = world();
    const yearMs = at(366 * 86_400);
    for (const untilMs of [at(0), at(-1), yearMs + 1])
      await expect(disturb(it, untilMs)).rejects.toMatchObject({
        details: { errors: [{ field: "untilMs" }] },
      });
    expect(await disturb(it, yearMs)).toMatchObject({ doNotDisturbUntilMs: yearMs });
  });

  test("keeps the list of blocked clients", async () => {
    const it = world();
    await blocks(it);
    expect(await disturb(it, at(60))).toMatchObject({ blockedIds: [ALICE] });
  });
});

describe("the call that a client is in", () => {
  const activeCallId = async (it: World) =>
    (await getClient(it, BOB_HIMSELF, { clientId: BOB })).activeCallId;

  test("is named while it rings for the client and while it takes part", async () => {
    expect(await activeCallId(world(calling()))).toBe(CALL);
    expect(await activeCallId(world(after(calling(), answer(CALLEE, BOBS_PHONE), at(3))))).toBe(CALL);
  });

  test("is not named once the client has left it, even while the others talk and the slot still names it", async () => {
    const group = after(calling({ callees: [bob(), carol()] }), answer(CALLEE, BOBS_PHONE), at(3));
    const others = after(group, answer(3, undefined), at(4));
    expect(await activeCallId(world(others))).toBe(CALL);
    expect(await activeCallId(world(after(others, endLeg(CALLEE), at(9))))).toBeUndefined();
  });

  test("is not named once it is over, or if it does not exist", async () => {
    const it = world(after(calling(), endLeg(CALLER), at(3)));
    expect(await activeCallId(it)).toBeUndefined();
    it.calls.items.clear();
    expect(await activeCallId(it)).toBeUndefined();
  });
});
