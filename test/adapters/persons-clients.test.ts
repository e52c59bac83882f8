/** The clients that a person's row names (C4), in DynamoDB: written with the client itself, on condition. */
import { describe, expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import type { Client } from "../../calls/client.ts";
import type { ClientId } from "../../calls/ids.ts";
import { STANDING_KEPT_SECONDS } from "../../calls/limits.ts";
import { type Counted, naming, type Renaming } from "../../calls/standing.ts";
import { type ClientDeletions, clientDeletions } from "../../handlers/store/client-deletions.ts";
import { type ClientStore, clientStore } from "../../handlers/store/client-store.ts";
import { type PersonStore, personStore } from "../../handlers/store/person-store.ts";
import { ALICE, BOB, device, NOW } from "./builders.ts";
import { openTables, type Tables } from "./tables.ts";

let tables: Tables;
let clients: ClientStore;
let deletions: ClientDeletions;
let persons: PersonStore;
openForEach(openTables, (opened) => {
  tables = opened;
  clients = clientStore(tables.env);
  deletions = clientDeletions(tables.env);
  persons = personStore(tables.env);
});

/** Bob's client, as a second client of Alice's. */
const LINE: Client = { ...BOB, sub: ALICE.sub };
const row = { owner: `person#${ALICE.sub}` };
const stored = () => tables.stored("OWNERS_TABLE", row);
const named = async () => (await persons.read(ALICE.sub)).clientIds;
const call: Counted = {
  sub: ALICE.sub,
  deed: "calls",
  seen: undefined,
  next: { sinceMs: NOW, count: 1 },
  atMs: NOW,
};

function makes(client: Client, seen: readonly ClientId[], counted?: Counted): Promise<boolean> {
  const after = [device(client, "phone", { GCM: `token-of-${client.clientId}` })];
  const renaming = naming(ALICE.sub, seen, { joining: [client.clientId] });
  return clients.commit([{ client, created: true, before: [], after }], NOW, counted, renaming);
}
async function removal(client: Client) {
  const found = await clients.read(client.clientId);
  if (!found) throw new Error("there is no such client");
  return { client: found, devices: await clients.devices(client.clientId) };
}

describe("a new client", () => {
  test("is named in the same write, and from then on the row does not expire", async () => {
    await persons.count(call);
    const again = { ...call, seen: call.next, next: { sinceMs: NOW, count: 2 } };
    expect(await makes(ALICE, [], again)).toBe(true);
    expect(await stored()).toEqual({ ...row, calls: again.next, clientIds: [ALICE.clientId] });
  });

  test("is not made if another was named meanwhile: two phones at once make one client", async () => {
    const both = await Promise.all([makes(ALICE, []), makes(LINE, [])]);
    expect(both.filter((made) => made)).toHaveLength(1);
    const [winner] = both[0] ? [ALICE] : [LINE];
    expect(await named()).toEqual([winner?.clientId]);
    expect(await clients.read(winner === ALICE ? LINE.clientId : ALICE.clientId)).toBeUndefined();
  });

  test.each([
    ["fewer", [ALICE.clientId]],
    ["other", [LINE.clientId, ALICE.clientId]],
    ["more", []],
  ])("is not named if the request has read %s clients than the row names", async (_how, seen) => {
    await makes(ALICE, []);
    await makes(LINE, [ALICE.clientId]);
    const third = { ...LINE, clientId: "00000000-0000-4000-8000-00000000000c" as ClientId };
    expect(await makes(third, seen)).toBe(false);
    expect(await named()).toEqual([ALICE.clientId, LINE.clientId]);
  });
});

describe("a count in the row", () => {
  test("does not let it expire once it names a client, and is repeated by a request that did not know", async () => {
    await makes(ALICE, []);
    expect(await persons.count(call)).toBe(false);
    expect(await persons.count({ ...call, named: true })).toBe(true);
    expect(await stored()).not.toHaveProperty("expiresAtSeconds");
  });

  test("and a refusal do not let it expire either", async () => {
    await makes(ALICE, []);
    await persons.refuse(ALICE.sub, NOW + 60_000, NOW);
    expect(await stored()).toEqual({ ...row, clientIds: [ALICE.clientId], refusedUntilMs: NOW + 60_000 });
  });
});

describe("a deletion", () => {
  test("removes the client from the row: the next one is the default, and after the last the row expires", async () => {
    await makes(ALICE, []);
    await makes(LINE, [ALICE.clientId]);
    expect(await deletions.remove([await removal(ALICE)], NOW)).toBe(true);
    expect(await stored()).toEqual({ ...row, clientIds: [LINE.clientId] });
    expect(await deletions.remove([await removal(LINE)], NOW)).toBe(true);
    expect(await stored()).toEqual({ ...row, expiresAtSeconds: NOW / 1000 + STANDING_KEPT_SECONDS });
  });

  test("of two clients of a person writes their row once", async () => {
    await makes(ALICE, []);
    await makes(LINE, [ALICE.clientId]);
    expect(await deletions.remove([await removal(ALICE), await removal(LINE)], NOW)).toBe(true);
    expect(await named()).toBeUndefined();
  });

  test("of a client that no row names writes no row", async () => {
    await clients.commit([{ client: ALICE, created: true, before: [], after: [] }], NOW);
    expect(await deletions.remove([await removal(ALICE)], NOW)).toBe(true);
    expect(await stored()).toBeUndefined();
  });

  test("deletes no client that was adopted since it was read", async () => {
    await clients.commit([{ client: ALICE, created: true, before: [], after: [] }], NOW);
    const before = await removal(ALICE);
    const adoption = naming(ALICE.sub, [], { joining: [ALICE.clientId] });
    await clients.commit([{ client: before.client, before: [], after: [] }], NOW, undefined, adoption);
    expect(await deletions.remove([before], NOW)).toBe(false);
    expect(await named()).toEqual([ALICE.clientId]);
  });
});

test("a row is only rewritten if its clients change, names five at most, and drops deleted ones", () => {
  const ids = Array.from({ length: 7 }, (_, n) => `00000000-0000-4000-8000-00000000000${n}` as ClientId);
  const [one, two, three] = ids as [ClientId, ClientId, ClientId];
  const next = (renaming: Renaming | undefined) => renaming?.next;
  expect(naming("sub", [one, two], { joining: [two] })).toBeUndefined();
  expect(next(naming("sub", [one, two], { joining: [three] }))).toEqual([one, two, three]);
  expect(next(naming("sub", [one, two], { joining: [three], leaving: [one] }))).toEqual([two, three]);
  expect(next(naming("sub", ids.slice(0, 4), { joining: ids.slice(4) }))).toEqual(ids.slice(0, 5));
  expect(naming("sub", ids.slice(0, 5), { joining: [ids[5] as ClientId] })).toBeUndefined();
});
