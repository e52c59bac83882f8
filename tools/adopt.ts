/**
 * `npm run clients -- adopt`: writes a person's clients into their row if it lists none. Otherwise each person's next registration
 * does so. It merges nothing: people with several clients keep them, the default one first.
 *
 * B1 The default is the client on the person's entry in the directory, because other people call that; else the one that
 *    was registered last.
 * B2 A row that lists a client already stays as it is. So it may run while people register, and again after a failure.
 */
import type { Client } from "../calls/client.ts";
import type { ClientId } from "../calls/ids.ts";
import { MAX_CLIENTS } from "../calls/limits.ts";

export type OwnedClient = Pick<
  Client,
  "clientId" | "sub" | "username" | "revision" | "createdAtMs" | "registeredAtMs"
>;

export interface Adopt {
  /** Every client that there is. */
  clients(): AsyncIterable<OwnedClient>;
  /** The clients that the person's row names. */
  namedBy(sub: string): Promise<readonly ClientId[]>;
  /** The client on the person's entry in the directory. */
  inDirectory(sub: string): Promise<string | undefined>;
  /** False if the row or one of these clients has changed since it was read. */
  name(sub: string, clients: readonly OwnedClient[]): Promise<boolean>;
  readonly dryRun: boolean;
}

export interface Several {
  readonly sub: string;
  readonly username: string;
  /** The default one first. */
  readonly clientIds: readonly ClientId[];
}

export interface Adopted {
  readonly people: number;
  /** Rows that named no client, and do now. */
  readonly adopted: number;
  /** People whose row or clients changed meanwhile: the next run reads them again. */
  readonly changed: number;
  /** People with more than one client. */
  readonly several: readonly Several[];
}

/** People dealt with at the same time. */
const AT_ONCE = 10;

export async function adopt(tools: Adopt): Promise<Adopted> {
  const bySub = new Map<string, OwnedClient[]>();
  for await (const client of tools.clients())
    bySub.set(client.sub, [...(bySub.get(client.sub) ?? []), client]);
  const waiting = [...bySub.values()];
  const [outcomes, several]: [Outcome[], Several[]] = [[], []];
  const lane = async (): Promise<void> => {
    for (let own = waiting.shift(); own !== undefined; own = waiting.shift()) {
      const { outcome, clients } = await adoptOf(tools, own);
      outcomes.push(outcome);
      const [{ sub, username } = { sub: "", username: "" }] = own;
      if (own.length > 1) several.push({ sub, username, clientIds: clients });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  const count = (one: Outcome): number => outcomes.filter((outcome) => outcome === one).length;
  const byName = several.toSorted((one, other) => one.username.localeCompare(other.username));
  return { people: bySub.size, adopted: count("adopted"), changed: count("changed"), several: byName };
}

type Outcome = "adopted" | "named already" | "changed";

async function adoptOf(
  tools: Adopt,
  own: readonly OwnedClient[],
): Promise<{ outcome: Outcome; clients: readonly ClientId[] }> {
  const sub = own[0]?.sub ?? "";
  const named = await tools.namedBy(sub);
  const ids = (clients: readonly OwnedClient[]) => clients.map(({ clientId }) => clientId);
  if (named.length > 0) return { outcome: "named already", clients: [...new Set([...named, ...ids(own)])] };
  const inOrder = defaultFirst(own, own.length > 1 ? await tools.inDirectory(sub) : undefined);
  const done = tools.dryRun || (await tools.name(sub, inOrder.slice(0, MAX_CLIENTS)));
  return { outcome: done ? "adopted" : "changed", clients: ids(inOrder) };
}

/** B1 */
function defaultFirst(own: readonly OwnedClient[], inDirectory: string | undefined): OwnedClient[] {
  const usedAtMs = ({ registeredAtMs, createdAtMs }: OwnedClient): number => registeredAtMs ?? createdAtMs;
  const latestFirst = own.toSorted((one, other) => usedAtMs(other) - usedAtMs(one));
  const first = latestFirst.filter(({ clientId }) => clientId === inDirectory);
  return [...first, ...latestFirst.filter((client) => !first.includes(client))];
}

/** For the terminal. */
export function adoptionReport({ people, adopted, changed, several }: Adopted, dryRun: boolean): string {
  const lines = several.map(({ sub, username, clientIds }) => {
    const [first, ...more] = clientIds;
    return `${username} (${sub}): ${first} is the default, ${more.join(", ")}`;
  });
  return [
    `${adopted} of ${people} people ${dryRun ? "would get" : "got"} their clients written into their row.`,
    ...(changed > 0 ? [`${changed} rows changed meanwhile: run the command again.`] : []),
    `${several.length} people have several clients${lines.length > 0 ? ":" : "."}`,
    ...lines,
  ].join("\n");
}
