/** The one source of chance in deliveries: a number from 0 to below 1. */
import { randomBytes } from "node:crypto";

export const chance = (): number => randomBytes(4).readUInt32BE() / 2 ** 32;
