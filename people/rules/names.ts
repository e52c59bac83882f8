/** The rule of names by AppSync's own means, and the keys for searching names. */
import { util } from "@aws-appsync/utils";
import { MAX_NAME_UNITS, NAME_EXPECTED, unwantedAnywhere, visibleCharacters } from "../name-rule.ts";

const MAX_ID_CHARACTERS = 100;

/** The partition of both name indexes: people are read by name far more often than they are written. */
export const DIRECTORY = "people";

const inFormC = (text: string): string => util.str.normalize(text, "nfc");

/** Upper case, because unlike lower case it turns the beginning of a name into the beginning of its key. */
export const nameKey = (name: string): string => inFormC(name).toUpperCase();

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
