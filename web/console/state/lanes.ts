/**
 * The lines between states. Whatever is not straight down runs in a lane beside the spine: one lane for all that leaves a state,
 * one for all that leads to a state, so that many ways read as one that forks or joins.
 */
import type { StateEdge, StateNode } from "./graph.ts";
import type { Order, Side } from "./spine.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** `x` and `y` are the middle. */
export interface PlacedNode extends StateNode, Point {
  readonly width: number;
  readonly height: number;
}

export interface PlacedEdge extends StateEdge {
  readonly points: readonly Point[];
}

/** Of a lane from the next, and from the states beside it. */
const LANE = 8;
const LANES_SIDE = 16;
/** Lines arrive a little above the middle of a state and leave a little below it. */
const DOOR = 7;
const CORNER = 9;

export interface Lanes {
  /** Between the spine and the column. */
  readonly room: Readonly<Record<Side, number>>;
  /** Its distance from the spine; undefined: the line needs none. */
  of(edge: StateEdge): { readonly side: Side; readonly distance: number } | undefined;
}

export function lanesOf(edges: readonly StateEdge[], order: Order): Lanes {
  const keys: Record<Side, string[]> = { left: [], right: [] };
  const taken = new Map<StateEdge, { readonly side: Side; readonly key: string }>();
  for (const edge of edges) {
    const lane = laneOf(edge, order);
    if (!lane) continue;
    taken.set(edge, lane);
    if (!keys[lane.side].includes(lane.key)) keys[lane.side].push(lane.key);
  }
  const roomOf = (side: Side): number => 2 * LANES_SIDE + Math.max(0, keys[side].length - 1) * LANE;
  return {
    room: { left: roomOf("left"), right: roomOf("right") },
    of(edge) {
      const lane = taken.get(edge);
      if (!lane) return undefined;
      return { side: lane.side, distance: LANES_SIDE + keys[lane.side].indexOf(lane.key) * LANE };
    },
  };
}

function laneOf(edge: StateEdge, { spine, asides, back }: Order): { side: Side; key: string } | undefined {
  const [from, to] = [spine.indexOf(edge.from), spine.indexOf(edge.to)];
  const sideOf = (name: string): Side | undefined => asides.find((aside) => aside.name === name)?.side;
  const side = sideOf(edge.to) ?? sideOf(edge.from);
  // An error that goes the ordinary way is drawn over it.
  if (from >= 0 && to === from + 1) return undefined;
  if (side === undefined) return { side: isTurning(edge, back) ? "left" : "right", key: `to ${edge.to}` };
  if (edge.kind === "catch") return { side, key: `caught to ${edge.to}` };
  return to >= 0 ? { side, key: `to ${edge.to}` } : { side, key: `from ${edge.from}` };
}

const isTurning = (edge: StateEdge, back: ReadonlySet<StateEdge>): boolean =>
  edge.kind === "catch" || back.has(edge);

interface Placed {
  readonly nodes: ReadonlyMap<string, PlacedNode>;
  readonly order: Order;
  readonly lanes: Lanes;
}

export function drawEdges(edges: readonly StateEdge[], { nodes, order, lanes }: Placed): PlacedEdge[] {
  const onSpine = order.spine.flatMap((name) => nodes.get(name)?.width ?? []);
  const half = Math.max(0, ...onSpine) / 2;
  return edges.flatMap((edge) => {
    const [from, to] = [nodes.get(edge.from), nodes.get(edge.to)];
    if (!from || !to) return [];
    const lane = lanes.of(edge);
    if (!lane) return [{ ...edge, points: downwards(from, to) }];
    const x = (lane.side === "left" ? -1 : 1) * (half + lane.distance);
    return [{ ...edge, points: isBelow(from, to) ? downwards(from, to) : through(x, from, to) }];
  });
}

/** The next in the same column. */
const isBelow = (from: PlacedNode, to: PlacedNode): boolean =>
  from.x !== 0 && Math.sign(from.x) === Math.sign(to.x) && to.y > from.y && gapOf(from, to) < 24;

const gapOf = (from: PlacedNode, to: PlacedNode): number => to.y - to.height / 2 - (from.y + from.height / 2);

function downwards(from: PlacedNode, to: PlacedNode): Point[] {
  const x =
    from.x === 0
      ? to.x
      : from.x + Math.sign(from.x) * (Math.min(from.width, to.width) / 2 - 24) - shift(from);
  return [
    { x, y: from.y + from.height / 2 },
    { x, y: to.y - to.height / 2 },
  ];
}

/** Columns are flush with the spine, so the line stands where both states are. */
const shift = ({ x, width }: PlacedNode): number => (x === 0 ? 0 : (Math.sign(x) * width) / 2);

function through(x: number, from: PlacedNode, to: PlacedNode): Point[] {
  const start = { x: sideTowards(from, x), y: from.y + DOOR };
  const end = { x: sideTowards(to, x), y: to.y - DOOR };
  return [start, { x, y: start.y }, { x, y: end.y }, end];
}

const sideTowards = (node: PlacedNode, x: number): number =>
  node.x + (x < node.x ? -node.width / 2 : node.width / 2);

/** The line as SVG draws it, its corners rounded. */
export function lineThrough(points: readonly Point[]): string {
  const at = ({ x, y }: Point): string => `${x.toFixed(1)} ${y.toFixed(1)}`;
  const [first, ...rest] = points;
  if (!first) return "";
  let line = `M ${at(first)}`;
  for (const [index, corner] of rest.entries()) {
    const before = points[index] ?? first;
    const after = rest[index + 1];
    if (!after) {
      line += ` L ${at(corner)}`;
      continue;
    }
    line += ` L ${at(towards(corner, before))} Q ${at(corner)} ${at(towards(corner, after))}`;
  }
  return line;
}

/** From a corner, a little towards another point, at most half of the way. */
function towards(corner: Point, other: Point): Point {
  const length = Math.hypot(other.x - corner.x, other.y - corner.y);
  if (length === 0) return corner;
  const part = Math.min(CORNER, length / 2) / length;
  return { x: corner.x + (other.x - corner.x) * part, y: corner.y + (other.y - corner.y) * part };
}
