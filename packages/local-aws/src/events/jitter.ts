/** The one source of chance in deliveries: a number from 0 to below 1. */
import { freshBytes } from "../fresh-bytes.ts";

export const chance = (): number => freshBytes(4).readUInt32BE() / 2 ** 32;
