/** Times, durations and lists as a language writes them. */

export interface Formats {
  /** 14:05 */
  time(atMs: number): string;
  /** Today's by the clock, older ones by the day. */
  timeOrDay(atMs: number, nowMs: number): string;
  /** Tuesday 08:00 */
  weekdayTime(atMs: number): string;
  /** As a clock shows it: 0:07, 12:40, 1:02:03. */
  duration(ms: number): string;
  /** Anna, Bob and Carol */
  list(names: readonly string[]): string;
}

export function formatsOf(language: string): Formats {
  const time = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" });
  const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short" });
  const weekdayTime = new Intl.DateTimeFormat(language, {
    weekday: "long",
    hour: "numeric",
    minute: "2-digit",
  });
  const names = new Intl.ListFormat(language, { type: "conjunction" });
  const digits = new Intl.NumberFormat(language, { useGrouping: false });
  const padded = new Intl.NumberFormat(language, { minimumIntegerDigits: 2, useGrouping: false });
  return {
    time: (atMs) => time.format(atMs),
    timeOrDay(atMs, nowMs) {
      const isToday = new Date(atMs).toDateString() === new Date(nowMs).toDateString();
      return (isToday ? time : day).format(atMs);
    },
    weekdayTime: (atMs) => weekdayTime.format(atMs),
    duration(ms) {
      const seconds = Math.max(0, Math.floor(ms / 1000));
      const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
      if (h > 0) return `${digits.format(h)}:${padded.format(m)}:${padded.format(s)}`;
      return `${digits.format(m)}:${padded.format(s)}`;
    },
    list: (those) => names.format(those),
  };
}
