/** The language of the page, each by its own name. */
import { CODES, LANGUAGES, type LanguageCode } from "../state/language.ts";
import { useLanguage, useLanguages } from "./use-language.tsx";

export function LanguageChoice() {
  const languages = useLanguages();
  const { code, t } = useLanguage();
  return (
    <label className="field language">
      <span>{t.you.language}</span>
      <select
        value={code}
        onChange={({ target }) => void languages.choose(target.value as LanguageCode)} // one of the options
      >
        {CODES.map((one) => (
          <option key={one} value={one} lang={one}>
            {LANGUAGES[one]}
          </option>
        ))}
      </select>
    </label>
  );
}
