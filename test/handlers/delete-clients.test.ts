/** One batch of a deletion: which clients are deleted together, and that no client holds up the others. */
import { describe, expect, test } from "vitest";
import type { Client } from "../../calls/client.ts";
import { type Operation, operationSchema } from "../../calls/clean-up.ts";
import type { ClientId } from "../../calls/ids.ts";
import { type DeleteClients, deleteClients } from "../../handlers/clients/delete-clients.ts";
import { ALICE, alice, at, BOB, bob, CALL, CAROL, carol } from "../builders.ts";
import { fakeCalls, fakeClients, fakeEdge, fakePublisher } from "../fakes.ts";

const operation: Operation = operationSchema.parse({
  operationId: "monday",
  askedAtMs: at(60),
  key: "deletions/monday.jsonl",
  dryRun: false,
});

/** The transactions, in the order in which they were tried. A transaction that contains `broken` fails. */
function world(clients: readonly Client[], broken?: ClientId) {
  const store = fakeClients(...clients);
  const seen = new Map(store.items);
  const tried: ClientId[][] = [];
  const forgotten: ClientId[] = [];
  /** Directory entries that lost their client, and whether the client still existed then. */
  const unlinked: { readonly clientId: ClientId; readonly isThere: boolean }[] = [];
  const tools: DeleteClients = {
    calls: fakeCalls(),
    publisher: fakePublisher(),
    clients: store,
    reads: {
      readAll: async (ids) => new Map(ids.map((id) => [id, { client: seen.get(id), devices: [] }])),
    },
    deletions: {
      async remove(removals) {
        const ids = removals.map(({ client }) => client.clientId);
        tried.push(ids);
        if (ids.some((id) => id === broken)) throw new Error("DynamoDB is away");
        if (removals.some(({ client }) => store.items.get(client.clientId)?.revision !== client.revision))
          return false;
        for (const id of ids) store.items.delete(id);
        return true;
      },
      removeHistory: async (id) => void forgotten.push(id),
    },
    unlinkPerson: async (clientId) => void unlinked.push({ clientId, isThere: store.items.has(clientId) }),
    keepHistory: false,
    edge: fakeEdge(at(120)),
  };
  return { tools, store, tried, forgotten, unlinked, left: () => [...store.items.keys()] };
}

test("one transaction deletes the clients of a batch, each once, and their history is deleted after it", async () => {
  const it = world([alice(), bob()]);
  const items = [
    ALICE,
    { clientId: BOB },
    BOB.toUpperCase(),
    BOB,
    CAROL,
    "{",
    { line: 6, text: '{"clientId":' },
  ];
  const result = await deleteClients(it.tools, operation, items);
  expect(it.tried).toEqual([[ALICE, BOB]]);
  expect(it.forgotten.toSorted()).toEqual([ALICE, BOB, CAROL]);
  expect(result).toMatchObject({ deleted: 2, alreadyGone: 1, failed: 2 });
  expect(result.failures).toEqual([
    { clientId: "{", reason: "invalid_id" },
    { clientId: '{"clientId":', line: 6, reason: "invalid_id" },
  ]);
});

test("a client that changed after the batch was read is deleted as it is now, with the others", async () => {
  const it = world([alice(), bob()]);
  it.store.items.set(ALICE, alice({ revision: 2 }));
  const result = await deleteClients(it.tools, operation, [ALICE, BOB]);
  expect(result).toMatchObject({ deleted: 2, failed: 0 });
  expect(it.left()).toEqual([]);
});

test("a client that registered again after the batch was read stays, and the others are deleted", async () => {
  const it = world([alice(), bob()]);
  it.store.items.set(ALICE, alice({ revision: 2, registeredAtMs: at(119) }));
  const result = await deleteClients(it.tools, operation, [ALICE, BOB]);
  expect(result).toMatchObject({ deleted: 1, failures: [{ clientId: ALICE, reason: "registered_again" }] });
  expect(it.left()).toEqual([ALICE]);
});

test("a client that cannot be deleted is reported for another try, and the others are deleted", async () => {
  const it = world([alice(), bob(), carol()], BOB);
  const result = await deleteClients(it.tools, operation, [ALICE, BOB, CAROL]);
  expect(result).toMatchObject({ deleted: 2, failures: [{ clientId: BOB, reason: "try_again" }] });
  expect(it.left()).toEqual([BOB]);
});

describe("the person's entry in the directory", () => {
  test("loses the client only after the client is deleted", async () => {
    const it = world([alice(), bob({ activeCallId: CALL })]);
    await deleteClients(it.tools, operation, [ALICE, BOB]);
    expect(it.unlinked).toEqual([
      { clientId: ALICE, isThere: false },
      { clientId: BOB, isThere: false },
    ]);
  });

  test("keeps the client of a person who registers while it is being deleted", async () => {
    const it = world([alice(), bob()]);
    const remove = it.tools.deletions.remove.bind(it.tools.deletions);
    it.store.items.set(BOB, bob({ revision: 2 }));
    it.tools.deletions.remove = async (removals, nowMs) => {
      it.store.items.set(ALICE, alice({ revision: 2, registeredAtMs: at(119) }));
      return remove(removals, nowMs);
    };
    const result = await deleteClients(it.tools, operation, [ALICE]);
    expect(result.failures).toEqual([{ clientId: ALICE, reason: "registered_again" }]);
    expect(it.unlinked).toEqual([]);
  });

  test("loses a client that an earlier attempt deleted without reaching the entry", async () => {
    const it = world([alice()]);
    const unlinkPerson = () => Promise.reject(new Error("the directory is away"));
    const first = await deleteClients({ ...it.tools, unlinkPerson }, operation, [ALICE]);
    expect(first.failures).toEqual([{ clientId: ALICE, reason: "try_again" }]);
    expect(it.left()).toEqual([]);
    expect(await deleteClients(it.tools, operation, [ALICE])).toMatchObject({ failed: 0 });
    expect(it.unlinked).toEqual([{ clientId: ALICE, isThere: false }]);
  });

  test("is not touched by a dry run", async () => {
    const it = world([alice()]);
    await deleteClients(it.tools, { ...operation, dryRun: true }, [ALICE, CAROL]);
    expect([it.unlinked, it.left()]).toEqual([[], [ALICE]]);
  });
});
