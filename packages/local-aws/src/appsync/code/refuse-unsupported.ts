/** What AppSync's JavaScript runtime does not have, looked for in the text: a resolver with it is refused when it is created. */

/** Strings and comments say nothing about the code. */
const QUOTED = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g;

const KEYWORDS =
  /(?<![.\w$])(async|await|try|catch|finally|throw|while|do|continue|class|new|this|yield|instanceof|in|import\s*\(|eval|Promise|Date|RegExp|Symbol|Proxy|Reflect|Map|Set|setTimeout|fetch|require|process|globalThis)(?![\w$:])/;

const FORMS: readonly (readonly [RegExp, string])[] = [
  [/\+\+|--|(?<![\w$)\]])~/, "the operators ++, -- and ~"],
  [/\bfor\s*\([^()]*;/, "for with a counter"],
  [/\bfunction\s*\*/, "generators"],
  [/[=(,:[!&|?{};]\s*\/(?![/*])(?:\\.|[^/\n])+\/[a-z]*/, "regular expressions"],
  [/\bMath\.random\b/, "Math.random"],
  [/(^|[;{}\n])\s*[A-Za-z_$][\w$]*\s*:\s*(for|switch)\b/, "labels"],
];

/** A template becomes the list of what is put into it. */
function withoutTemplates(text: string): string {
  return text.replaceAll(/`((?:\\.|[^`\\])*)`/g, (_, body: string) => {
    const parts = [...body.matchAll(/\$\{([^{}]*)\}/g)].map(([, part]) => part);
    return `[${parts.join(", ")}]`;
  });
}

/** Undefined, or what in the code is not supported. */
export function unsupportedPart(code: string): string | undefined {
  const text = withoutTemplates(code.replaceAll(QUOTED, (found) => (found.startsWith("/") ? " " : '""')));
  const loops = text.replaceAll(/\bfor\s*\(\s*(?:const|let|var)\s[^;()]*?\sin\s/g, "for (const _ of ");
  const [, keyword] = KEYWORDS.exec(loops) ?? [];
  if (keyword) return keyword;
  return FORMS.find(([form]) => form.test(text))?.[1];
}
