/** What the directory calls people: by the row that names an owner's Person, so that a hundred names take two requests. */
import * as z from "zod";
import { fullName } from "../../people/name-text.ts";
import { batchGet } from "./batch-get.ts";
import type { Reading } from "./reading.ts";

/** Whose client it is. */
export interface Owned {
  readonly clientId: string;
  readonly sub: string;
}

const ownerSchema = z.object({ owner: z.string(), personId: z.string() });
const personSchema = z.object({ id: z.string(), firstName: z.string(), lastName: z.string() });

/** By client id. A client whose owner has no name in the directory is not in the map. */
export async function namesOf(reading: Reading, clients: readonly Owned[]): Promise<Map<string, string>> {
  const { names } = reading.memory;
  const unknown = [...new Map(clients.map((client) => [client.sub, client])).values()].filter(
    ({ sub }) => names.get(sub) === undefined,
  );
  if (unknown.length > 0) {
    const found = await namesBySub(reading, unknown);
    for (const { sub } of unknown) names.set(sub, found.get(sub) ?? "");
  }
  return new Map(
    clients.flatMap(({ clientId, sub }) => {
      const name = names.get(sub);
      return name ? [[clientId, name]] : [];
    }),
  );
}

async function namesBySub(reading: Reading, owned: readonly Owned[]): Promise<Map<string, string>> {
  const { tables } = reading.stack;
  const keys = owned.map(({ sub }) => ({ owner: sub }));
  const rows = (
    await batchGet(reading, { table: tables.owners, keys, members: ["owner", "personId"] })
  ).flatMap((item) => ownerSchema.safeParse(item).data ?? []);
  const people = await batchGet(reading, {
    table: tables.people,
    keys: rows.map(({ personId }) => ({ id: personId })),
    members: ["id", "firstName", "lastName"],
  });
  const byId = new Map(people.map((item) => personSchema.parse(item)).map((person) => [person.id, person]));
  return new Map(
    rows.flatMap(({ owner, personId }) => {
      const person = byId.get(personId);
      return person ? [[owner, fullName(person)]] : [];
    }),
  );
}
