/**
 * How complex the wildcards of one field are: how many beginnings of its patterns one text can match at the same moment. EventBridge
 * refuses a rule beyond a limit. `F*e*` has with "Fe" the beginnings `F*`, `F*e` and `F*e*`.
 */

const LIMIT = 10;
/** No text of a rule's length needs more; what does is refused like what is above the limit. */
const MOST_SETS = 20_000;

/** A text between its quotation marks; undefined stands for any characters. */
type Tokens = readonly (string | undefined)[];

export function isTooComplex(patterns: readonly string[]): boolean {
  const all = patterns.map(tokensOf);
  const characters = [...new Set(all.flat())];
  const seen = new Set<string>();
  const pending: Place[][] = [all.map((tokens) => ({ tokens, at: 0 }))];
  for (let places = pending.pop(); places; places = pending.pop()) {
    for (const character of characters) {
      const next = after(places, character);
      if (next.size > LIMIT || seen.size > MOST_SETS) return true;
      const key = [...next.keys()].toSorted((one, other) => one.localeCompare(other)).join();
      if (next.size === 0 || seen.has(key)) continue;
      seen.add(key);
      pending.push([...next.values()]);
    }
  }
  return false;

  /** By pattern and position. An undefined character is one that no pattern names. */
  function after(places: readonly Place[], character: string | undefined): Map<string, Place> {
    const reached = new Map<string, Place>();
    const reach = ({ tokens, at }: Place): void => {
      reached.set(`${all.indexOf(tokens)}:${at}`, { tokens, at });
      // Any characters are also none.
      if (at < tokens.length && tokens[at] === undefined) reach({ tokens, at: at + 1 });
    };
    for (const { tokens, at } of places) {
      if (at > 0 && tokens[at - 1] === undefined) reach({ tokens, at });
      if (character !== undefined && tokens[at] === character) reach({ tokens, at: at + 1 });
    }
    return reached;
  }
}

interface Place {
  readonly tokens: Tokens;
  /** So many tokens have been matched. */
  readonly at: number;
}

function tokensOf(pattern: string): Tokens {
  const inner = [...pattern.matchAll(/\\(.)|(\*)|([^])/g)].map(([, escaped, star, plain]) =>
    star === undefined ? (escaped ?? plain) : undefined,
  );
  return ['"', ...inner, '"'];
}
