/** The push networks: which device token gets which outcome, and what each device has received from any sender. */
import type { LocalAws } from "../local-aws.ts";
import { keptInbox } from "./kept-inbox.ts";

export type PushChannel = "GCM" | "APNS" | "APNS_SANDBOX" | "APNS_VOIP" | "APNS_VOIP_SANDBOX";

export const PUSH_CHANNELS: readonly PushChannel[] = [
  "GCM",
  "APNS",
  "APNS_SANDBOX",
  "APNS_VOIP",
  "APNS_VOIP_SANDBOX",
];

/** What a device gets. */
export interface PushMessage {
  readonly atMs: number;
  readonly channel: PushChannel;
  /** In the network's own words: `high` or `normal` (FCM), `10` or `5` (APNs). */
  readonly priority: string;
  readonly ttlSeconds: number;
  /** `apns-push-type`; FCM has none. */
  readonly pushType?: string;
  readonly collapseId?: string;
  /** Sent to the app's VoIP topic. */
  readonly voip: boolean;
  /** The app's own keys. A value that is no string is given as JSON. */
  readonly data: Readonly<Record<string, string>>;
  readonly alert?: { readonly title?: string; readonly body?: string };
  /** APNs' own part of the payload, as it was sent; FCM has none. */
  readonly aps?: Readonly<Record<string, unknown>>;
}

export type DeliveryStatus =
  | "SUCCESSFUL"
  | "DUPLICATE"
  | "OPT_OUT"
  | "PERMANENT_FAILURE"
  | "TEMPORARY_FAILURE"
  | "THROTTLED"
  | "UNKNOWN_FAILURE";

export interface PushOutcome {
  readonly status: DeliveryStatus;
  readonly statusCode?: number;
  /** In the network's own words: `BadDeviceToken` (APNs), `SENDER_ID_MISMATCH` (FCM). */
  readonly statusMessage?: string;
  /** The network's own API asks to be left alone for that long. */
  readonly retryAfterSeconds?: number;
  /** Since when APNs knows the token to be gone; now without it. */
  readonly goneSinceMs?: number;
  /** The token that the device has now (FCM only); the message still arrives. */
  readonly updatedToken?: string;
}

export interface Inbox {
  /** Everything that arrived at the device token, oldest first. */
  readonly read: (token: string) => PushMessage[];
  readonly last: (token: string) => PushMessage | undefined;
  /** The returned function ends the subscription. */
  readonly subscribe: (token: string, listener: (message: PushMessage) => void) => () => void;
}

export interface PushNetworks {
  readonly inbox: Inbox;
  /**
   * One outcome holds until the next call; of a list, each is used once, in order, and then the token's default.
   * By default tokens that begin with `gone-` fail for good, `throttled-` are throttled, all others succeed.
   */
  readonly setOutcome: (token: string, outcome: Outcome | readonly Outcome[]) => void;
  /** Asks the network to deliver. */
  readonly send: (token: string, message: Omit<PushMessage, "atMs">) => PushOutcome;
}

export type Outcome = DeliveryStatus | PushOutcome;

const STATUS_CODES: Readonly<Record<DeliveryStatus, number>> = {
  SUCCESSFUL: 200,
  DUPLICATE: 400,
  OPT_OUT: 400,
  PERMANENT_FAILURE: 410,
  TEMPORARY_FAILURE: 503,
  THROTTLED: 429,
  UNKNOWN_FAILURE: 500,
};

export function pushNetworks(localAws: LocalAws): PushNetworks {
  const outcomes = new Map<string, Outcome | Outcome[]>();
  const kept = keptInbox<PushMessage>(localAws.store);
  const { arrived } = kept;
  const listeners = new Map<string, Set<(message: PushMessage) => void>>();

  function outcomeFor(token: string): PushOutcome {
    const set = outcomes.get(token);
    const outcome = (Array.isArray(set) ? set.shift() : set) ?? defaultOutcome(token);
    return typeof outcome === "string" ? { status: outcome } : outcome;
  }

  function deliver(token: string, message: PushMessage): void {
    arrived.set(token, [...(arrived.get(token) ?? []), message]);
    kept.add(token, message);
    for (const listener of listeners.get(token) ?? []) listener(message);
  }

  return {
    setOutcome: (token, outcome) =>
      void outcomes.set(token, typeof outcome === "object" && "length" in outcome ? [...outcome] : outcome),
    send(token, message) {
      const { status, statusCode = STATUS_CODES[status], ...rest } = outcomeFor(token);
      if (status === "SUCCESSFUL") deliver(token, { ...message, atMs: localAws.clock.now() });
      const statusMessage = status === "PERMANENT_FAILURE" ? "Unregistered" : status;
      return { status, statusCode, statusMessage, ...rest };
    },
    inbox: {
      read: (token) => [...(arrived.get(token) ?? [])],
      last: (token) => arrived.get(token)?.at(-1),
      subscribe(token, listener) {
        const those = listeners.get(token) ?? new Set();
        listeners.set(token, those.add(listener));
        return () => void those.delete(listener);
      },
    },
  };
}

/** By the token's name, so that a person with curl can try the failures. */
function defaultOutcome(token: string): DeliveryStatus {
  if (token.startsWith("gone-")) return "PERMANENT_FAILURE";
  return token.startsWith("throttled-") ? "THROTTLED" : "SUCCESSFUL";
}
