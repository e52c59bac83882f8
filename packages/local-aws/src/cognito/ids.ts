/** Ids and secrets of the local user pools: what is random is made here only, what must last is derived from a name. */
import { createHash, randomBytes, randomInt, randomUUID } from "node:crypto";

const LOWER = "abcdefghijklmnopqrstuvwxyz0123456789";
const MIXED = `${LOWER}ABCDEFGHIJKLMNOPQRSTUVWXYZ`;

export const newUuid = (): string => randomUUID();
export const newBytes = (length: number): Buffer => randomBytes(length);
export const newVerificationCode = (): string => String(randomInt(1_000_000)).padStart(6, "0");

function derived(seed: string, length: number, alphabet: string): string {
  const bytes = createHash("sha256").update(seed).digest().subarray(0, length);
  return [...bytes].map((byte) => alphabet[byte % alphabet.length]).join("");
}

/** Derived from the logical id, so that the addresses which apps are configured with outlive a restart. */
export const poolIdOf = (region: string, logicalId: string): string =>
  `${region}_${derived(`pool ${logicalId}`, 9, MIXED)}`;

export const clientIdOf = (logicalId: string): string => derived(`client ${logicalId}`, 26, LOWER);
