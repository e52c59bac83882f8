/** The words of the server's contract, as a phone knows them. A test holds each list to the server's own. */
export const CALL_STATUSES = ["calling", "ringing", "answered", "ended"] as const;
export type CallStatus = (typeof CALL_STATUSES)[number];

export const LEG_STATUSES = ["invited", "ringing", "joined", "left"] as const;
export type LegStatus = (typeof LEG_STATUSES)[number];

export const ROLES = ["caller", "callee"] as const;

export const MEDIA_KINDS = ["audio", "video"] as const;
/** What a call is begun with. */
export type MediaKind = (typeof MEDIA_KINDS)[number];

export const END_REASONS = [
  "completed",
  "declined",
  "cancelled",
  "missed",
  "unreachable",
  "busy",
  "dropped",
  "removed",
  "ended_by_operator",
  "expired",
  "failed",
] as const;
/** Why a call ended, or one's own part in it: always the server's word. */
export type EndReason = (typeof END_REASONS)[number];

/** Why a call is over for the phone that asks. */
export const OVER_REASONS = [...END_REASONS, "answered_elsewhere"] as const;
export type Ending = (typeof OVER_REASONS)[number];

export const NOTIFY_TYPES = ["GCM", "APNS", "APNS_SANDBOX", "APNS_VOIP", "APNS_VOIP_SANDBOX", "WEB"] as const;
/** What a push token is for. `WEB` is a page, which no push network reaches: it rings by live updates while it is open. */
export type NotifyType = (typeof NOTIFY_TYPES)[number];

export const PUSH_TYPES = [
  "incoming_call",
  "call_cancelled",
  "answered_elsewhere",
  "declined_elsewhere",
  "missed_call",
] as const;
export type PushType = (typeof PUSH_TYPES)[number];

export const CLIENT_CHANGES = ["device_token_lost"] as const;
export type ClientChange = (typeof CLIENT_CHANGES)[number];

/** `code` of the server's problems. */
export const PROBLEM_CODES = [
  "invalid_request",
  "unknown_action",
  "access_token_required",
  "not_your_client",
  "not_your_call",
  "signed_out",
  "removed_from_call",
  "operators_only",
  "no_such_client",
  "no_such_operation",
  "no_such_call",
  "caller_in_call",
  "callee_busy",
  "on_another_device",
  "too_many_clients",
  "not_in_call",
  "call_full",
  "call_over",
  "body_too_large",
  "idempotency_key_reused",
  "too_many_calls",
  "too_many_registrations",
  "too_many_deletions",
  "try_again",
  "no_stage",
] as const;
export type ProblemCode = (typeof PROBLEM_CODES)[number];
