/** How fast the functions ask a LiveKit server, which sets no limits of its own; LiveKit Cloud allows 1,000 requests a minute. */

/** Runs of `verify-legs`, each at this pace: 8 requests a second. */
export const CHECK_CONCURRENCY = 2;
export const CHECK_PACE_MS = 250;
/** One remover: 5 requests a second. */
export const REMOVAL_PACE_MS = 200;
/** The server gives each connected phone a new token when it joins, and every five minutes, that is valid this long. */
export const RENEWED_TOKEN_MS = 10 * 60_000;
