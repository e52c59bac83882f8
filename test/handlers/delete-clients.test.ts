/** A batch of a deletion: what goes together, and that no client keeps another from going. */
import { expect, test } from "vitest";
import type { Client } from "../../calls/client.ts";
import { type Operation, operationSchema } from "../../calls/clean-up.ts";
import type { ClientId } from "../../calls/ids.ts";
import { type DeleteClients, deleteClients } from "../../handlers/delete-clients.ts";
import { ALICE, alice, at, BOB, bob, CAROL, carol } from "../builders.ts";
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
    unlinkPerson: async () => undefined,
    keepHistory: false,
    edge: fakeEdge(at(120)),
  };
  return { tools, store, tried, forgotten, left: () => [...store.items.keys()] };
}

test("clients that nothing stands in the way of go in one transaction, each once, and their history after them", async () => {
  const it = world([alice(), bob()]);
  const items = [ALICE, { clientId: BOB }, BOB.toUpperCase(), BOB, CAROL, "{", '{"clientId":'];
  const result = await deleteClients(it.tools, operation, items);
  expect(it.tried).toEqual([[ALICE, BOB]]);
  expect(it.forgotten.toSorted()).toEqual([ALICE, BOB, CAROL]);
  expect(result).toMatchObject({ deleted: 2, alreadyGone: 1, failed: 2 });
  expect(result.failures.map(({ reason }) => reason)).toEqual(["invalid_id", "invalid_id"]);
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
