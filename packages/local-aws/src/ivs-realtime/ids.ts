/** Identifiers as IVS makes them; the only source of randomness of this folder. */
import { randomUUID } from "node:crypto";
import { freshBytes } from "../fresh-bytes.ts";

const LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

export function lettersAndDigits(length: number): string {
  return Array.from(freshBytes(length), (byte) => LETTERS_AND_DIGITS[byte % LETTERS_AND_DIGITS.length]).join(
    "",
  );
}

export const uuid = (): string => randomUUID();
