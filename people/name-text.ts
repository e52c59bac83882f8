/** The rule of names for functions and pages. Resolvers have it in rules/names.ts, by AppSync's own means. */
import {
  lineBreaking,
  marks,
  MAX_MARKS,
  MAX_NAME_UNITS,
  MAX_VISIBLE_CHARACTERS,
  misplaced,
  NAME_EXPECTED,
  unseen,
  unwantedAnywhere,
  visibleCharacter,
  visibleCharacters,
} from "./name-rule.ts";

const UNWANTED = new RegExp(unwantedAnywhere, "u");
const VISIBLE = new RegExp(visibleCharacters, "u");

/** Undefined, or what is wrong with a name, in the words of the GraphQL API. */
export function nameProblem(field: string, text: string): string | undefined {
  const composed = text.normalize("NFC");
  const name = composed.trim();
  const fits = !UNWANTED.test(composed) && VISIBLE.test(name) && name.length <= MAX_NAME_UNITS;
  return fits ? undefined : `${field} ${NAME_EXPECTED}`;
}

const LINE_BREAKING = new RegExp(lineBreaking, "gu");
const UNSEEN = new RegExp(unseen, "gu");
const MISPLACED = new RegExp(misplaced, "gu");
const MARKS_FIRST = new RegExp(`^${marks}+`, "u");
const PILED_MARKS = new RegExp(`(${marks}{${MAX_MARKS}})${marks}+`, "gu");
const CHARACTER = new RegExp(visibleCharacter, "gu");

/** A name as it may be shown, whatever was stored before the rule: what it forbids is left out. May be empty. */
export function harmlessName(stored: string): string {
  const seen = stored.normalize("NFC").replace(LINE_BREAKING, " ").replace(UNSEEN, "");
  const name = withoutMisplaced(seen).normalize("NFC").trim();
  const bounded = cut(name.replace(MARKS_FIRST, "").replace(PILED_MARKS, "$1").trim());
  return withoutMisplaced(bounded).trim();
}

/** What stood behind a part that is left out may be misplaced then: each turn leaves a shorter text. */
function withoutMisplaced(text: string): string {
  const next = text.replace(MISPLACED, (_, ...groups: unknown[]) => String(groups.find(isText)));
  return next === text ? text : withoutMisplaced(next);
}

const isText = (group: unknown): boolean => typeof group === "string";

function cut(name: string): string {
  let kept = "";
  for (const [character] of [...name.matchAll(CHARACTER)].slice(0, MAX_VISIBLE_CHARACTERS)) {
    if (kept.length + character.length > MAX_NAME_UNITS) break;
    kept += character;
  }
  return kept;
}

/** What phones show of a person: the name in the directory, else the one that they sign in with. */
export const shownName = (inDirectory: string | undefined, username: string): string =>
  inDirectory ?? harmlessName(username);

/** How a person is called, in one line. Empty if nothing of the name may be shown. */
export function fullName({
  firstName,
  lastName,
}: {
  readonly firstName: string;
  readonly lastName: string;
}): string {
  return `${harmlessName(firstName)} ${harmlessName(lastName)}`.trim();
}
