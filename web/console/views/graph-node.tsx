/** A state of the graph: what kind it is by its shape, and when the execution was there. */
import type { KeyboardEvent, MouseEvent } from "react";
import { spell, spellSeconds } from "../state/durations.ts";
import type { StateKind } from "../state/graph.ts";
import type { PlacedNode } from "../state/lanes.ts";
import type { Visit } from "../state/path.ts";
import type { TakenState } from "../state/taken.ts";

interface GraphNodeProps {
  readonly node: PlacedNode;
  readonly taken: TakenState | undefined;
  readonly times: { readonly startMs: number; readonly nowMs: number };
  readonly isSelected: boolean;
  /** The one that the Tab key stops at. */
  readonly isStop: boolean;
  readonly href: string;
  readonly select: () => void;
  readonly move: (event: KeyboardEvent) => void;
  readonly point: (state: string | undefined) => void;
}

const FRAME_TOP = 30;

export function GraphNode({
  node,
  taken,
  times,
  isSelected,
  isStop,
  href,
  select,
  move,
  point,
}: GraphNodeProps) {
  const { name, kind, width, x, y, comment, inChildren } = node;
  const isFrame = kind === "map" || kind === "parallel";
  const height = isFrame ? FRAME_TOP : node.height;
  const middle = isFrame ? y - node.height / 2 + FRAME_TOP / 2 + 4 : y;
  const when = inChildren ? "in child executions" : taken && whenOf(taken.visits, times);
  const follow = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    select();
  };
  const outcome = taken ? (taken.isHere ? "is-here" : `is-${taken.outcome}`) : inChildren ? "" : "is-untaken";
  return (
    <g transform={`translate(${x} ${middle})`}>
      <a
        className={`graph-node is-a-${kind} ${outcome} ${isSelected ? "is-selected" : ""}`}
        data-state={name}
        href={href}
        tabIndex={isStop ? 0 : -1}
        aria-current={isSelected ? "true" : undefined}
        onClick={follow}
        onKeyDown={move}
        onPointerEnter={() => point(name)}
        onPointerLeave={() => point(undefined)}
        onFocus={() => point(name)}
        onBlur={() => point(undefined)}
      >
        <desc>{describe(node, taken)}</desc>
        {!isFrame && (
          <path className="graph-shape" d={shapeOf(kind, width, height)}>
            {comment !== undefined && <title>{comment}</title>}
          </path>
        )}
        <Glyph kind={kind} x={-width / 2 + 19} />
        <text x={-width / 2 + 36} y={when === undefined || isFrame ? 4.5 : -2}>
          {name}
        </text>
        {when !== undefined && !isFrame && (
          <text className="graph-when" x={-width / 2 + 36} y={12.5}>
            {when}
          </text>
        )}
        {taken && <Badge visits={taken.visits} x={width / 2} y={-height / 2} />}
      </a>
    </g>
  );
}

/** In the order that states were entered. */
function Badge({
  visits,
  x,
  y,
}: {
  readonly visits: readonly Visit[];
  readonly x: number;
  readonly y: number;
}) {
  const orders = visits.map(({ order }) => order);
  const text = orders.length > 2 ? `${orders[0]}–${orders.at(-1)}` : orders.join(", ");
  const width = 12 + text.length * 6.4;
  return (
    <g className="graph-badge" transform={`translate(${x - 8} ${y})`}>
      <rect x={-width / 2} y={-9} width={width} height={18} rx={9} />
      <text textAnchor="middle" y={4}>
        {text}
      </text>
    </g>
  );
}

function whenOf(visits: readonly Visit[], { startMs, nowMs }: GraphNodeProps["times"]): string {
  const [first] = visits;
  if (!first) return "";
  const spent = visits.map(({ enteredAtMs, leftAtMs }) => (leftAtMs ?? nowMs) - enteredAtMs);
  const totalMs = spent.reduce((sum, ms) => sum + ms, 0);
  const open = visits.some(({ leftAtMs }) => leftAtMs === undefined);
  const at = `+${spell(first.enteredAtMs - startMs)}`;
  return `${at} · ${open ? spellSeconds(totalMs) : spell(totalMs)}`;
}

const KIND_WORDS: Readonly<Record<StateKind, string>> = {
  task: "task",
  wait: "waits",
  choice: "choice",
  pass: "passes",
  succeed: "ends well",
  fail: "ends in failure",
  map: "for each",
  parallel: "in parallel",
};

const OUTCOME_WORDS: Readonly<Record<Visit["outcome"], string>> = {
  here: "is here now",
  left: "done",
  caught: "an error was caught",
  failed: "failed",
  stopped: "stopped",
};

function describe({ kind, inChildren }: PlacedNode, taken: TakenState | undefined): string {
  if (taken) return `${KIND_WORDS[kind]}, ${OUTCOME_WORDS[taken.isHere ? "here" : taken.outcome]}`;
  return `${KIND_WORDS[kind]}, ${inChildren ? "in child executions" : "not reached"}`;
}

/** A wait has round ends, a choice has pointed ones, everything else has corners. */
function shapeOf(kind: StateKind, width: number, height: number): string {
  const [w, h] = [width / 2, height / 2];
  if (kind === "choice") {
    const point = 12;
    return `M ${-w} 0 L ${-w + point} ${-h} H ${w - point} L ${w} 0 L ${w - point} ${h} H ${-w + point} Z`;
  }
  const r = kind === "wait" ? h : 10;
  return `M ${-w + r} ${-h} H ${w - r} A ${r} ${r} 0 0 1 ${w} ${-h + r} V ${h - r} A ${r} ${r} 0 0 1 ${w - r} ${h} H ${-w + r} A ${r} ${r} 0 0 1 ${-w} ${h - r} V ${-h + r} A ${r} ${r} 0 0 1 ${-w + r} ${-h} Z`;
}

function Glyph({ kind, x }: { readonly kind: StateKind; readonly x: number }) {
  const at = { transform: `translate(${x} 0)` };
  switch (kind) {
    case "wait":
      return (
        <g className="graph-glyph" {...at}>
          <circle className="graph-wave" r="7" />
          <circle r="7" strokeWidth="3" />
        </g>
      );
    case "choice":
      return <path className="graph-glyph" {...at} d="M 0 -6.5 L 6.5 0 L 0 6.5 L -6.5 0 Z" />;
    case "pass":
      return <path className="graph-glyph" {...at} d="M -6 0 H 5 M 1 -4 L 5 0 L 1 4" />;
    case "succeed":
      return <path className="graph-glyph" {...at} d="M -6 0 L -1.5 4.5 L 6 -4.5" />;
    case "fail":
      return <path className="graph-glyph" {...at} d="M -5 -5 L 5 5 M 5 -5 L -5 5" />;
    case "map":
    case "parallel":
      return (
        <path className="graph-glyph" {...at} d="M -6 -2.5 H 3 V 6.5 H -6 Z M -3 -2.5 V -6 H 6 V 3 H 3" />
      );
    case "task":
      return (
        <g className="graph-glyph" {...at}>
          <circle className="graph-wave" r="4" />
          <rect x="-5.5" y="-5.5" width="11" height="11" rx="3" />
        </g>
      );
  }
}
