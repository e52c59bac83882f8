/** What the console calls things. */
import type { CallStatus } from "../../../calls/call.ts";
import type { EndReason } from "../../../events/end-reason.ts";

/** Short, for a row; the sentence says it for a whole page. */
interface Words {
  readonly short: string;
  readonly sentence: string;
}

const STATUS_WORDS: Readonly<Record<CallStatus, Words>> = {
  calling: { short: "Calling", sentence: "No phone has reported yet that it rings." },
  ringing: { short: "Ringing", sentence: "A phone of the callee rings." },
  answered: { short: "In call", sentence: "They are talking." },
  ended: { short: "Ended", sentence: "The call is over." },
};

const REASON_WORDS: Readonly<Record<EndReason, Words>> = {
  completed: { short: "Completed", sentence: "They talked, and a side hung up." },
  declined: { short: "Declined", sentence: "The callee declined." },
  cancelled: { short: "Cancelled", sentence: "The caller gave up while it rang." },
  missed: { short: "Missed", sentence: "No phone answered in time." },
  unreachable: { short: "Unreachable", sentence: "No phone of the callee could be reached." },
  busy: { short: "Busy", sentence: "The callee was in another call." },
  dropped: { short: "Dropped", sentence: "A phone vanished from the stage." },
  removed: { short: "Removed", sentence: "An operator removed a person, which ended the call." },
  ended_by_operator: { short: "Ended by operator", sentence: "An operator ended the call." },
  expired: { short: "Expired", sentence: "The call reached its longest duration." },
  failed: { short: "Failed", sentence: "Something failed inside, so the call was ended." },
};

// The keys of a record are its keys: the table is written above.
export const CALL_STATUSES = Object.keys(STATUS_WORDS) as [CallStatus, ...CallStatus[]];

export const wordsOf = (status: CallStatus, endReason?: EndReason): Words =>
  status === "ended" && endReason ? REASON_WORDS[endReason] : STATUS_WORDS[status];

export const statusWord = (status: CallStatus): string => STATUS_WORDS[status].short;
export const reasonWord = (reason: EndReason): string => REASON_WORDS[reason].short;

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
