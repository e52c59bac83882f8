/** Why a text is no JSON, in the words of the parser that AWS uses. */
export interface JsonProblem {
  readonly message: string;
  /** Where, as that parser writes it. */
  readonly location: string;
}

const EXPECTED = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

export function jsonProblem(text: string): JsonProblem {
  const start = text.length - text.trimStart().length;
  const word = /^[A-Za-z_$][\w$]*/.exec(text.slice(start))?.[0];
  if (word !== undefined && !["true", "false", "null"].includes(word)) {
    const message = `Unrecognized token '${word}': was expecting ${EXPECTED}`;
    return { message, location: locationOf(text, start + word.length) };
  }
  const name = /\{\s*([^\s"}])/.exec(text);
  if (name && text.slice(0, name.index).trim() === "") {
    const character = name[1] ?? "";
    const shown = `Unexpected character ('${character}' (code ${character.codePointAt(0)}))`;
    const message = `${shown}: was expecting double-quote to start field name`;
    return { message, location: locationOf(text, name.index + name[0].length) };
  }
  return { message: ownWords(text), location: locationOf(text, text.length) };
}

function ownWords(text: string): string {
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function locationOf(text: string, end: number): string {
  const lines = text.slice(0, end).split("\n");
  const column = (lines.at(-1)?.length ?? 0) + 1;
  return `[Source: (String)"${text}"; line: ${lines.length}, column: ${column}]`;
}
