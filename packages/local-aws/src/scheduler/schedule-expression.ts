/** When a schedule fires: at(…), rate(…) or cron(…). */
import { nextOfCron, parseCron } from "./cron.ts";
import { momentOf } from "./wall-clock.ts";

export interface Timing {
  /**
   * The next firing. `lastMs` is the firing before; undefined for the first one, which comes at `armedMs` or later.
   * Undefined if it never fires again.
   */
  next(armedMs: number, lastMs: number | undefined): number | undefined;
}

export interface TimingOptions {
  readonly expression: string;
  readonly timeZone: string;
  readonly startMs?: number | undefined;
  readonly endMs?: number | undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

export function parseTiming(options: TimingOptions): Timing {
  const next = nextFunction(options);
  const { endMs = Infinity } = options;
  return {
    next(armedMs, lastMs) {
      const ms = next(armedMs, lastMs);
      return ms !== undefined && ms <= endMs ? ms : undefined;
    },
  };
}

function nextFunction({ expression, timeZone, startMs }: TimingOptions): Timing["next"] {
  const [, kind, inside = ""] = /^(at|rate|cron)\((.*)\)$/.exec(expression.trim()) ?? [];
  if (kind === "at") return once(inside, timeZone);
  if (kind === "rate") return everyPeriod(inside, startMs);
  if (kind !== "cron") throw new Error(`Invalid Schedule Expression ${expression}.`);
  const cron = parseCron(inside);
  return (armedMs, lastMs) => nextOfCron(cron, lastMs ?? Math.max(armedMs, startMs ?? 0) - 1, timeZone);
}

function once(text: string, timeZone: string): Timing["next"] {
  const parts = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)$/.exec(text);
  if (!parts) throw new Error(`Invalid Schedule Expression at(${text}).`);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number);
  const moment = momentOf({ year, month, day, hour, minute, second }, timeZone);
  return (armedMs, lastMs) =>
    lastMs === undefined && moment !== undefined && moment >= armedMs ? moment : undefined;
}

/** Without a start date the first firing is at once. */
function everyPeriod(text: string, startMs: number | undefined): Timing["next"] {
  const [, count, unit = ""] = /^(\d+) (minute|hour|day)s?$/.exec(text) ?? [];
  const periodMs = Number(count) * (UNIT_MS[unit] ?? 0);
  if (!(periodMs > 0)) throw new Error(`Invalid Schedule Expression rate(${text}).`);
  return (armedMs, lastMs) => {
    const fromMs = lastMs === undefined ? (startMs ?? armedMs) : lastMs + periodMs;
    // Firings that passed while the laptop slept are not made up for.
    return fromMs + Math.max(0, Math.ceil((armedMs - fromMs) / periodMs)) * periodMs;
  };
}
