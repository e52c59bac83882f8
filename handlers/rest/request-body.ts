/** What a request's body means, however the app's library writes nothing. */
import type { Command } from "../../api/commands.ts";
import { invalidRequest } from "../../api/problems.ts";

type Members = Readonly<Record<string, unknown>>;

/**
 * No input: an empty body, `null`, and `[]`, by which some libraries write a map without members. A byte-order mark counts as
 * space, which trimming takes away.
 */
export function jsonObject(body: string): Record<string, unknown> {
  const parsed = parseJson(body.trim() || "null");
  if (Array.isArray(parsed) ? parsed.length > 0 : typeof parsed !== "object") {
    throw invalidRequest([{ field: "body", message: "expected a JSON object" }]);
  }
  return { ...(parsed as object | null) }; // the kinds of value that are left
}

/** Undefined for what is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The members that say something: null means left out, except where the command gives it a meaning of its own. */
export function givenMembers(input: Command["input"], members: Members): Members {
  const means: Readonly<Record<string, { safeParse(value: unknown): { success: boolean } }>> = input.shape;
  return Object.fromEntries(
    Object.entries(members).filter(
      ([name, value]) =>
        value !== null || (Object.hasOwn(means, name) && means[name]?.safeParse(null).success),
    ),
  );
}
