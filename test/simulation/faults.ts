/**
 * What goes wrong, drawn from the seed. Each opportunity for a fault has a number; a fault that is left out changes nothing
 * about the draws of the others, so a failing run can be made smaller.
 */
import { randomFrom } from "../../bench/random.ts";

/** `phones`: AWS works, and people and their phones do not. */
export const FAULT_LEVELS = ["none", "phones", "light", "heavy"] as const;
export type FaultLevel = (typeof FAULT_LEVELS)[number];

/** How often each fault happens under `heavy`, of its opportunities. */
const HEAVY = {
  "function dies before an AWS call": 0.004,
  "function dies after an AWS call": 0.004,
  "function hangs at an AWS call": 0.001,
  "invocation throttled": 0.005,
  "invocation slow": 0.01,
  "AWS call throttled": 0.01,
  "AWS call fails": 0.004,
  "AWS call slow": 0.01,
  "reply lost after success": 0.008,
  "all replies lost after success": 0.001,
  "write meets a transaction": 0.005,
  "transaction conflicts": 0.01,
  "index lags": 0.02,
  "entry of PutEvents refused": 0.01,
  "event delivered twice": 0.03,
  "event late": 0.02,
  "message delivered twice": 0.03,
  "message late": 0.02,
  "media event lost": 0.1,
  "media event late": 0.1,
  "media event delivered twice": 0.05,
  "push lost": 0.05,
  "push late": 0.05,
  "push fails for the moment": 0.03,
  "push throttled": 0.02,
  "push provider says that the token is gone": 0.005,
  "live update lost": 0.05,
  "live update late": 0.05,
  "request lost": 0.02,
  "reply to the phone lost": 0.03,
  "phone presses twice": 0.1,
  "phone dies": 0.03,
  "phone does not leave the stage": 0.03,
  "schedule pauses": 0.01,
  "secret away": 0.02,
} as const;
export type FaultKind = keyof typeof HEAVY;
export const FAULT_KINDS = Object.keys(HEAVY) as FaultKind[]; // Object.keys forgets the key type

const OF_PHONES: ReadonlySet<FaultKind> = new Set([
  "push lost",
  "push late",
  "live update lost",
  "live update late",
  "request lost",
  "reply to the phone lost",
  "phone presses twice",
  "phone dies",
  "phone does not leave the stage",
]);

const SHARE: Readonly<Record<FaultLevel, number>> = { none: 0, phones: 1, light: 0.1, heavy: 1 };

export interface Met {
  readonly number: number;
  readonly kind: FaultKind;
  readonly where: string;
}

export interface Faults {
  /** Whether this opportunity meets a fault. */
  meets(kind: FaultKind, where?: string): boolean;
  readonly met: readonly Met[];
  /** From now on nothing goes wrong any more. */
  heal(): void;
}

export interface FaultOptions {
  readonly seed: number;
  readonly level: FaultLevel;
  /** Numbers of the only faults that happen. */
  readonly only?: ReadonlySet<number> | undefined;
  readonly onMet?: ((met: Met) => void) | undefined;
}

export function drawFaults({ seed, level, only, onMet }: FaultOptions): Faults {
  const random = randomFrom(seed ^ 0x5f356495);
  const met: Met[] = [];
  let [opportunities, share] = [0, SHARE[level]];
  return {
    met,
    meets(kind, where = "") {
      if (share === 0 || (level === "phones" && !OF_PHONES.has(kind))) return false;
      const number = opportunities++;
      if (random() >= HEAVY[kind] * share || only?.has(number) === false) return false;
      met.push({ number, kind, where });
      onMet?.({ number, kind, where });
      return true;
    },
    heal: () => void (share = 0),
  };
}
