/** The errors by which a wait of the call's workflow learns what has become of the call (calls/wake.ts): nothing went wrong. */
import type { WaitError } from "../../../calls/wake.ts";
import { END_REASONS } from "../../../events/end-reason.ts";
import { reasonWord } from "./words.ts";

const MOVED = "CallMoved" satisfies WaitError;

const WORDS: ReadonlyMap<string, string> = new Map([
  [MOVED, "the call moved on"],
  ...END_REASONS.map((reason) => [reason, `ended: ${reasonWord(reason)}`] as const),
]);

export const isWaitError = (error: string): boolean => WORDS.has(error);

export const waitErrorWord = (error: string): string | undefined => WORDS.get(error);
