/** What the console calls things. */
import type { CallStatus } from "../../../calls/call.ts";
import type { EndReason } from "../../../events/end-reason.ts";

const STATUS_WORDS: Readonly<Record<CallStatus, string>> = {
  calling: "Calling",
  ringing: "Ringing",
  answered: "In call",
  ended: "Ended",
};

const REASON_WORDS: Readonly<Record<EndReason, string>> = {
  completed: "Completed",
  declined: "Declined",
  cancelled: "Cancelled",
  missed: "Missed",
  unreachable: "Unreachable",
  busy: "Busy",
  dropped: "Dropped",
  removed: "Removed",
  ended_by_operator: "Ended by operator",
  expired: "Expired",
  failed: "Failed",
};

// The keys of a record are its keys: the table is written above.
export const CALL_STATUSES = Object.keys(STATUS_WORDS) as [CallStatus, ...CallStatus[]];

/** How a call stands, or how it ended. */
export const callWord = (status: CallStatus, endReason?: EndReason): string =>
  status === "ended" && endReason ? REASON_WORDS[endReason] : STATUS_WORDS[status];

export const statusWord = (status: CallStatus): string => STATUS_WORDS[status];
export const reasonWord = (reason: EndReason): string => REASON_WORDS[reason];

const PUSHES: Readonly<Record<string, string>> = {
  incoming_call: "incoming call",
  call_cancelled: "call cancelled",
  answered_elsewhere: "answered elsewhere",
  declined_elsewhere: "declined elsewhere",
  missed_call: "missed call",
};
export const pushWord = (type: string): string => PUSHES[type] ?? type;

const FAILURES: Readonly<Record<string, string>> = {
  not_your_client: "Belongs to another person",
  registered_again: "Registered again since the request",
  seen_again: "Seen again since the request",
  invalid_id: "Not a client id",
  try_again: "Could not be deleted now",
  not_processed: "In a batch that was given up",
};
export const failureWord = (reason: string): string => FAILURES[reason] ?? reason;

const ORIGINS: Readonly<Record<string, string>> = {
  request: "asked for by the app",
  list: "from a list",
  schedule: "nightly",
};
export const originWord = (origin: string): string => ORIGINS[origin] ?? origin;

/** What tells ids apart at a glance: of an id whose beginning is a time, the end. */
export const shortId = (id: string): string => (id.length > 12 ? `…${id.slice(-6)}` : id);

interface Named {
  readonly clientId: string;
  readonly name?: string | undefined;
}

export const nameOf = ({ clientId, name }: Named): string => name ?? shortId(clientId);

/** Of everybody on one side of a call. */
export const namesOf = (parties: readonly (Named & { readonly role: string })[], role: string): string =>
  parties
    .filter((party) => party.role === role)
    .map(nameOf)
    .join(", ") || "?";

/** `1 person`, `2,300 people`. */
export const count = (amount: number, one: string, many: string): string =>
  `${amount.toLocaleString("en-GB")} ${amount === 1 ? one : many}`;

const CHANNELS: Readonly<Record<string, string>> = {
  GCM: "FCM",
  APNS: "APNs",
  APNS_SANDBOX: "APNs, sandbox",
  APNS_VOIP: "APNs, VoIP",
  APNS_VOIP_SANDBOX: "APNs, VoIP, sandbox",
  WEB: "an open page, without a push",
};
/** The channel that the phone registered, and the network behind it: which phone that is, no channel says. */
export const channelWord = (channel: string): string => {
  const word = CHANNELS[channel];
  return word === undefined ? channel : `${channel} (${word})`;
};
