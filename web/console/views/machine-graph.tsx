/** A state machine as a graph, and on it the way that an execution took. */
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { graphOf } from "../state/graph.ts";
import { layoutOf, type Layout } from "../state/layout.ts";
import type { Path } from "../state/path.ts";
import { takenEdges, takenStates } from "../state/taken.ts";
import { GraphEdge } from "./graph-edge.tsx";
import { GraphNode } from "./graph-node.tsx";
import "./machine-graph.css";

export interface MachineGraphProps {
  readonly definition: unknown;
  readonly path: Path;
  readonly startMs: number;
  readonly nowMs: number;
  /** What goes on is talk, not waiting. */
  readonly talking?: boolean;
  readonly selected: string | undefined;
  /** The address of this page with a state selected, or with none. */
  readonly hrefOf: (state: string | undefined) => string;
  readonly select: (state: string | undefined) => void;
}

export function MachineGraph(props: MachineGraphProps) {
  const { definition } = props;
  // A new snapshot of the same call brings the same definition in a new object.
  const text = JSON.stringify(definition);
  const layout = useMemo(() => {
    const graph = graphOf(JSON.parse(text));
    return graph && layoutOf(graph);
  }, [text]);
  if (!layout) return <p className="notice wrong">This definition cannot be drawn.</p>;
  return <Drawn {...props} layout={layout} />;
}

/** `readable`: no smaller unless the user asks for it. */
const ZOOM = { least: 0.4, readable: 0.7, most: 2, step: 1.25 } as const;

function Drawn({ layout, ...props }: MachineGraphProps & { readonly layout: Layout }) {
  const frame = useRef<HTMLElement>(null);
  const [zoom, setZoom] = useState(1);
  const [errors, showErrors] = useState(false);
  const to = (next: number): void => setZoom(Math.min(ZOOM.most, Math.max(ZOOM.least, next)));
  const fit = (): void => {
    const { clientWidth = layout.width, clientHeight = layout.height } = frame.current ?? {};
    to(Math.min(1, clientWidth / layout.width, clientHeight / layout.height));
  };
  useEffect(() => {
    const room = frame.current?.clientWidth ?? layout.width;
    setZoom(Math.max(ZOOM.readable, Math.min(1, room / layout.width)));
  }, [layout]);
  const middle = props.path.here[0] ?? layout.nodes[0]?.name;
  useEffect(() => {
    if (middle !== undefined) centre(frame.current, middle);
  }, [middle, zoom]);
  return (
    <div className={`graph ${props.talking ? "is-talking" : ""}`}>
      <div className="graph-tools">
        <button
          type="button"
          className="button small"
          onClick={() => to(zoom / ZOOM.step)}
          aria-label="Smaller"
        >
          −
        </button>
        <button
          type="button"
          className="button small"
          onClick={() => to(zoom * ZOOM.step)}
          aria-label="Larger"
        >
          +
        </button>
        <button type="button" className="button small" onClick={fit}>
          Fit
        </button>
        <label>
          <input type="checkbox" checked={errors} onChange={({ target }) => showErrors(target.checked)} />
          Where errors lead
        </label>
      </div>
      <section className="graph-frame" ref={frame} aria-label="States of the workflow">
        <Drawing {...props} layout={layout} zoom={zoom} errors={errors} />
      </section>
    </div>
  );
}

/** Scrolls the frame, never the page. */
function centre(frame: HTMLElement | null, state: string): void {
  const node = frame?.querySelector(`[data-state="${CSS.escape(state)}"]`);
  if (!frame || !node) return;
  const [outer, inner] = [frame.getBoundingClientRect(), node.getBoundingClientRect()];
  frame.scrollBy({
    left: inner.left + inner.width / 2 - outer.left - outer.width / 2,
    top: inner.top + inner.height / 2 - outer.top - outer.height / 2,
  });
}

interface DrawingProps extends Omit<MachineGraphProps, "definition"> {
  readonly layout: Layout;
  readonly zoom: number;
  readonly errors: boolean;
}

function Drawing({ layout, path, zoom, errors, selected, select, hrefOf, startMs, nowMs }: DrawingProps) {
  const { width, height, nodes, edges } = layout;
  const states = takenStates(path);
  const taken = takenEdges(path, edges);
  const [pointed, point] = useState<string>();
  const about = pointed ?? selected;
  const seen = edges.filter((edge) => {
    if (edge.kind !== "catch" || taken.has(edge)) return true;
    return errors || edge.from === about;
  });
  // What was taken lies above what was not.
  const drawn = seen.toSorted((one, other) => Number(taken.has(one)) - Number(taken.has(other)));
  const order = [...nodes].toSorted((one, other) => one.y - other.y || one.x - other.x);
  const stop = selected ?? path.here[0] ?? order[0]?.name;
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const index = order.findIndex(({ name }) => name === event.currentTarget.getAttribute("data-state"));
    const next = step === undefined ? undefined : order[index + step];
    if (!next) return;
    event.preventDefault();
    event.currentTarget
      .closest("svg")
      ?.querySelector<SVGElement>(`[data-state="${CSS.escape(next.name)}"]`)
      ?.focus();
  };
  return (
    <svg width={width * zoom} height={height * zoom} viewBox={`0 0 ${width} ${height}`}>
      <defs>
        <marker
          id="arrow"
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="8"
          markerHeight="8"
          markerUnits="userSpaceOnUse"
          orient="auto"
        >
          <path d="M 0 0.5 L 8 4 L 0 7.5 z" fill="context-stroke" />
        </marker>
      </defs>
      {nodes
        .filter(({ kind }) => kind === "map" || kind === "parallel")
        .map(({ name, x, y, width: w, height: h }) => (
          <rect
            key={name}
            className="graph-inside"
            x={x - w / 2}
            y={y - h / 2}
            width={w}
            height={h}
            rx="14"
          />
        ))}
      {drawn.map((edge) => (
        <GraphEdge
          key={`${edge.from} ${edge.kind} ${edge.to}`}
          edge={edge}
          times={taken.get(edge) ?? 0}
          isNear={about !== undefined && (edge.from === about || edge.to === about)}
        />
      ))}
      {order.map((node) => (
        <GraphNode
          key={node.name}
          node={node}
          taken={states.get(node.name)}
          times={{ startMs, nowMs }}
          isSelected={selected === node.name}
          isStop={stop === node.name}
          href={hrefOf(selected === node.name ? undefined : node.name)}
          select={() => select(selected === node.name ? undefined : node.name)}
          move={move}
          point={point}
        />
      ))}
    </svg>
  );
}
