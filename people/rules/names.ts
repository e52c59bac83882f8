/** What a person may be called, and how names are found. */
import { util } from "@aws-appsync/utils";

/** Keys of an index may have 1,024 bytes, and upper case can make a character six times as long. */
const MAX_NAME_CHARACTERS = 80;
const MAX_ID_CHARACTERS = 100;

/** The partition of both name indexes: people are read by name far more often than they are written. */
export const DIRECTORY = "people";

/** Upper case, because unlike lower case it turns the beginning of a name into the beginning of its key. */
export const nameKey = (name: string): string => name.toUpperCase();

export function checkName(field: string, name: string): void {
  if (name.trim().length === 0 || name.length > MAX_NAME_CHARACTERS) {
    util.error(`${field} must have 1 to ${MAX_NAME_CHARACTERS} characters`, "ValidationError");
  }
}

export function checkId(field: string, id: string): void {
  if (id.length === 0 || id.length > MAX_ID_CHARACTERS) {
    util.error(`${field} must have 1 to ${MAX_ID_CHARACTERS} characters`, "ValidationError");
  }
}
