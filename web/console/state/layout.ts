/**
 * Where each state stands and how the lines between them run: the spine (spine.ts) straight down the middle, the others in a
 * column on either side, and lanes between the columns for the lines. It depends on the definition alone, so a call that goes
 * on moves nothing. What is inside a Map or Parallel is laid out by itself and stands in its frame.
 */
import type { Graph, StateNode } from "./graph.ts";
import { drawEdges, type Lanes, lanesOf, type PlacedEdge, type PlacedNode, type Point } from "./lanes.ts";
import { type Aside, type Order, orderOf, type Side } from "./spine.ts";

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

const MARGIN = 10;
/** A name has its sign before it, and below it when the execution was there. */
const NODE = { height: 40, least: 152, beside: 48, letter: 7, frameName: 32 } as const;
/** Between two states on the spine, and in a column beside it. */
const GAP = { spine: 34, column: 14, branch: 24 } as const;

export const layoutOf = (graph: Graph): Layout =>
  layoutOfBlock(
    graph,
    graph.nodes.filter(({ inside }) => inside === undefined),
  );

function layoutOfBlock(graph: Graph, members: readonly StateNode[]): Layout {
  const names = new Set(members.map(({ name }) => name));
  const edges = graph.edges.filter(({ from, to }) => names.has(from) && names.has(to));
  const contents = new Map(members.map(({ name }) => [name, contentOf(graph, name)] as const));
  const sized = new Map(
    members.map((node) => [node.name, { ...node, ...sizeOf(node, contents.get(node.name)) }]),
  );
  const order = orderOf(members, edges);
  const lanes = lanesOf(edges, order);
  const nodes = placed({ sized, order, lanes });
  const drawn = edges.length === 0 ? [] : drawEdges(edges, { nodes, order, lanes });
  const all = [...nodes.values()];
  return framed({
    nodes: all.flatMap((node) => [node, ...within(node, contents.get(node.name)).nodes]),
    edges: [...drawn, ...all.flatMap((node) => within(node, contents.get(node.name)).edges)],
  });
}

/** What is inside of a Map or Parallel: its branches side by side. */
function contentOf(graph: Graph, name: string): Layout | undefined {
  const inside = graph.nodes.filter((node) => node.inside === name);
  if (inside.length === 0) return undefined;
  const branches = [...new Set(inside.map(({ branch = 0 }) => branch))];
  const nodes: PlacedNode[] = [];
  const edges: PlacedEdge[] = [];
  let right = 0;
  let height = 0;
  for (const branch of branches) {
    const laidOut = layoutOfBlock(
      graph,
      inside.filter((node) => (node.branch ?? 0) === branch),
    );
    const { nodes: ofBranch, edges: lines } = moved(laidOut, { x: right, y: 0 });
    nodes.push(...ofBranch);
    edges.push(...lines);
    right += laidOut.width + GAP.branch;
    height = Math.max(height, laidOut.height);
  }
  return { nodes, edges, width: right - GAP.branch, height };
}

type Size = Pick<PlacedNode, "width" | "height">;
type Sized = StateNode & Size;

function sizeOf({ name }: StateNode, content: Layout | undefined): Size {
  const ofName = Math.max(NODE.least, Math.ceil(name.length * NODE.letter) + NODE.beside);
  if (content === undefined) return { width: ofName, height: NODE.height };
  return { width: Math.max(ofName, content.width + MARGIN), height: content.height + NODE.frameName };
}

interface Plan {
  readonly sized: ReadonlyMap<string, Sized>;
  readonly order: Order;
  readonly lanes: Lanes;
}

/** The middle of the spine is at x = 0. */
function placed({ sized, order, lanes }: Plan): Map<string, PlacedNode> {
  const nodes = new Map<string, PlacedNode>();
  const put = (name: string, at: (size: Size) => Point): PlacedNode | undefined => {
    const node = sized.get(name);
    if (!node) return undefined;
    const there = { ...node, ...at(node) };
    nodes.set(name, there);
    return there;
  };
  let top = 0;
  for (const name of order.spine) {
    const node = put(name, ({ height }) => ({ x: 0, y: top + height / 2 }));
    top += (node?.height ?? 0) + GAP.spine;
  }
  const half = Math.max(0, ...order.spine.map((name) => sized.get(name)?.width ?? 0)) / 2;
  const below: Record<Side, number> = { left: 0, right: 0 };
  for (const { name, side, anchor } of stacked(order.asides, nodes)) {
    const way = side === "left" ? -1 : 1;
    const anchored = nodes.get(anchor);
    const least = anchored ? anchored.y + NODE.height / 2 + GAP.column : 0;
    const node = put(name, ({ width, height }) => ({
      x: way * (half + lanes.room[side] + width / 2),
      y: Math.max(least, below[side]) + height / 2,
    }));
    if (node) below[side] = node.y + node.height / 2 + GAP.column;
  }
  return nodes;
}

/** From the top, what belongs together staying together. */
function stacked(asides: readonly Aside[], nodes: ReadonlyMap<string, PlacedNode>): Aside[] {
  const rootOf = ({ name, anchor }: Aside): number => {
    const onSpine = nodes.get(anchor);
    if (onSpine || anchor === name) return onSpine?.y ?? Number.MAX_SAFE_INTEGER;
    const before = asides.find((other) => other.name === anchor);
    return before ? rootOf(before) : Number.MAX_SAFE_INTEGER;
  };
  return asides.toSorted((one, other) => rootOf(one) - rootOf(other));
}

type Drawing = Pick<Layout, "nodes" | "edges">;

const moved = ({ nodes, edges }: Drawing, { x: dx, y: dy }: Point): Drawing => {
  const move = ({ x, y }: Point): Point => ({ x: x + dx, y: y + dy });
  return {
    nodes: nodes.map((node) => ({ ...node, ...move(node) })),
    edges: edges.map((edge) => ({ ...edge, points: edge.points.map(move) })),
  };
};

function within(frame: PlacedNode, content: Layout | undefined): Drawing {
  if (content === undefined) return { nodes: [], edges: [] };
  const left = frame.x - content.width / 2;
  return moved(content, { x: left, y: frame.y - frame.height / 2 + NODE.frameName - MARGIN / 2 });
}

/** As large as what is in it, from 0. */
function framed(drawing: Drawing): Layout {
  const xs = [
    ...drawing.nodes.flatMap(({ x, width }) => [x - width / 2, x + width / 2]),
    ...drawing.edges.flatMap(({ points }) => points.map(({ x }) => x)),
  ];
  const bottoms = drawing.nodes.map(({ y, height }) => y + height / 2);
  const left = Math.min(...xs) - MARGIN;
  return {
    ...moved(drawing, { x: -left, y: MARGIN }),
    width: Math.max(...xs) + MARGIN - left,
    height: Math.max(...bottoms) + 2 * MARGIN,
  };
}
