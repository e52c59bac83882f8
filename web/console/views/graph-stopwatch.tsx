/** For bench/console-graph.ts: how long a page takes from the facts of an execution to its graph on the screen. */
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import "../../look/look.css";
import type { HistoryEvent } from "../state/facts.ts";
import { pathOf } from "../state/path.ts";
import { MachineGraph } from "./machine-graph.tsx";

interface Run {
  readonly definition: unknown;
  readonly history: readonly HistoryEvent[];
}

/** Milliseconds until the browser knows where everything stands. */
function drawingMs({ definition, history }: Run): number {
  const place = document.body.appendChild(document.createElement("div"));
  const root = createRoot(place);
  const startMs = performance.now();
  flushSync(() =>
    root.render(
      <MachineGraph
        definition={definition}
        path={pathOf(history)}
        startMs={0}
        nowMs={history.length * 1000}
        selected={undefined}
        hrefOf={(state) => `?state=${state ?? ""}`}
        select={() => undefined}
      />,
    ),
  );
  place.querySelector("svg")?.getBoundingClientRect();
  const tookMs = performance.now() - startMs;
  root.unmount();
  place.remove();
  return tookMs;
}

Object.assign(globalThis, { drawingMs });
