/**
 * Which phone this page is. Beside a local runtime each tab is a phone of its own, so that several people can call each
 * other in one browser, and a tab that is loaded again is the same phone. On AWS a browser is one phone.
 */
export interface Device {
  readonly deviceId: string;
  /** What pushes are sent to. */
  readonly deviceToken: string;
  /** The call that this phone is in. */
  readonly memory: Memory;
  /** The line that it was told to ring for, if not the person's first. */
  readonly line: Memory;
}

interface Memory {
  read(): string | undefined;
  write(value: string | undefined): void;
}

/** `name` tells apart the phones of one tab: who is signed in, and `?device=2`. */
export async function openDevice(name: string, perTab: boolean): Promise<Device> {
  const storage = perTab ? sessionStorage : localStorage;
  const [device, call] = [`ringmaster.device.${name}`, `ringmaster.call.${name}`];
  // A tab that was made from another one begins with a copy of its storage: it becomes a phone of its own, in no call.
  if (perTab && !(await hold(storage.getItem(device)))) {
    storage.removeItem(device);
    storage.removeItem(call);
  }
  const secret = kept(storage, device, () => crypto.randomUUID());
  if (perTab) void hold(secret);
  return {
    deviceId: `web-${secret.slice(0, 8)}`,
    deviceToken: `web-${secret}`,
    memory: memoryIn(storage, call),
    line: memoryIn(storage, `ringmaster.line.${name}`),
  };
}

const memoryIn = (storage: Storage, key: string): Memory => ({
  read: () => storage.getItem(key) ?? undefined,
  write(value) {
    if (value) storage.setItem(key, value);
    else storage.removeItem(key);
  },
});

/** A page that is loaded again waits for its former self to be gone; another tab keeps the lock as long as it lives. */
const FORMER_SELF_MS = 700;
const held = new Set<string>();

/** Whether this page alone is that phone, from now on. */
async function hold(secret: string | null): Promise<boolean> {
  if (!secret || held.has(secret)) return true;
  return new Promise((resolve) => {
    const options = { signal: AbortSignal.timeout(FORMER_SELF_MS) };
    const holding = navigator.locks.request(`ringmaster.${secret}`, options, () => {
      held.add(secret);
      resolve(true);
      return new Promise(() => undefined);
    });
    holding.catch(() => resolve(false));
  });
}

function kept(storage: Storage, key: string, make: () => string): string {
  const known = storage.getItem(key);
  if (known) return known;
  const made = make();
  storage.setItem(key, made);
  return made;
}
