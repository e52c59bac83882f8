/** The rule of names by AppSync's own means, and the keys for searching names. */
import { util } from "@aws-appsync/utils";
import { MAX_NAME_UNITS, NAME_EXPECTED, unwantedAnywhere, visibleCharacters } from "../name-rule.ts";

const MAX_ID_CHARACTERS = 100;

/** The partition of both name indexes: people are read by name far more often than they are written. */
export const DIRECTORY = "people";

const inFormC = (text: string): string => util.str.normalize(text, "nfc");

/** Letters that no decomposition takes apart, as people type them without a keyboard that has them. */
const PLAIN: Record<string, string> = {
  "\u00C6": "AE",
  "\u00D0": "D",
  "\u00D8": "O",
  "\u00DE": "TH",
  "\u0110": "D",
  "\u0126": "H",
  "\u0141": "L",
  "\u0152": "OE",
};

/** Accents of Latin, Greek and Cyrillic, and the vowel signs of Arabic. */
const isAccent = (unit: string): boolean =>
  (unit >= "\u0300" && unit <= "\u036F") || (unit >= "\u064B" && unit <= "\u0652");

/**
 * What finds a name: without accents, and in upper case, because unlike lower case it turns the beginning of a name into the
 * beginning of its key.
 */
export function nameKey(name: string): string {
  const units = util.str.normalize(name, "nfd").toUpperCase().split("");
  const plain = units.filter((unit) => !isAccent(unit)).map((unit) => PLAIN[unit] ?? unit);
  const key = inFormC(plain.join(""));
  // An index takes no empty key: a name of accents alone is found by them.
  return key ? key : inFormC(name).toUpperCase();
}

/**
 * The beginning of a key that finds every name that begins so, also one that was stored when keys had accents: it ends before the
 * first letter that differs. Empty if that is the first.
 */
export function sureBeginning(beginning: string): string {
  const key = nameKey(beginning);
  const accented = inFormC(beginning).toUpperCase();
  const same = key.split("").filter((_, at) => key.slice(0, at + 1) === accented.slice(0, at + 1));
  return same.join("");
}

/** The name as it is stored. Ends the request if the name is not allowed. */
export function checkedName(field: string, text: string): string {
  const composed = inFormC(text);
  const name = composed.trim();
  const isUnwanted = util.matches(unwantedAnywhere, composed);
  if (isUnwanted || !util.matches(visibleCharacters, name) || name.length > MAX_NAME_UNITS) {
    util.error(`${field} ${NAME_EXPECTED}`, "ValidationError");
  }
  return name;
}

export function checkId(field: string, id: string): void {
  if (id.length === 0 || id.length > MAX_ID_CHARACTERS) {
    util.error(`${field} must have 1 to ${MAX_ID_CHARACTERS} characters`, "ValidationError");
  }
}
