/** Texts as a search compares them: without accents and in lower case, so that `zoe` finds Zoë and `STRASSE` finds Straße. */

/** Letters that Unicode takes apart no further. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  đ: "d",
  ð: "d",
  ł: "l",
  ħ: "h",
  ı: "i",
  þ: "th",
};

export const folded = (text: string): string =>
  text
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[ßæœøđðłħıþ]/g, (letter) => LETTERS[letter] ?? letter);

/** The words of a search; an id is written with a `…` where the console shortens it. */
export const wordsIn = (text: string): string[] =>
  folded(text.replaceAll("…", " "))
    .split(/\s+/)
    .filter((word) => word !== "");
