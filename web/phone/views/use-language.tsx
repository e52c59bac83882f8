/** The texts and formats of the page's language in views. */
import { createContext, useContext } from "react";
import type { Language, Languages } from "../state/language.ts";
import { useStore } from "./use-store.tsx";

export const LanguagesContext = createContext<Languages | undefined>(undefined);

export function useLanguages(): Languages {
  const languages = useContext(LanguagesContext);
  if (!languages) throw new Error("The page gives its languages to every view.");
  return languages;
}

export const useLanguage = (): Language => useStore(useLanguages());
