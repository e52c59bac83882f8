/** The benches of `npm run bench`, in the order of docs/performance.md. */
import type { Section, Size } from "./report/section.ts";

export interface Bench {
  readonly title: string;
  /** The line for --help. */
  readonly about: string;
  /** Loads the bench. Several replace the process's clock, so each runs in a process of its own. */
  readonly load: () => Promise<{ measure(size: Size): Promise<Section> }>;
}

export const BENCHES: Readonly<Record<string, Bench>> = {
  throughput: {
    title: "Calls that begin, under IVS's quotas",
    about: "served and refused calls a second beside a stage per call, bursts, and trouble",
    load: () => import("./throughput/throughput.ts"),
  },
  "round-trips": {
    title: "Round trips and waiting",
    about:
      "AWS requests in sequence of every command and until phones ring or fall silent; p50 and p99 by a latency model",
    load: () => import("./round-trips/round-trips.ts"),
  },
  cost: {
    title: "What a call costs",
    about: "every metered unit of every ending and of an hour of talk, priced",
    load: () => import("./cost.ts"),
  },
  "cold-start": {
    title: "Starting a function",
    about: "bytes, wall and CPU time of each function's first import against an empty handler",
    load: () => import("./cold-start/cold-start.ts"),
  },
  "local-calls": {
    title: "Calls a second on a laptop",
    about: "CPU time of a whole call in the local runtime against a request that does nothing",
    load: () => import("./local-calls.ts"),
  },
  growth: {
    title: "What grows, and what does not",
    about: "requests and units with more devices, people, history, open calls, and a backlog of the sweep",
    load: () => import("./growth/growth.ts"),
  },
};
