/** Reads a request's body. Libraries write "no input" in several ways. */
import type { Command } from "../../api/commands.ts";
import { invalidRequest } from "../../api/problems.ts";

type Members = Readonly<Record<string, unknown>>;

/**
 * No input: an empty body, `null`, and `[]`, which some libraries write for an empty map. Trimming also removes a
 * byte-order mark.
 */
export function jsonObject(body: string): Record<string, unknown> {
  const parsed = parseJson(body.trim() || "null");
  if (Array.isArray(parsed) ? parsed.length > 0 : typeof parsed !== "object") {
    throw invalidRequest([{ field: "body", message: "expected a JSON object" }]);
  }
  return { ...(parsed as object | null) }; // the remaining kinds of value
}

/** Undefined if it is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Drops members that are null, which means left out, except where the command gives null its own meaning. */
export function givenMembers(input: Command["input"], members: Members): Members {
  const means: Readonly<Record<string, { safeParse(value: unknown): { success: boolean } }>> = input.shape;
  return Object.fromEntries(
    Object.entries(members).filter(
      ([name, value]) =>
        value !== null || (Object.hasOwn(means, name) && means[name]?.safeParse(null).success),
    ),
  );
}
