/** Cron expressions of AWS: minutes hours day-of-month month day-of-week year. */
import { momentOf, wallTime } from "./wall-clock.ts";

interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** 1 is Sunday. */
  readonly weekday: number;
  readonly lastDay: number;
}

type DayTest = (day: Day) => boolean;

export interface Cron {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly matchesDay: DayTest;
}

const DAY_MS = 86_400_000;
/** Leap days can be eight years apart. */
const SEARCH_DAYS = 9 * 366;
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

interface Range {
  readonly from: number;
  readonly to: number;
  readonly names?: readonly string[];
}

const YEARS: Range = { from: 1970, to: 2199 };
const MONTH_RANGE: Range = { from: 1, to: 12, names: MONTHS };
const WEEKDAY_RANGE: Range = { from: 1, to: 7, names: WEEKDAYS };

export function parseCron(text: string): Cron {
  const fields = text.trim().split(/\s+/);
  const [minute = "", hour = "", day = "", month = "", weekday = "", year = ""] = fields;
  if (fields.length !== 6) throw new Error(`cron(${text}) needs six fields`);
  if ((day === "?") === (weekday === "?")) throw new Error(`cron(${text}) needs one ? for a day field`);
  const months = new Set(valuesOf(month, MONTH_RANGE));
  const years = new Set(valuesOf(year, YEARS));
  const matches = day === "?" ? weekdayTest(weekday) : monthDayTest(day);
  return {
    minutes: valuesOf(minute, { from: 0, to: 59 }),
    hours: valuesOf(hour, { from: 0, to: 23 }),
    matchesDay: (at) => years.has(at.year) && months.has(at.month) && matches(at),
  };
}

/** The first moment after `afterMs`; undefined if none comes. */
export function nextOfCron(cron: Cron, afterMs: number, timeZone: string): number | undefined {
  const today = wallTime(afterMs, timeZone);
  const firstDayMs = Date.UTC(today.year, today.month - 1, today.day);
  for (let offset = 0; offset < SEARCH_DAYS; offset += 1) {
    const day = dayOf(firstDayMs + offset * DAY_MS);
    if (!cron.matchesDay(day)) continue;
    for (const hour of cron.hours) {
      for (const minute of cron.minutes) {
        const moment = momentOf({ ...day, hour, minute, second: 0 }, timeZone);
        if (moment !== undefined && moment > afterMs) return moment;
      }
    }
  }
  return undefined;
}

function dayOf(ms: number): Day {
  const date = new Date(ms);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth() + 1;
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return { year, month, day: date.getUTCDate(), weekday: date.getUTCDay() + 1, lastDay };
}

/** Lists, ranges and steps as sorted values. */
function valuesOf(field: string, range: Range): number[] {
  const values = field.split(",").flatMap((part) => {
    const [span = "", step = "1"] = part.split("/");
    const [first = "", last] = span.split("-");
    const isAll = first === "*";
    const from = isAll ? range.from : valueOf(first, range);
    const to = last !== undefined ? valueOf(last, range) : isAll || part.includes("/") ? range.to : from;
    if (!(Number(step) >= 1) || to < from) throw new Error(`${part} is not part of a cron field`);
    const every: number[] = [];
    for (let value = from; value <= to; value += Number(step)) every.push(value);
    return every;
  });
  return [...new Set(values)].sort((a, b) => a - b);
}

function valueOf(text: string, { from, to, names }: Range): number {
  const named = names?.indexOf(text.toUpperCase()) ?? -1;
  const value = named >= 0 ? from + named : Number(text);
  if (text === "" || !Number.isInteger(value) || value < from || value > to) {
    throw new Error(`${text} is not a value from ${from} to ${to} of a cron field`);
  }
  return value;
}

function monthDayTest(field: string): DayTest {
  if (field === "L") return ({ day, lastDay }) => day === lastDay;
  if (field === "LW") return (at) => at.day === nearestWeekday(at, at.lastDay);
  const [, nearest] = /^(\d+)W$/.exec(field) ?? [];
  if (nearest) return (at) => at.day === nearestWeekday(at, Number(nearest));
  const days = new Set(valuesOf(field, { from: 1, to: 31 }));
  return ({ day }) => days.has(day);
}

function weekdayTest(field: string): DayTest {
  const [, nth, count] = /^(\w+)#([1-5])$/.exec(field) ?? [];
  if (nth) {
    const wanted = valueOf(nth, WEEKDAY_RANGE);
    return ({ weekday, day }) => weekday === wanted && Math.ceil(day / 7) === Number(count);
  }
  const [, last] = /^(\w*)L$/.exec(field) ?? [];
  if (last === "") return ({ weekday }) => weekday === WEEKDAY_RANGE.to;
  if (last) {
    const wanted = valueOf(last, WEEKDAY_RANGE);
    return ({ weekday, day, lastDay }) => weekday === wanted && day > lastDay - 7;
  }
  const weekdays = new Set(valuesOf(field, WEEKDAY_RANGE));
  return ({ weekday }) => weekdays.has(weekday);
}

/** The Monday to Friday nearest to a day, within its month. */
function nearestWeekday({ day, weekday, lastDay }: Day, wanted: number): number {
  const target = Math.min(wanted, lastDay);
  const targetWeekday = (((weekday - 1 + target - day) % 7) + 7) % 7;
  if (targetWeekday === 6) return target === 1 ? 3 : target - 1;
  if (targetWeekday === 0) return target === lastDay ? target - 2 : target + 1;
  return target;
}
