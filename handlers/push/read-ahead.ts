/** Reads that a task begins at once, in parallel with reading the call. */
import type { ClientId } from "../../calls/ids.ts";
import type { SendPush } from "./tell-leg.ts";

/** Only speeds up the reads: the call decides which phones are told. */
export function readingAhead(tools: SendPush, phonesOf: readonly ClientId[] = []): SendPush {
  const { clients } = tools;
  return {
    ...tools,
    clients: {
      ...clients,
      devices: begunBy(phonesOf, (clientId) => clients.devices(clientId)),
    },
  };
}

/** Reads these at once. The first caller gets that read; later callers read again. */
function begunBy<Key, Found>(keys: readonly Key[], read: (key: Key) => Promise<Found>) {
  const begun = new Map(keys.map((key) => [key, read(key)]));
  // Its caller gets the error.
  for (const reading of begun.values()) reading.catch(() => undefined);
  return (key: Key): Promise<Found> => {
    const reading = begun.get(key);
    begun.delete(key);
    return reading ?? read(key);
  };
}
