/**
 * Every event about a call carries the call as it stands, never the change. A consumer keeps the highest
 * `version` it has seen of a call and drops any that is not above it, so repeats and late arrivals do no harm.
 * Ids only: no names, no tokens.
 */
import * as z from "zod/mini";
import { END_REASONS } from "./end-reason.ts";

const endReasonSchema = z.enum(END_REASONS);

export const callSnapshotSchema = z.object({
  v: z.literal(1),
  callId: z.string(),
  version: z.int().check(z.positive()),
  /** Id of the request or invocation that made this version: the `requestId` of its log lines. */
  causedBy: z.optional(z.string()),
  status: z.enum(["calling", "ringing", "answered", "ended"]),
  /** Present once ended. */
  endReason: z.optional(endReasonSchema),
  media: z.enum(["audio", "video"]),
  callerId: z.string(),
  calleeId: z.string(),
  createdAtMs: z.int(),
  ringUntilMs: z.int(),
  answeredAtMs: z.optional(z.int()),
  endedAtMs: z.optional(z.int()),
});
export type CallSnapshot = z.infer<typeof callSnapshotSchema>;

/** A leg as events show it. */
export const legSnapshotSchema = z.object({
  leg: z.int().check(z.positive()),
  clientId: z.string(),
  otherClientId: z.string(),
  role: z.enum(["caller", "callee"]),
  legStatus: z.enum(["invited", "ringing", "joined", "left"]),
  /** Present once it has left: in a group, the call may go on. */
  legEndReason: z.optional(endReasonSchema),
});
export type LegSnapshot = z.infer<typeof legSnapshotSchema>;
