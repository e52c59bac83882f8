/** Every error a command can give: RFC 9457 problem details with a stable `code`. */
import type { OverReason } from "../calls/call.ts";

export interface FieldError {
  /** Path of the field, as `deviceToken` or `legs.0`. */
  readonly field: string;
  /** What was expected. */
  readonly message: string;
}

const PROBLEMS = {
  invalid_request: { status: 400, title: "The request is not valid" },
  unknown_action: { status: 400, title: "There is no such action" },
  access_token_required: { status: 401, title: "An access token is required" },
  not_your_client: { status: 403, title: "The client belongs to somebody else" },
  not_your_call: { status: 403, title: "You have no such part in this call" },
  signed_out: { status: 403, title: "An operator has signed this person out" },
  removed_from_call: { status: 403, title: "An operator removed this person from the call" },
  operators_only: { status: 403, title: "Only operators may do this" },
  no_such_client: { status: 404, title: "There is no such client" },
  no_such_operation: { status: 404, title: "There is no such operation" },
  no_such_call: { status: 404, title: "There is no such call" },
  caller_in_call: { status: 409, title: "The caller is in another call" },
  callee_busy: { status: 409, title: "The callee is in another call" },
  on_another_device: { status: 409, title: "Another phone of the client is in the call" },
  too_many_clients: { status: 409, title: "The person has as many clients as they may" },
  not_in_call: { status: 409, title: "You do not take part in the call yet" },
  call_full: { status: 409, title: "No more people fit into the call" },
  call_over: { status: 410, title: "The call is over for this device" },
  body_too_large: { status: 413, title: "The request body is too large" },
  idempotency_key_reused: { status: 422, title: "The Idempotency-Key was used for another request" },
  too_many_calls: { status: 429, title: "The person begins too many calls" },
  too_many_registrations: { status: 429, title: "The person registers too many devices" },
  too_many_deletions: { status: 429, title: "The person asks for too many deletions" },
  try_again: { status: 503, title: "The request could not be completed now" },
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

/** Which fields do not do, and what was expected of each. */
export function invalidRequest(all: readonly FieldError[]): Problem {
  const errors = all.slice(0, MOST_ERRORS_TOLD);
  const words = errors.map(({ field, message }) => `${field}: ${message}`);
  if (all.length > errors.length) words.push(`and ${all.length - errors.length} more`);
  return new Problem("invalid_request", words.join("; "), { errors });
}

export const problemCodes = Object.keys(PROBLEMS) as ProblemCode[];
export const statusOfProblem = (code: ProblemCode): number => PROBLEMS[code].status;
