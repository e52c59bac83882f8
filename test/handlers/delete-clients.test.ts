/** A batch of a deletion: what goes together, and that no client keeps another from going. */
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

/** Transactions, in the order in which they were tried; `broken` fails all that it is part of. */
function world(clients: readonly Client[], broken?: ClientId) {
  const store = fakeClients(...clients);
  const seen = new Map(store.items);
  const tried: ClientId[][] = [];
  const forgotten: ClientId[] = [];
  /** Of the directory: whose link was taken, and whether the client was still there then. */
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

test("clients that nothing stands in the way of go in one transaction, each once, and their history after them", async () => {
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

test("one that has changed since the batch was read goes as it is now, and the others with it", async () => {
  const it = world([alice(), bob()]);
  it.store.items.set(ALICE, alice({ revision: 2 }));
  const result = await deleteClients(it.tools, operation, [ALICE, BOB]);
  expect(result).toMatchObject({ deleted: 2, failed: 0 });
  expect(it.left()).toEqual([]);
});

test("one that registered again since the batch was read stays, and the others go", async () => {
  const it = world([alice(), bob()]);
  it.store.items.set(ALICE, alice({ revision: 2, registeredAtMs: at(119) }));
  const result = await deleteClients(it.tools, operation, [ALICE, BOB]);
  expect(result).toMatchObject({ deleted: 1, failures: [{ clientId: ALICE, reason: "registered_again" }] });
  expect(it.left()).toEqual([ALICE]);
});

test("one that cannot be deleted is to be tried again, and the others go", async () => {
  const it = world([alice(), bob(), carol()], BOB);
  const result = await deleteClients(it.tools, operation, [ALICE, BOB, CAROL]);
  expect(result).toMatchObject({ deleted: 2, failures: [{ clientId: BOB, reason: "try_again" }] });
  expect(it.left()).toEqual([BOB]);
});

describe("the person's entry in the directory", () => {
  test("loses the client once that is gone, and not before", async () => {
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

  test("loses a client that an earlier attempt removed without getting that far", async () => {
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
