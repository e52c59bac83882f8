/**
 * The page begins. Over a slow line the whole phone takes seconds, so `index.html` already says what this is, and only what is here
 * comes before the rest: the language, and the stack's addresses, which are asked for meanwhile.
 */
import "../look/look.css";
import "../look/ring.css";
import "./shell.css";
import { loadSiteConfig } from "../site-config.ts";
import { type LanguageCode, type Language, openLanguages } from "./state/language.ts";
import type { Texts } from "./texts/en.ts";

const TEXTS: Readonly<Record<LanguageCode, () => Promise<Texts>>> = {
  en: async () => (await import("./texts/en.ts")).en,
  de: async () => (await import("./texts/de.ts")).de,
  ar: async () => (await import("./texts/ar.ts")).ar,
};
const LANGUAGE_KEY = "ringmaster.language";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

function speak({ code, direction, t }: Language): void {
  document.documentElement.lang = code;
  document.documentElement.dir = direction;
  const shell = { what: t.app.what, opening: t.app.opening };
  for (const [name, text] of Object.entries(shell))
    document.querySelector(`[data-shell="${name}"]`)?.replaceChildren(text);
}

async function start(element: HTMLElement): Promise<void> {
  const app = import("./app.tsx");
  const config = loadSiteConfig();
  // A failure is said once the page can say something.
  for (const early of [app, config]) early.catch(() => undefined);
  const languages = await openLanguages({
    kept: {
      read: () => localStorage.getItem(LANGUAGE_KEY),
      write: (code) => localStorage.setItem(LANGUAGE_KEY, code),
    },
    liked: navigator.languages,
    texts: (code) => TEXTS[code](),
    shown: speak,
  });
  await (await app).showApp(element, config, languages);
}

start(root).catch((error: unknown) => {
  console.error(error);
  document.querySelector("[data-shell=failed]")?.removeAttribute("hidden");
  document.querySelector("[data-shell=opening]")?.remove();
});
