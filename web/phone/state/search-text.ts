/** What is typed and what is a name, compared as people mean them: without accents, case and the way a letter is composed. */

/** Letters that no decomposition takes apart. */
const PLAIN: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  đ: "d",
  ð: "d",
  ħ: "h",
  ı: "i",
  ł: "l",
  þ: "th",
};
const OTHER_LETTERS = new RegExp(`[${Object.keys(PLAIN).join("")}]`, "gu");
/** Accents of Latin, Greek and Cyrillic, and the vowel signs of Arabic. */
const MARKS = /[\u0300-\u036f\u064b-\u0652]/gu;

export const plainText = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(MARKS, "")
    .normalize("NFC")
    .toLowerCase()
    .replace(OTHER_LETTERS, (letter) => PLAIN[letter] ?? letter);

const wordsOf = (text: string): string[] => text.split(/[\s\-–’']+/u).filter(Boolean);

/** Each typed word begins a word of the name, in any order; or the name begins as typed. */
export function fitsName(name: string, typed: string): boolean {
  const [plainName, wanted] = [plainText(name), plainText(typed).trim()];
  if (plainName.startsWith(wanted)) return true;
  const words = wordsOf(plainName);
  return wordsOf(wanted).every((word) => words.some((one) => one.startsWith(word)));
}
