/** The position of a value on an axis, and the round values with a tick. */
export interface Scale {
  readonly ticks: readonly number[];
  /** 0 at the start of the axis, 1 at its end. */
  at(value: number): number;
}

const MOST_TICKS = 6;

/** From 0 to a round number above all values. */
export function linearScale(most: number): Scale {
  const step = roundUp(Math.max(most, Number.MIN_VALUE) / (MOST_TICKS - 1));
  const end = step * Math.max(1, Math.ceil(most / step - 1e-9));
  const ticks = Array.from({ length: Math.round(end / step) + 1 }, (_, index) => index * step);
  return { ticks, at: (value) => value / end };
}

/** Powers of ten around all values, which are above 0. */
export function logScale(values: readonly number[]): Scale {
  const first = Math.floor(Math.log10(Math.min(...values)));
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
  return { ticks, at: (value) => (Math.log10(value) - first) / (last - first) };
}

/** The smallest 1, 2 or 5 times a power of ten that is not below `value`. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((one) => one * power >= value * (1 - 1e-9)) ?? 10;
  return factor * power;
}

const WORDS: readonly (readonly [number, string])[] = [
  [1e6, "M"],
  [1e3, "k"],
];

/** The short form for the label of a tick. */
export function tickLabel(value: number): string {
  const [size, word] = WORDS.find(([most]) => Math.abs(value) >= most) ?? [1, ""];
  return `${Number((value / size).toPrecision(4))}${word}`;
}
