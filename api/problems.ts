/** Every error a command can give: RFC 9457 problem details with a stable `code`. */
import type { OverReason } from "../calls/call.ts";

export interface FieldError {
  /** Path of the field, as `deviceToken` or `legs.0`. */
  readonly field: string;
  /** What was expected. */
  readonly message: string;
}

const PROBLEMS = {
  invalid_request: { status: 400, title: "Invalid request" },
  unknown_action: { status: 400, title: "Unknown action" },
  access_token_required: { status: 401, title: "Access token required" },
  not_your_client: { status: 403, title: "The client belongs to another person" },
  not_your_call: { status: 403, title: "You have no part in this call" },
  signed_out: { status: 403, title: "An operator signed you out" },
  removed_from_call: { status: 403, title: "An operator removed you from the call" },
  operators_only: { status: 403, title: "Operators only" },
  no_such_client: { status: 404, title: "Unknown client" },
  no_such_operation: { status: 404, title: "Unknown operation" },
  no_such_call: { status: 404, title: "Unknown call" },
  caller_in_call: { status: 409, title: "The caller is in another call" },
  callee_busy: { status: 409, title: "The callee is in another call" },
  on_another_device: { status: 409, title: "Another of your phones is in the call" },
  too_many_clients: { status: 409, title: "Too many clients" },
  not_in_call: { status: 409, title: "You have not joined the call" },
  call_full: { status: 409, title: "The call is full" },
  call_over: { status: 410, title: "The call is over" },
  body_too_large: { status: 413, title: "Request body too large" },
  idempotency_key_reused: { status: 422, title: "Idempotency-Key used for another request" },
  too_many_calls: { status: 429, title: "Too many calls" },
  too_many_registrations: { status: 429, title: "Too many registrations" },
  too_many_deletions: { status: 429, title: "Too many deletions" },
  try_again: { status: 503, title: "Temporary failure" },
  no_stage: { status: 503, title: "No stage is free" },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

/** Body of `application/problem+json`. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail: string;
  /** The detail again: some clients, such as Amplify's, show an error's `message` and nothing else. */
  readonly message: string;
  /** Of many faults the first twenty; `detail` says how many more there are. */
  readonly errors?: readonly FieldError[];
  readonly callId?: string;
  /** With `caller_in_call` and `on_another_device`: the phone that is in that call, as far as it is known. */
  readonly deviceId?: string;
  /** With `call_over`: why it ended, or `answered_elsewhere` if another device of the client took it. */
  readonly endReason?: OverReason;
  /** What the header `Retry-After` says. */
  readonly retryAfterSeconds?: number;
}

interface ProblemDetails {
  readonly errors?: readonly FieldError[];
  readonly callId?: string;
  readonly deviceId?: string | undefined;
  readonly endReason?: ProblemBody["endReason"];
  readonly retryAfterSeconds?: number;
  /** Others were faster: many at once, and no fault. */
  readonly contended?: true;
  readonly cause?: unknown;
}

/** An expected refusal: the entrypoint turns it into a reply. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly details: ProblemDetails;

  constructor(code: ProblemCode, detail: string, details: ProblemDetails = {}) {
    super(detail, { cause: details.cause });
    this.name = "Problem";
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }

  get body(): ProblemBody {
    const { errors, callId, deviceId, endReason, retryAfterSeconds } = this.details;
    return {
      type: `urn:ringmaster:problem:${this.code}`,
      title: PROBLEMS[this.code].title,
      status: this.status,
      code: this.code,
      detail: this.message,
      message: this.message,
      ...(errors && { errors }),
      ...(callId && { callId }),
      ...(deviceId && { deviceId }),
      ...(endReason && { endReason }),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    };
  }
}

/** A list of five thousand may be wrong in every line. */
const MOST_ERRORS_TOLD = 20;

/** Names each wrong field and what was expected of it. */
export function invalidRequest(all: readonly FieldError[]): Problem {
  const errors = all.slice(0, MOST_ERRORS_TOLD);
  const words = errors.map(({ field, message }) => `${field}: ${message}`);
  if (all.length > errors.length) words.push(`and ${all.length - errors.length} more`);
  return new Problem("invalid_request", words.join("; "), { errors });
}

export const problemCodes = Object.keys(PROBLEMS) as ProblemCode[];
export const statusOfProblem = (code: ProblemCode): number => PROBLEMS[code].status;
export const titleOfProblem = (code: ProblemCode): string => PROBLEMS[code].title;
