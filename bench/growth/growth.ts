/** How a request grows with devices, people, history, open calls and the sweep's backlog: not at all, or in proportion. */
import { openStack, type Stack, stillSchedules } from "../stack.ts";
import type { LineChart } from "../report/line-chart.ts";
import { ratio, type Section, type Size, type Table, whole } from "../report/section.ts";
import type { Counted } from "./counted.ts";
import { callToDevices } from "./devices.ts";
import { directory } from "./directory.ts";
import { history } from "./history.ts";
import { callAmongOpenCalls } from "./open-calls.ts";
import { sweepBacklog } from "./sweep-backlog.ts";

interface Growth {
  readonly title: string;
  readonly what: string;
  readonly outcome?: string;
  readonly sizes: Readonly<Record<Size, readonly number[]>>;
  readonly measure: (stack: Stack, sizes: readonly number[]) => Promise<Counted[]>;
}

const GROWTHS: readonly Growth[] = [
  {
    title: "A call to a client with more devices, until the push is accepted",
    what: "devices",
    sizes: { small: [1, 5], full: [1, 2, 5, 10] },
    measure: callToDevices,
  },
  {
    title: "Searching the directory by name, the first page",
    what: "people",
    sizes: { small: [1_000, 5_000], full: [1_000, 10_000, 100_000, 1_000_000] },
    measure: directory,
  },
  {
    title: "The first page of one's history",
    what: "past calls",
    sizes: { small: [10, 1_000], full: [10, 1_000, 10_000, 100_000] },
    measure: history,
  },
  {
    title: "A call among others that are open, until it is declined and closed",
    what: "open calls",
    sizes: { small: [0, 200], full: [0, 1_000, 10_000] },
    measure: callAmongOpenCalls,
  },
  {
    title: "A sweep with a backlog of calls past their deadline: one run, by call that it ended",
    what: "calls left lying",
    outcome: "ended in one run",
    sizes: { small: [50, 300], full: [100, 1_000, 10_000] },
    measure: sweepBacklog,
  },
];

export async function measure(size: Size): Promise<Section> {
  const found: [Growth, Counted[]][] = [];
  for (const growth of GROWTHS) {
    using stack = await openStack(CONTEXT);
    stillSchedules(stack);
    found.push([growth, await growth.measure(stack, growth.sizes[size])]);
  }
  return { text: TEXT, tables: found.map(([growth, rows]) => table(growth, rows)), plots: [plot(found)] };
}

/** Keeps the keeper from deleting the planted stages. */
const CONTEXT = {
  maxStages: "20000",
  ringAttemptsPerMinute: "1000",
  registrationsPerHour: "10000",
  accessTokenMinutes: "60",
};

const TEXT = [
  "Requests of functions and workflows to AWS and units of the tables are counts; the ratio is that of this process's CPU time to the" +
    " smallest size, with the local tables in it.",
];

function table({ title, what, outcome }: Growth, rows: readonly Counted[]): Table {
  const [smallest] = rows;
  const number = (value: number): string => value.toFixed(1).replace(/\.0$/, "");
  return {
    caption: title,
    head: [
      what,
      ...(outcome ? [outcome] : []),
      "AWS requests",
      "Read units",
      "Write units",
      "CPU ms",
      "Ratio",
    ],
    rows: rows.map((row) => [
      whole(row.size),
      ...(outcome ? [whole(row.outcome ?? 0)] : []),
      number(row.requests),
      number(row.readUnits),
      number(row.writeUnits),
      row.cpuMs.toFixed(1),
      ratio(row.cpuMs, smallest?.cpuMs ?? 0),
    ]),
  };
}

/** Each relative to its own smallest size, so that all fit on one axis. */
const plot = (found: readonly (readonly [Growth, readonly Counted[]])[]): LineChart => ({
  kind: "lines",
  title: "Requests and units, against the smallest size",
  x: { label: "times as many", log: true },
  y: { label: "times as much" },
  series: found.map(([{ what }, rows]) => {
    const all = ({ requests, readUnits, writeUnits }: Counted): number => requests + readUnits + writeUnits;
    const [first] = rows;
    return {
      name: what,
      points: rows.map((row): [number, number] => [
        Math.max(1, row.size) / Math.max(1, first?.size ?? 1),
        all(row) / (first ? all(first) : 1),
      ]),
    };
  }),
});
