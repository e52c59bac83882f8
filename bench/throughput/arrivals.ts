/** The callers' arrivals and ends: Poisson arrivals and a mix of ends, the same for the same seed. */
import { randomFrom } from "../random.ts";

/** The end of a call and its time after the start. A missed call ends with its ring. */
export type Ending =
  | { readonly kind: "completed"; readonly answerMs: number; readonly talkMs: number }
  | { readonly kind: "declined" | "cancelled"; readonly afterMs: number }
  | { readonly kind: "missed" };

export interface Arrival {
  readonly atMs: number;
  readonly ending: Ending;
}

/** Half of the calls are answered. The rest is missed, declined and cancelled in equal parts. */
const UNANSWERED: readonly Ending[] = [
  { kind: "missed" },
  { kind: "declined", afterMs: 5_000 },
  { kind: "cancelled", afterMs: 10_000 },
];
export const COMPLETED = { kind: "completed", answerMs: 8_000, talkMs: 180_000 } as const;

function endingOf(random: () => number): Ending {
  if (random() < 0.5) return COMPLETED;
  return UNANSWERED[Math.floor(random() * UNANSWERED.length)] ?? { kind: "missed" };
}

/** How long calls of the mix use their stage, answered and not. */
export const useSeconds = (ringSeconds: number) => ({
  answered: (COMPLETED.answerMs + COMPLETED.talkMs) / 1_000,
  unanswered:
    UNANSWERED.reduce((sum, one) => sum + ("afterMs" in one ? one.afterMs / 1_000 : ringSeconds), 0) /
    UNANSWERED.length,
});

/** Calls that begin at random, at this rate. */
export function* poisson(perSecond: number, forMs: number, seed: number): Generator<Arrival> {
  const random = randomFrom(seed);
  for (let atMs = 0; ;) {
    atMs -= (Math.log(1 - random()) / perSecond) * 1_000;
    if (atMs >= forMs) return;
    yield { atMs: Math.floor(atMs), ending: endingOf(random) };
  }
}

/** That many calls in the first second, and none later. */
export function* burst(calls: number, seed: number): Generator<Arrival> {
  const random = randomFrom(seed);
  const times = Array.from({ length: calls }, () => Math.floor(random() * 1_000));
  for (const atMs of times.toSorted((one, other) => one - other)) yield { atMs, ending: endingOf(random) };
}
