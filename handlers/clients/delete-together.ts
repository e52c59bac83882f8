/**
 * Most clients of a batch are in no call and may simply go. Several of them go in one transaction, which asks less of the function
 * and of DynamoDB than one each. Whatever stands in the way of one, it stops all: then each is dealt with by itself.
 */
import { type Operation, verdictOn } from "../../calls/clean-up.ts";
import type { ClientId } from "../../calls/ids.ts";
import type { Removal } from "../store/client-deletions.ts";
import type { SeenClient } from "../store/client-reads.ts";
import type { DeleteClient } from "./delete-client.ts";

/** A transaction takes 100 writes; fewer clients are fewer to repeat when one of them has changed. */
const MAX_CLIENTS = 10;
const MAX_WRITES = 100;

/** What the client and its devices, with the rows of all their tokens and of its person, come to. */
const writesOf = ({ devices }: Removal): number =>
  devices.reduce((sum, { tokens }) => sum + 1 + Object.keys(tokens).length, 2);

/** Undefined: the client has to be dealt with by itself. */
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

/** The clients that are gone now: all of them, or none. What is left of them is to be forgotten. */
export async function deleteTogether(
  { deletions, edge }: DeleteClient,
  group: readonly Removal[],
): Promise<readonly ClientId[]> {
  return (await deletions.remove(group, edge.now())) ? group.map(({ client }) => client.clientId) : [];
}
