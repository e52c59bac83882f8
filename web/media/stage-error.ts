/** Errors of a stage, under the names and numbers of the SDK's `StageErrorCode`. */
import type { StageError, StageErrorCategory } from "./stage.ts";

export const STAGE_ERROR_CODES: Readonly<Record<string, number>> = {
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
};

/** An Error, so that a rejection has a stack. A name without a number of its own counts as FAILED. */
export function stageError(name: string, category: StageErrorCategory, message: string): StageError & Error {
  const code = STAGE_ERROR_CODES[name] ?? STAGE_ERROR_CODES["FAILED"];
  return Object.assign(new Error(message), { name, code: Number(code), category });
}
