/** What a request's body means, however the app's library writes nothing. */
import type { Command } from "../calls/commands.ts";
import { invalidRequest } from "../calls/problems.ts";

type Members = Readonly<Record<string, unknown>>;

const BYTE_ORDER_MARK = /^\uFEFF/;

/** No input: an empty body, `null`, and `[]`, by which some libraries write a map without members. */
export function jsonObject(body: string): Record<string, unknown> {
  const text = body.replace(BYTE_ORDER_MARK, "").trim();
  const parsed = text === "" ? null : parseJson(text);
  if (parsed === null || (Array.isArray(parsed) && parsed.length === 0)) return {};
  if (typeof parsed !== "object" || Array.isArray(parsed)) {
    throw invalidRequest([{ field: "body", message: "expected a JSON object" }]);
  }
  return parsed as Record<string, unknown>; // the one kind of value that is left
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidRequest([{ field: "body", message: "expected JSON" }]);
  }
}

/** The members that say something: null means left out, except where the command gives it a meaning of its own. */
export function givenMembers(input: Command["input"], members: Members): Members {
  const means: Readonly<Record<string, { safeParse(value: unknown): { success: boolean } }>> = input.shape;
  const takesNull = (name: string): boolean =>
    Object.hasOwn(means, name) && means[name]?.safeParse(null).success === true;
  return Object.fromEntries(
    Object.entries(members).filter(([name, value]) => value !== null || takesNull(name)),
  );
}
