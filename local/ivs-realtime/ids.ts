/** Identifiers as IVS makes them; the only source of randomness of this folder. */
import { randomBytes, randomUUID } from "node:crypto";

const LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

export function lettersAndDigits(length: number): string {
  return Array.from(randomBytes(length), (byte) => LETTERS_AND_DIGITS[byte % LETTERS_AND_DIGITS.length]).join(
    "",
  );
}

export const uuid = (): string => randomUUID();
