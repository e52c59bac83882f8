/** Durations and moments in words. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `850 ms`, `5.3 s`, `42 s`, `3 min 7 s`, `2 h 5 min`, `3 d 4 h`. */
export function spell(ms: number): string {
  if (ms < SECOND) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10 * SECOND) return `${trimmed(ms / SECOND)} s`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return pair(ms, [MINUTE, "min"], [SECOND, "s"]);
  if (ms < DAY) return pair(ms, [HOUR, "h"], [MINUTE, "min"]);
  return pair(ms, [DAY, "d"], [HOUR, "h"]);
}

type Unit = readonly [number, string];

function pair(ms: number, [large, largeName]: Unit, [small, smallName]: Unit): string {
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)} ${largeName}${rest > 0 ? ` ${rest} ${smallName}` : ""}`;
}

const trimmed = (value: number): string => (Math.floor(value * 10) / 10).toFixed(1).replace(/\.0$/, "");

/** For what counts up once a second. */
export const spellSeconds = (ms: number): string => spell(Math.max(0, Math.floor(ms / SECOND)) * SECOND || 0);

/** Since the start, to the millisecond: `+0`, `+850`, `+5 300`. */
export function sinceStart(ms: number): string {
  const digits = String(Math.abs(Math.round(ms)));
  const grouped = digits.replaceAll(/\B(?=(\d{3})+$)/g, "\u202F");
  return `${ms < 0 ? "−" : "+"}${grouped}`;
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DATED = {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
} as const;
const dated = new Intl.DateTimeFormat("en-GB", DATED);
const withYear = new Intl.DateTimeFormat("en-GB", { ...DATED, year: "numeric" });
const YEAR = 365 * DAY;

/** Of a day that is known from what stands beside it: `14:03:22`. */
export const timeOfDay = (atMs: number): string => clock.format(atMs);

/** With date and time zone, that of who looks: `29 Nov, 14:03:22 CET`; of another year with the year. */
export const moment = (atMs: number, nowMs: number): string =>
  (Math.abs(nowMs - atMs) < YEAR / 2 ? dated : withYear).format(atMs);

/** How long ago, or in how long: `3 min ago`, `in 2 h 5 min`. */
export function relative(atMs: number, nowMs: number): string {
  const ms = nowMs - atMs;
  if (Math.abs(ms) < SECOND) return "now";
  return ms > 0 ? `${spellSeconds(ms)} ago` : `in ${spellSeconds(-ms)}`;
}

/** To the millisecond, as logs have it. */
export const exact = (atMs: number): string => new Date(atMs).toISOString();
