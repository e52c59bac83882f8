/** Filter patterns: which log events a request selects. */
import { AwsError } from "../local-aws.ts";
import { valueAt } from "../events/target-input.ts";

export type FilterPattern = (message: string) => boolean;

const QUOTED = /^"((?:[^"\\]|\\.)*)"$/;
const BARE = /^[\w.]+$/;
const FIELD = /^(\$(?:\.[\w-]+)+)\s*=\s*"([^"*]*)"$/;
const BRACES = /^\{\s*(.+?)\s*\}$/;
const PARENTHESES = /^\(\s*([^()]+?)\s*\)$/;

/** No pattern matches everything. A pattern that AWS may understand, and this runtime does not, is refused with its text. */
export function compileFilterPattern(text: string): FilterPattern {
  const pattern = text.trim();
  if (pattern === "") return () => true;
  const [, quoted] = QUOTED.exec(pattern) ?? [];
  const term = BARE.test(pattern) ? pattern : quoted?.replaceAll(/\\(.)/g, "$1");
  if (term !== undefined) return (message) => hasTerm(message, term);
  const fields = fieldsIn(BRACES.exec(pattern)?.[1] ?? "");
  if (fields) return (message) => fields.some(({ path, wanted }) => fieldOf(message, path) === wanted);
  throw new AwsError(
    "InvalidParameterException",
    `filterPattern ${text}: the local runtime knows a term, a quoted term, { $.field = "text" }, ` +
      `and { ($.field = "text") || ($.field = "other") }`,
  );
}

/** One of them has to fit. Undefined: it says something else. */
function fieldsIn(text: string): { readonly path: string; readonly wanted: string }[] | undefined {
  const parts = text.split("||").map((part) => part.trim());
  const fields = parts.map((part) =>
    FIELD.exec(parts.length > 1 ? (PARENTHESES.exec(part)?.[1] ?? "") : part),
  );
  const found = fields.flatMap((match) => {
    const [, path, wanted] = match ?? [];
    return path === undefined || wanted === undefined ? [] : [{ path, wanted }];
  });
  return found.length === parts.length ? found : undefined;
}

/** A term is matched whole: what stands beside it is no part of a word. */
function hasTerm(message: string, term: string): boolean {
  const isOfWord = (character: string | undefined): boolean =>
    character !== undefined && /\w/.test(character);
  for (let at = message.indexOf(term); at >= 0; at = message.indexOf(term, at + 1)) {
    const edges = [message[at - 1], message[at + term.length]];
    if (!edges.some(isOfWord)) return true;
  }
  return false;
}

function fieldOf(message: string, path: string): unknown {
  try {
    return valueAt(JSON.parse(message), path);
  } catch {
    return undefined;
  }
}
