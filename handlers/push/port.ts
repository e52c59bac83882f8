/** What a push provider is to the rest: it sends one push to some addresses, and says what became of each. */
import type { PushOutcome } from "../../calls/call.ts";
import type { Push, PushAddress } from "../../calls/pushes.ts";
import type { Secret } from "../../calls/secret.ts";

export interface PushResult {
  readonly address: PushAddress;
  readonly outcome: PushOutcome;
  /** Why it was not accepted, in the push service's own words; never with a token in it. */
  readonly reason?: string;
  /** The push service knows a newer token of the same app. */
  readonly replacement?: Secret;
  /** The push service wants to be left alone for that long. */
  readonly retryAfterMs?: number;
}

/** A push service. Throws only if nothing was sent; what became of each address is its result. */
export interface PushSender {
  /** Gets what sending needs, beside other work. Sending itself tells what went wrong. */
  prepare?(): void;
  send(push: Push, addresses: readonly PushAddress[]): Promise<PushResult[]>;
}
