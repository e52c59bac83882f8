/** The language of the page: the one that was chosen, else the first of the browser's that there are texts for. */
import { listeners } from "../../../packages/client/src/listeners.ts";
import type { Texts } from "../texts/en.ts";
import { type Formats, formatsOf } from "./formats.ts";

/** Each by its own name, for the list to choose from. */
export const LANGUAGES = { en: "English", de: "Deutsch", ar: "العربية" } as const;
export type LanguageCode = keyof typeof LANGUAGES;

const RIGHT_TO_LEFT: ReadonlySet<LanguageCode> = new Set(["ar"]);

export interface Language {
  readonly code: LanguageCode;
  readonly direction: "ltr" | "rtl";
  readonly t: Texts;
  readonly formats: Formats;
}

export interface Languages {
  state(): Language;
  subscribe(listener: () => void): () => void;
  choose(code: LanguageCode): Promise<void>;
}

export interface LanguageWorld {
  /** What was chosen here before. */
  readonly kept: { read(): string | null; write(code: LanguageCode): void };
  /** The browser's, the liked ones first. */
  readonly liked: readonly string[];
  /** One file a language, read when it is needed. */
  readonly texts: (code: LanguageCode) => Promise<Texts>;
  readonly shown: (language: Language) => void;
}

export const CODES = Object.keys(LANGUAGES) as LanguageCode[];

export function languageFor(kept: string | null, liked: readonly string[]): LanguageCode {
  const wanted = [kept ?? "", ...liked].map((tag) => tag.toLowerCase().split("-")[0]);
  for (const code of wanted) {
    const found = CODES.find((known) => known === code);
    if (found) return found;
  }
  return "en";
}

export async function openLanguages({ kept, liked, texts, shown }: LanguageWorld): Promise<Languages> {
  const watchers = listeners();
  async function read(code: LanguageCode): Promise<Language> {
    const direction = RIGHT_TO_LEFT.has(code) ? "rtl" : "ltr";
    return { code, direction, t: await texts(code), formats: formatsOf(code) };
  }
  let language = await read(languageFor(kept.read(), liked));
  shown(language);
  return {
    state: () => language,
    subscribe: (listener) => watchers.subscribe(listener),
    async choose(code) {
      language = await read(code);
      kept.write(code);
      shown(language);
      watchers.tell();
    },
  };
}
