/** How FCM's HTTP v1 API words what becomes of a message. */
import { type LoopbackReply, retryAfterHeader } from "./loopback-server.ts";
import type { DeliveryStatus, PushOutcome } from "./push-networks.ts";

export type FcmReply = LoopbackReply;

/** FCM's own codes and the canonical ones of Google APIs: HTTP status, canonical code, message. */
const ERRORS = {
  INVALID_ARGUMENT: [400, "INVALID_ARGUMENT", "Request contains an invalid argument."],
  UNREGISTERED: [404, "NOT_FOUND", "Requested entity was not found."],
  SENDER_ID_MISMATCH: [403, "PERMISSION_DENIED", "SenderId mismatch"],
  QUOTA_EXCEEDED: [429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'Requests'."],
  UNAVAILABLE: [503, "UNAVAILABLE", "The service is currently unavailable."],
  INTERNAL: [500, "INTERNAL", "Internal error encountered."],
  THIRD_PARTY_AUTH_ERROR: [401, "UNAUTHENTICATED", "Auth error from APNS or Web Push Service"],
  UNAUTHENTICATED: [401, "UNAUTHENTICATED", "Request had invalid authentication credentials."],
  PERMISSION_DENIED: [403, "PERMISSION_DENIED", "Permission 'cloudmessaging.messages.create' denied."],
  NOT_FOUND: [404, "NOT_FOUND", "Requested entity was not found."],
} as const;
export type FcmCode = keyof typeof ERRORS;

/** Those that any Google API gives have no detail of FCM's. */
const CANONICAL: ReadonlySet<string> = new Set(["UNAUTHENTICATED", "PERMISSION_DENIED", "NOT_FOUND"]);

const BY_STATUS: Readonly<Partial<Record<DeliveryStatus, FcmCode>>> = {
  PERMANENT_FAILURE: "UNREGISTERED",
  THROTTLED: "QUOTA_EXCEEDED",
  TEMPORARY_FAILURE: "UNAVAILABLE",
  UNKNOWN_FAILURE: "INTERNAL",
};

export function fcmReply(outcome: PushOutcome, name: string): FcmReply {
  const { status, statusMessage = "", retryAfterSeconds } = outcome;
  if (status === "SUCCESSFUL") return { status: 200, body: { name } };
  const code = isCode(statusMessage) ? statusMessage : (BY_STATUS[status] ?? "INTERNAL");
  // Set for a token, it is the token that is wrong.
  const reply = code === "INVALID_ARGUMENT" ? malformedToken() : fcmError(code);
  return { ...reply, headers: retryAfterHeader(retryAfterSeconds) };
}

const isCode = (text: string): text is FcmCode => Object.hasOwn(ERRORS, text);

export function fcmError(code: FcmCode, details: readonly object[] = [], words?: string): FcmReply {
  const [http, status, usual] = ERRORS[code];
  const message = words ?? usual;
  const own = { "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", errorCode: code };
  const all = CANONICAL.has(code) ? details : [own, ...details];
  return { status: http, body: { error: { code: http, message, status, details: all } } };
}

/** FCM says it in the message and names no field (firebase-admin-java#1064). */
const malformedToken = (): FcmReply =>
  fcmError("INVALID_ARGUMENT", [], "The registration token is not a valid FCM registration token");

/** A field of the request is wrong. */
export function fcmRefusal(field: string, description = "Invalid value"): FcmReply {
  const violations = {
    "@type": "type.googleapis.com/google.rpc.BadRequest",
    fieldViolations: [{ field, description }],
  };
  return fcmError("INVALID_ARGUMENT", [violations]);
}
