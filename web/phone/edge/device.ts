/**
 * Which phone this page is. Beside a local runtime each tab is a phone of its own, so that several people can call each
 * other in one browser, and a tab that is loaded again is the same phone. On AWS a browser is one phone.
 */
export interface Device {
  readonly deviceId: string;
  /** What pushes are sent to. */
  readonly deviceToken: string;
  /** The call that this phone is in. */
  readonly memory: { read(): string | undefined; write(callId: string | undefined): void };
}

/** `name` tells apart the phones of one tab: who is signed in, and `?device=2`. */
export function openDevice(storage: Storage, name: string): Device {
  const secret = kept(storage, `ringmaster.device.${name}`, () => crypto.randomUUID());
  const call = `ringmaster.call.${name}`;
  return {
    deviceId: `web-${secret.slice(0, 8)}`,
    deviceToken: `web-${secret}`,
    memory: {
      read: () => storage.getItem(call) ?? undefined,
      write(callId) {
        if (callId) storage.setItem(call, callId);
        else storage.removeItem(call);
      },
    },
  };
}

function kept(storage: Storage, key: string, make: () => string): string {
  const known = storage.getItem(key);
  if (known) return known;
  const made = make();
  storage.setItem(key, made);
  return made;
}
