/** The port of a push provider: it sends one push to some addresses, and reports the outcome of each. */
import type { PushOutcome } from "../../calls/call.ts";
import type { Push, PushAddress } from "../../calls/pushes.ts";
import type { Secret } from "../../calls/secret.ts";

/** Where pushes go: a folder each, or nowhere. */
export const PUSH_PROVIDERS = ["pinpoint", "direct", "none"] as const;
export type PushProvider = (typeof PUSH_PROVIDERS)[number];

export interface PushResult {
  readonly address: PushAddress;
  readonly outcome: PushOutcome;
  /** Why it was not accepted, in the push service's own words; never with a token in it. */
  readonly reason?: string;
  /** The push service knows a newer token of the same app. */
  readonly replacement?: Secret;
  /** The push service asks for a pause of this length. */
  readonly retryAfterMs?: number;
}

/** A push service. Throws only if nothing was sent; returns the outcome of each address. */
export interface PushSender {
  /** Gets what sending needs, in parallel with other work. Sending reports the errors. */
  prepare?(): void;
  send(push: Push, addresses: readonly PushAddress[]): Promise<PushResult[]>;
}
