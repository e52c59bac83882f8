/**
 * The rule of names: 1 to 64 visible characters, in Unicode's form C and without surrounding space.
 *
 * N1 A visible character is a code point with the marks and joiners after it, at most 8: "é" and "क्ष" are what their writers
 *    see or a little more. Joined emoji count one each, and a flag counts two.
 * N2 No character may be invisible, move its neighbours, or begin a line: control characters, line and paragraph separators,
 *    marks and overrides of direction, soft hyphens, zero-width spaces, fillers, tags, private and unpaired code points.
 * N3 Joiners and variation selectors stand only where they change what is seen: ZWJ and ZWNJ after letters of the scripts that
 *    join (Arabic, the Indic scripts …), ZWJ between emoji, selectors after emoji, ideographs and letters of those scripts.
 *
 * AppSync checks by Java's patterns, functions and pages by JavaScript's (flag u): these parts mean the same to both.
 */

export const MAX_VISIBLE_CHARACTERS = 64;
export const MAX_MARKS = 8;
/** Length of a name with all its marks, in UTF-16 units. Index keys have 1,024 bytes, and upper case makes up to 6 bytes of a unit. */
export const MAX_NAME_UNITS = 160;

/** The text of every refusal, after the name of the field. */
export const NAME_EXPECTED =
  `must have 1 to ${MAX_VISIBLE_CHARACTERS} visible characters (at most ${MAX_NAME_UNITS} with all marks), and ` +
  "no line breaks, control characters, direction marks or invisible characters";

/** The contents of a class of characters. */
const LINE_BREAKING = "\\u0000-\\u001F\\u007F-\\u009F\\u2028\\u2029";
const UNSEEN =
  "\\u00AD\\u034F\\u061C\\u070F\\u115F\\u1160\\u17B4\\u17B5\\u200B\\u200E\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u2800\\u3164" +
  "\\uD800-\\uDFFF\\uE000-\\uF8FF\\uFDD0-\\uFDEF\\uFEFF\\uFFA0\\uFFF0-\\uFFFF" +
  "\\uD82F\\uDCA0-\\uD82F\\uDCA3\\uD834\\uDD73-\\uD834\\uDD7A\\uDB40\\uDC00-\\uDB40\\uDCFF\\uDB40\\uDDF0-\\uDBFF\\uDFFF";
const MONGOLIAN = "\\u1800-\\u18AF";
/** Scripts whose letters join, or whose marks depend on a joiner. */
const JOINING =
  "\\u0600-\\u109F\\u1780-\\u18AF\\u1900-\\u1CFF\\uA800-\\uABFF\\uFB50-\\uFDCF\\uFE70-\\uFEFC" +
  "\\uD802\\uDE00-\\uD807\\uDFFF\\uD83A\\uDD00-\\uD83A\\uDD5F";
const EMOJI = "\\u00A9\\u00AE\\u203C-\\u2BFF\\u3030\\u303D\\u3297\\u3299\\uFE0F\\uD83C\\uDC00-\\uD83E\\uDFFF";
const IDEOGRAPHS = "\\u3005-\\u3007\\u3400-\\u9FFF\\uF900-\\uFAFF\\uD840\\uDC00-\\uD8BF\\uDFFF";
const KEYCAPS = "0-9#*";
const MARKS = "\\p{M}\\u200C\\u200D";

const notAfter = (before: string, what: string): string => `(^|[^${before}])${what}`;

export const lineBreaking = `[${LINE_BREAKING}]`;
export const unseen = `[${UNSEEN}]`;
/** Each with the character before it, if any, as its group. */
export const misplaced = [
  notAfter(JOINING, "\\u200C"),
  notAfter(`${JOINING}${EMOJI}`, "\\u200D"),
  `([${EMOJI}])\\u200D(?![${EMOJI}])`,
  notAfter(`${JOINING}${EMOJI}${IDEOGRAPHS}${KEYCAPS}`, "[\\uFE00-\\uFE0F]"),
  notAfter(IDEOGRAPHS, "[\\uDB40\\uDD00-\\uDB40\\uDDEF]"),
  notAfter(MONGOLIAN, "[\\u180B-\\u180F]"),
].join("|");
export const marks = `[${MARKS}]`;
export const visibleCharacter = `[^${MARKS}]${marks}{0,${MAX_MARKS}}`;

const END = "(?![\\s\\S])";
/** For a text in form C before trimming: a line break at its end counts. */
export const unwantedAnywhere = `^[\\s\\S]*(?:${lineBreaking}|${unseen}|${misplaced})[\\s\\S]*${END}`;
/** For a trimmed text in form C. */
export const visibleCharacters = `^(?:${visibleCharacter}){1,${MAX_VISIBLE_CHARACTERS}}${END}`;
