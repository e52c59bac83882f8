/** Errors of a stage, as the SDK makes them: told apart by their code. */
import type { StageError, StageErrorCategory } from "./stage.ts";

/** The SDK's `StageErrorCode`. */
export const STAGE_ERROR_CODES = {
  TOKEN_MALFORMED: 1,
  TOKEN_EXPIRED: 2,
  TIMEOUT: 3,
  FAILED: 4,
  CANCELED: 5,
  STAGE_AT_CAPACITY: 6,
  CODEC_MISMATCH: 7,
  TOKEN_NOT_ALLOWED: 8,
  STAGE_DELETED: 9,
  PARTICIPANT_DISCONNECTED: 10,
} as const;

/** An Error, so that a rejection has a stack. What the SDK has no code for counts as FAILED. */
export function stageError(code: string, category: StageErrorCategory, message: string): StageError & Error {
  const codes: Readonly<Record<string, number>> = STAGE_ERROR_CODES;
  const error = new Error(`[${category}] ${message}`);
  return Object.assign(error, {
    name: "StageError",
    code: codes[code] ?? STAGE_ERROR_CODES.FAILED,
    category,
  });
}
