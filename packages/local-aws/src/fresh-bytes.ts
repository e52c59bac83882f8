/** Random bytes, asked of the system in bulk: an id of a dozen would cost as much as all that is done under it. */
import { randomFillSync } from "node:crypto";

const pool = Buffer.alloc(4_096);
let used = pool.length;

/** At most 4,096. */
export function freshBytes(length: number): Buffer {
  if (used + length > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += length;
  return Buffer.from(pool.subarray(used - length, used));
}

/** At least 0, below 1. */
export const chance = (): number => freshBytes(4).readUInt32BE() / 2 ** 32;
