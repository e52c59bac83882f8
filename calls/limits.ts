/** Every bound of a call, with its unit. A limit that a team may want to change is read from the stack's context. */

/** How long phones ring: default and what a stack may choose. Most systems use 30 to 60 seconds. */
export const RING_SECONDS = { default: 45, min: 5, max: 120 } as const;
/** Hard limit of a call once answered. */
export const MAX_CALL_SECONDS = { default: 4 * 3600, min: 60, max: 24 * 3600 } as const;
/** A slot outlives the ring by this much, so that the write that ends the ring comes in time. */
export const SLOT_GRACE_SECONDS = 60;
/**
 * How long a participant token is good for joining: after the ring for the caller, after the answer or rejoin for the others.
 * Until then its stage serves no other call. At least JOIN_SECONDS, which a phone has until it must be seen.
 */
export const TOKEN_SECONDS = { default: 60, min: 30, max: 600 } as const;
/** A repeated request gets the same token while it has this much left: enough to join with it. */
export const TOKEN_REUSE_SECONDS = 15;
/** No participant token lives longer, whatever is configured: the longest ring plus the longest validity of a token. */
export const LONGEST_TOKEN_SECONDS = 15 * 60;
/** The longest single wait of the workflow (W6). */
export const MAX_WAIT_SECONDS = 3600;
/** The sweep publishes a change that the workflow has not followed by then, and wakes the workflow. */
export const FOLLOW_SECONDS = 30;
/** The sweep starts a call's execution again if it has not waited once by then. */
export const WORKFLOW_START_GRACE_SECONDS = 20;
/** The sweep cleans up an ended call that is not cleaned up by then. */
export const CLEAN_UP_GRACE_SECONDS = 60;
/** How long the record of a call is kept after its end. */
export const CALL_RETENTION_DAYS = 90;
/** Legs of a call: as many as may publish in one room. IVS takes 12. */
export const MAX_LEGS = 12;
/** Legs of a call, past ones included: its item stays small. */
export const MAX_LEGS_EVER = 3 * MAX_LEGS;
/** Operator acts that a call's item keeps. */
export const MAX_OPERATOR_ACTS = 50;
/** People that a client can block: each read of the client carries them. */
export const MAX_BLOCKED = 200;
/** Do not disturb ends at most this far in the future. */
export const MAX_DO_NOT_DISTURB_DAYS = 366;
/** Calls that a person may begin, with all their clients, and add people to. */
export const RING_ATTEMPTS_PER_MINUTE = { default: 10, min: 1, max: 1_000 } as const;
/** Push tokens that a person may register, repeats of known ones not counted. */
export const REGISTRATIONS_PER_HOUR = { default: 30, min: 1, max: 10_000 } as const;
/** Requests to delete clients. */
export const DELETIONS_PER_HOUR = { default: 10, min: 1, max: 1_000 } as const;
/** Operators have this many times the limits of others. */
export const OPERATOR_LIMIT_FACTOR = 10;
/** A person's recent acts are kept this long after the last one: longer than any window or refusal. */
export const STANDING_KEPT_SECONDS = 2 * 3600;
/** Cognito allows 5 minutes to a day. An access token works until it expires, whatever happens to its user. */
export const ACCESS_TOKEN_MINUTES = { default: 15, min: 5, max: 60 } as const;
/** How long a repeat with the same Idempotency-Key means the same call. */
export const IDEMPOTENCY_KEY_HOURS = 24;
/** Calls on a page of the history: default and most. */
export const HISTORY_PAGE = { default: 20, max: 100 } as const;
/** Entries that EventBridge takes a request. */
export const MAX_PUT_EVENTS = 10;
/** A phone that stops publishing has this long to come back before its room is checked. */
export const UNPUBLISHED_GRACE_SECONDS = 20;
/** After an answer, a leg has this long to be seen on the stage. */
export const JOIN_SECONDS = 30;
/** Between the check that doubts a leg and the check that may end it. */
export const RECHECK_SECONDS = 20;
/**
 * Runs of `screen-hints` at once, for each of its queues. Ten are enough for a thousand hints a second, and few enough to leave the
 * account's concurrency to calls; two are the least that Lambda takes.
 */
export const HINT_READERS = { default: 10, min: 2, max: 100 } as const;
/**
 * After a call's end phones have this long to stop publishing, and the media provider to report it; then the rest are removed.
 * It exceeds the usual delay of IVS's events: at 50 calls a second, 5 % of late ones would use up IVS's quota.
 */
export const REMOVAL_GRACE_SECONDS = { default: 8, min: 1, max: 300 } as const;
/** If a removal has to wait longer than this, its room is replaced instead. */
export const MAX_REMOVAL_WAIT_MS = 120_000;
/** Participant ids chosen by the media provider that a leg keeps of past parts: the oldest have long expired. */
export const MAX_PARTICIPANTS_KEPT = 50;
/** Clients that a person's row names, the default one and further lines. */
export const MAX_CLIENTS = 5;
/** Devices of a client; beyond that the least recently used is removed. */
export const MAX_DEVICES = 10;
/** Devices lost to other people that a client's record keeps. */
export const MAX_LOST_DEVICES = 10;
/** Shards of the index that `sweep-calls` reads: each takes 1,000 index writes a second. */
export const SWEEP_SHARDS = 4;
/** Attempts at a conditional write that loses to others, before giving up. */
export const MAX_WRITE_ATTEMPTS = 6;
/** How long a request that loses to others is tried again before it is refused. */
export const MAX_CONTENTION_MS = 3_000;
/** Attempts at an admission that loses slots to others. */
export const MAX_ADMISSION_ATTEMPTS = 16;
/** Rooms that an admission may lose to others. For each of them another call has begun. */
export const MAX_LOST_ROOMS = 40;
/** Retries of an admission whose transaction conflicts with another on the same items. */
export const MAX_CONFLICT_RETRIES = 5;
/** Largest device token accepted. FCM tokens are near 160 characters, APNs tokens 64 to 200. */
export const MAX_DEVICE_TOKEN_LENGTH = 2048;
/** Largest request body. API Gateway itself stops at 10 MB. */
export const MAX_BODY_BYTES = 16 * 1024;
/** Retries of a throttled or temporary push inside the ring time, and the pause before each. */
export const PUSH_RETRY_PAUSES_MS = [500, 2_000] as const;

/** Pause before a leg's phones are tried again because their devices could not be read. */
export const UNNOTIFIED_PAUSE_SECONDS = 3;

/** Clients that one request of an operator may delete. Operators put longer lists into the bucket. */
export const MAX_DELETED_CLIENT_IDS = 5_000;
/** Clients that one request of any other person may delete: their owners are read before anything is done. */
export const MAX_OWN_DELETED_CLIENT_IDS = 100;
/** Body of that request: an id has 36 characters, two quotation marks and a comma. */
export const MAX_DELETION_BODY_BYTES = 256 * 1024;
/** Clients in one batch of a clean-up. */
export const CLEAN_UP_BATCH = 100;
/**
 * Batches at once. A batch takes a second at least, so this many hundred clients are deleted a second. 8 stay within a new table's
 * 4,000 writes a second: a client with one phone costs 3 writes in one table, 4 in another, and 2 in the persons'.
 */
export const CLEAN_UP_CONCURRENCY = { default: 8, min: 1, max: 100 } as const;
/** Share of clients whose batch may fail before the run fails. */
export const CLEAN_UP_TOLERATED_PERCENT = { default: 5, min: 0, max: 100 } as const;
/** A client is stale when it has not been seen for this long. */
export const STALE_DAYS = { default: 120, min: 7, max: 3_650 } as const;
/** Runs of one deletion: after this many failures, another run will not help. */
export const MAX_CLEAN_UP_RUNS = 10;
/** Clients of one list; the nightly clean-up finds the rest a night later. */
export const MAX_LISTED_CLIENTS = 2_000_000;
/** Failures that a report names; all are in the result files. */
export const MAX_REPORTED_FAILURES = 100;
/** Partitions of the index of clients by the day they were last seen: each takes 1,000 writes a second. */
export const SEEN_SHARDS = 16;
