/**
 * Most clients of a batch are in no call and can simply be deleted. One transaction deletes several, which costs less than one
 * each. If one of them cannot be deleted, the transaction fails, and each is dealt with by itself.
 */
import { type Operation, verdictOn } from "../../calls/clean-up.ts";
import type { ClientId } from "../../calls/ids.ts";
import type { Removal } from "../store/client-deletions.ts";
import type { SeenClient } from "../store/client-reads.ts";
import type { DeleteClient } from "./delete-client.ts";

/** A transaction takes 100 writes; fewer clients are fewer to repeat when one of them has changed. */
const MAX_CLIENTS = 10;
const MAX_WRITES = 100;

/** The number of writes for the client, its devices, the rows of their tokens, and its person's row. */
const writesOf = ({ devices }: Removal): number =>
  devices.reduce((sum, { tokens }) => sum + 1 + Object.keys(tokens).length, 2);

/** Undefined if the client must be dealt with by itself. */
export function simpleRemoval(seen: SeenClient | undefined, operation: Operation): Removal | undefined {
  if (operation.dryRun || !seen?.client || !seen.devices) return undefined;
  const { client, devices } = seen;
  if (client.activeCallId !== undefined || verdictOn(client, operation) !== "delete") return undefined;
  return { client, devices };
}

/** Each group fits into a transaction. */
export function inGroups(removals: readonly Removal[]): Removal[][] {
  const groups: Removal[][] = [];
  let writes = 0;
  for (const removal of removals) {
    const last = groups.at(-1);
    writes += writesOf(removal);
    if (last && last.length < MAX_CLIENTS && writes <= MAX_WRITES) last.push(removal);
    else {
      groups.push([removal]);
      writes = writesOf(removal);
    }
  }
  return groups;
}

/** The clients that are gone now: all or none. Their remaining traces must still be removed. */
export async function deleteTogether(
  { deletions, edge }: DeleteClient,
  group: readonly Removal[],
): Promise<readonly ClientId[]> {
  return (await deletions.remove(group, edge.now())) ? group.map(({ client }) => client.clientId) : [];
}
