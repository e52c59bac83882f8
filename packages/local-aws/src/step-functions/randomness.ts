/** The only randomness of this folder, so that a seed can be put here. */
import { randomUUID } from "node:crypto";
import { freshBytes } from "../fresh-bytes.ts";

export const newId = (): string => randomUUID();

/** At least 0, below 1. */
export const randomFraction = (): number => freshBytes(6).readUIntBE(0, 6) / 2 ** 48;

/** A trace of AWS X-Ray that is not sampled. */
export function newTraceId(nowMs: number): string {
  const began = Math.floor(nowMs / 1000).toString(16);
  return `Root=1-${began}-${freshBytes(12).toString("hex")};Parent=${freshBytes(8).toString("hex")};Sampled=0`;
}
