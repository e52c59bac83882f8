/** The only randomness of this folder, so that a seed can be put here. Ids decide nothing, so they stay random. */
import { randomUUID } from "node:crypto";
import { freshBytes } from "../fresh-bytes.ts";

export const newId = (): string => randomUUID();

const ofSystem = (): number => freshBytes(6).readUIntBE(0, 6) / 2 ** 48;
let source = ofSystem;

/** At least 0, below 1. */
export const randomFraction = (): number => source();

/** Draws from there until it is disposed: a simulation's pauses between retries follow from its seed. */
export function drawFractionsFrom(seeded: () => number): Disposable {
  source = seeded;
  return { [Symbol.dispose]: () => void (source = ofSystem) };
}

/** A trace of AWS X-Ray that is not sampled. */
export function newTraceId(nowMs: number): string {
  const began = Math.floor(nowMs / 1000).toString(16);
  return `Root=1-${began}-${freshBytes(12).toString("hex")};Parent=${freshBytes(8).toString("hex")};Sampled=0`;
}
