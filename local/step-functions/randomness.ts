/** The only randomness of this folder, so that a seed can be put here. */
import { randomBytes, randomUUID } from "node:crypto";

export const newId = (): string => randomUUID();

/** At least 0, below 1. */
export const randomFraction = (): number => randomBytes(6).readUIntBE(0, 6) / 2 ** 48;
