/** What was wrong with a form that was sent: a code that the page has words for, and the words of the refusal where it has none. */
import { Refusal, SIGN_IN_REFUSALS } from "../../sign-in/cognito.ts";

export const WRONG_CODES = [
  ...SIGN_IN_REFUSALS,
  "network",
  "session_ended",
  "first_name",
  "last_name",
  "unexpected",
] as const;
export type WrongCode = (typeof WRONG_CODES)[number];

export interface Wrong {
  readonly code: WrongCode;
  /** In English, for what the page has no words of its own for. */
  readonly message: string;
}

export function wrongOf(error: unknown): Wrong {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof WrongName) return { code: error.code, message };
  if (error instanceof Refusal) {
    const code = SIGN_IN_REFUSALS.find((known) => known === error.code);
    return { code: code ?? "unexpected", message };
  }
  // What `fetch` throws when it reaches no server.
  return { code: error instanceof TypeError ? "network" : "unexpected", message };
}

/** The directory would refuse that name. */
export class WrongName extends Error {
  override readonly name = "WrongName";
  readonly code: "first_name" | "last_name";

  constructor(code: "first_name" | "last_name", message: string) {
    super(message);
    this.code = code;
  }
}
