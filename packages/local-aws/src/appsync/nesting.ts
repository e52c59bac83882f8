/** How deep brackets go in a text: found before anything that works by recursion meets it. */

/** Far above what a schema needs, far below what a stack holds. */
const MAX_NESTING = 200;

const QUOTED = /"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|#[^\n]*/g;

/** Undefined for what is not JSON, and for what nests too deep. */
export function jsonIn(text: string): unknown {
  if (isTooNested(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isTooNested(text: string): boolean {
  let depth = 0;
  for (const [bracket] of text.replaceAll(QUOTED, "").matchAll(/[{}()[\]]/g)) {
    depth += "{([".includes(bracket) ? 1 : -1;
    if (depth > MAX_NESTING) return true;
  }
  return false;
}
