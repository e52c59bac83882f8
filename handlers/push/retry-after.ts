/** The header by which an HTTP service asks to be left alone: in seconds, or until a date. */
import type { IncomingHttpHeaders } from "node:http2";

export function retryAfter(headers: IncomingHttpHeaders, nowMs: number): { readonly retryAfterMs?: number } {
  const given = headers["retry-after"];
  if (!given) return {};
  const waitMs = /^\d{1,9}$/.test(given) ? Number(given) * 1_000 : Date.parse(given) - nowMs;
  return waitMs > 0 ? { retryAfterMs: waitMs } : {};
}
