/** Local times of a time zone and the moments they stand for. */
export interface WallTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    const numeric = "numeric";
    format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    });
    formats.set(timeZone, format);
  }
  return format;
}

export function wallTime(ms: number, timeZone: string): WallTime {
  const parts = formatOf(timeZone).formatToParts(ms);
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value);
  return {
    year: part("year"),
    month: part("month"),
    day: part("day"),
    hour: part("hour"),
    minute: part("minute"),
    second: part("second"),
  };
}

const asUtc = ({ year, month, day, hour, minute, second }: WallTime): number =>
  Date.UTC(year, month - 1, day, hour, minute, second);

/** Undefined for a time that the clocks skip in spring; the first of the two moments that they repeat in autumn. */
export function momentOf(wall: WallTime, timeZone: string): number | undefined {
  const wanted = asUtc(wall);
  const offsets = [wanted - 86_400_000, wanted + 86_400_000].map((ms) => asUtc(wallTime(ms, timeZone)) - ms);
  const moments = offsets.map((offset) => wanted - offset);
  return moments.sort((a, b) => a - b).find((ms) => asUtc(wallTime(ms, timeZone)) === wanted);
}
