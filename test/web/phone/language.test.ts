/** The phone's languages: each has every text, views hold none, and what is counted and dated follows the language's own rules. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { formatsOf } from "../../../web/phone/state/formats.ts";
import { CODES, type Language, languageFor, openLanguages } from "../../../web/phone/state/language.ts";
import { ar } from "../../../web/phone/texts/ar.ts";
import { de } from "../../../web/phone/texts/de.ts";
import { en, type Texts } from "../../../web/phone/texts/en.ts";

const TEXTS: Readonly<Record<(typeof CODES)[number], Texts>> = { en, de, ar };

/** Each text by its path; one with a gap by how many it has. */
function pathsOf(texts: object, path = ""): string[] {
  return Object.entries(texts).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value === "object" && value !== null) return pathsOf(value, `${path}${name}.`);
    return `${path}${name}${typeof value === "function" ? `(${value.length})` : ""}`;
  });
}

test.each(CODES)("%s has every text, and none is empty", (code) => {
  expect(pathsOf(TEXTS[code]).toSorted()).toEqual(pathsOf(en).toSorted());
  expect(JSON.stringify(TEXTS[code])).not.toContain('""');
});

test.each(CODES.filter((code) => code !== "en"))("%s repeats no sentence of the English one", (code) => {
  const sentences = (texts: object): string[] =>
    Object.values(texts).flatMap((value: unknown) =>
      typeof value === "string" ? value : sentences((value as object | undefined) ?? {}),
    );
  const english = new Set(sentences(en).filter((text) => text.includes(" ")));
  expect(sentences(TEXTS[code]).filter((text) => english.has(text))).toEqual([]);
});

const VIEWS = join(import.meta.dirname, "../../../web/phone/views");
/** Letters between tags, or in an attribute that is read or heard. */
const LITERAL_TEXT = /(?<![=\s])>\s*\p{L}[^<>{}();=]*<\/|\b(?:aria-label|placeholder|title|alt)="[^"]/u;

test("no view holds a text of its own", () => {
  const files = [...readdirSync(VIEWS).map((name) => join(VIEWS, name)), join(VIEWS, "../app.tsx")];
  const views = files.filter((path) => path.endsWith(".tsx"));
  expect(views.length).toBeGreaterThan(20);
  expect(views.filter((path) => LITERAL_TEXT.test(readFileSync(path, "utf8")))).toEqual([]);
});

test.each(["<p>Hello</p>", '<input placeholder="Name" />', "<b>\n  One moment\n</b>"])(
  "a text in a view is found: %j",
  (view) => expect(LITERAL_TEXT.test(view)).toBe(true),
);

test("the language is the chosen one, else the first liked one that there is, else English", () => {
  expect(languageFor("ar", ["de-DE"])).toBe("ar");
  expect(languageFor(null, ["fr-FR", "de-AT", "en"])).toBe("de");
  expect(languageFor("tlh", ["fr"])).toBe("en");
});

test("choosing a language shows it at once, in its own direction, and is remembered", async () => {
  const shown: Language["direction"][] = [];
  let kept: string | null = null;
  const languages = await openLanguages({
    kept: { read: () => kept, write: (code) => void (kept = code) },
    liked: ["en-GB"],
    texts: async (code) => TEXTS[code],
    shown: ({ direction }) => void shown.push(direction),
  });
  expect(languages.state().t).toBe(en);
  await languages.choose("ar");
  expect(languages.state()).toMatchObject({ code: "ar", direction: "rtl", t: ar });
  expect([shown, kept]).toEqual([["ltr", "rtl"], "ar"]);
});

test("people are counted as each language counts them", () => {
  const counted = (texts: Texts): string[] => [0, 1, 2, 3, 11].map((people) => texts.people.chosen(people));
  expect(counted(en)).toEqual([
    "Choose people",
    "1 person chosen",
    "2 people chosen",
    "3 people chosen",
    "11 people chosen",
  ]);
  expect(counted(de)[1]).toBe("1 Person ausgewählt");
  expect(new Set(counted(ar)).size).toBe(5);
  expect(counted(ar)[2]).toBe("اخترت شخصين");
});

test("times, lists and durations are written as the language writes them", () => {
  const at = new Date(2027, 0, 5, 14, 5).getTime();
  expect(formatsOf("de").weekdayTime(at)).toBe("Dienstag, 14:05");
  expect(formatsOf("de").list(["Anna", "Bob", "Carol"])).toBe("Anna, Bob und Carol");
  expect(formatsOf("en").timeOrDay(at, at)).toBe("2:05 PM");
  expect(formatsOf("en").timeOrDay(at, at + 86_400_000)).toBe("Jan 5");
  const durations = [7_000, 760_000, 3_723_000].map((ms) => formatsOf("en").duration(ms));
  expect(durations).toEqual(["0:07", "12:40", "1:02:03"]);
});
