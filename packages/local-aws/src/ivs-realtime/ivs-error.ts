/** Errors of the IVS Real-Time API, and errors that a client gets from the media plane. */
import { AwsError } from "../local-aws.ts";

/** The error body of IVS names its text `exceptionMessage`. */
function ivsError(code: string, status: number, message: string): AwsError {
  return new AwsError(code, message, status, { exceptionMessage: message });
}

export const invalid = (field: string, rule: string): AwsError =>
  ivsError(
    "ValidationException",
    400,
    `1 validation error detected: Value at '${field}' failed to satisfy constraint: ${rule}`,
  );

export const notFound = (what: string): AwsError =>
  ivsError("ResourceNotFoundException", 404, `Resource: ${what} not found`);

export const quotaExceeded = (what: string): AwsError =>
  ivsError("ServiceQuotaExceededException", 402, `${what} has reached its service quota`);

export const throttled = (): AwsError => ivsError("ThrottlingException", 429, "Rate exceeded");

/** Names of the broadcast SDK for a failed join, then the error codes of a failed publish. */
export type StageErrorCode =
  | "TOKEN_MALFORMED"
  | "TOKEN_EXPIRED"
  | "TOKEN_NOT_ALLOWED"
  | "STAGE_AT_CAPACITY"
  | "STAGE_DELETED"
  | "PARTICIPANT_DISCONNECTED"
  | "INSUFFICIENT_CAPABILITIES"
  | "QUOTA_EXCEEDED";

export class StageError extends Error {
  readonly code: StageErrorCode;
  constructor(code: StageErrorCode, message: string) {
    super(`${code}: ${message}`);
    this.name = "StageError";
    this.code = code;
  }
}
