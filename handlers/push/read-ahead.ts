/** Reads of a task that begin at once, beside the call that they will be needed for. */
import type { ClientId } from "../../calls/ids.ts";
import type { SendPush } from "./tell-leg.ts";

/** Nothing follows from whose phones are read: who is told, the call says. */
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

/** Reads these at once, for whoever asks first; whoever asks later reads again. */
function begunBy<Key, Found>(keys: readonly Key[], read: (key: Key) => Promise<Found>) {
  const begun = new Map(keys.map((key) => [key, read(key)]));
  // Who waits for it hears of it.
  for (const reading of begun.values()) reading.catch(() => undefined);
  return (key: Key): Promise<Found> => {
    const reading = begun.get(key);
    begun.delete(key);
    return reading ?? read(key);
  };
}
