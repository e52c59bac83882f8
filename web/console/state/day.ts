/** Days as the time zone of who looks has them. */

export interface Day {
  /** `2026-11-29`. */
  readonly name: string;
  readonly fromMs: number;
  /** Its last millisecond. */
  readonly toMs: number;
}

/** The day that has this moment; one with a change of clocks is longer or shorter than others. */
export function dayOf(atMs: number): Day {
  const here = new Date(atMs);
  const [year, month, day] = [here.getFullYear(), here.getMonth(), here.getDate()];
  const two = (number: number): string => String(number).padStart(2, "0");
  return {
    name: `${year}-${two(month + 1)}-${two(day)}`,
    fromMs: new Date(year, month, day).getTime(),
    toMs: new Date(year, month, day + 1).getTime() - 1,
  };
}
