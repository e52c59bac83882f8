/** What a phone keeps while its app is not running. */
import { type Environment, hex } from "./environment.ts";

const NAMES = {
  deviceId: "ringmaster.deviceId",
  webToken: "ringmaster.webToken",
  clientId: "ringmaster.clientId",
  callId: "ringmaster.callId",
} as const;
type Name = keyof typeof NAMES;

export interface Kept {
  /** Made once: the same phone for as long as the app is installed. */
  readonly deviceId: string;
  /** A page's own address, which no push network knows. */
  webToken(): string;
  read(name: Name): string | undefined;
  /** Undefined forgets it. */
  write(name: Name, value: string | undefined): void;
}

export async function readKept({ storage, randomBytes }: Environment): Promise<Kept> {
  const known = new Map<Name, string>();
  for (const name of Object.keys(NAMES) as Name[]) {
    const value = await storage.getItem(NAMES[name]);
    if (value) known.set(name, value);
  }
  function write(name: Name, value: string | undefined): void {
    if (known.get(name) === value) return;
    if (value === undefined) {
      known.delete(name);
      storage.removeItem(NAMES[name]);
    } else {
      known.set(name, value);
      storage.setItem(NAMES[name], value);
    }
  }
  function madeOnce(name: Name): string {
    const value = known.get(name) ?? hex(randomBytes(16));
    write(name, value);
    return value;
  }
  return {
    deviceId: madeOnce("deviceId"),
    webToken: () => madeOnce("webToken"),
    read: (name) => known.get(name),
    write,
  };
}
