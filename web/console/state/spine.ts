/**
 * The order that a block of states is drawn in: a spine, which is its longest way from the start to an end, and beside it what
 * leaves the spine. Left goes what an error leads to and what leads back; right go the other endings.
 */
import type { StateEdge, StateNode } from "./graph.ts";

export type Side = "left" | "right";

/** A state beside the spine, and the one that first leads to it. */
export interface Aside {
  readonly name: string;
  readonly side: Side;
  readonly anchor: string;
}

export interface Order {
  readonly spine: readonly string[];
  /** Top to bottom. */
  readonly asides: readonly Aside[];
  /** Ways that lead back to a state that came before. */
  readonly back: ReadonlySet<StateEdge>;
}

export function orderOf(nodes: readonly StateNode[], edges: readonly StateEdge[]): Order {
  const ways = waysOf(edges);
  const start = nodes[0]?.name;
  const back = start === undefined ? new Set<StateEdge>() : backwards(ways, start);
  const spine = start === undefined ? [] : longestWay(ways, back, start);
  return { spine, asides: asidesOf({ nodes, ways, back, spine }), back };
}

type Ways = ReadonlyMap<string, readonly StateEdge[]>;

/** What wants to happen, what may happen instead, and what goes wrong. */
const RANKS = ["ordinary", "turn", "catch"] as const;
const rankOf = ({ kind }: StateEdge): (typeof RANKS)[number] =>
  kind === "catch" || kind === "turn" ? kind : "ordinary";

/** Out of each state: ordinary ones first, so that an error leads only to what nothing else leads to. */
function waysOf(edges: readonly StateEdge[]): Ways {
  const ways = new Map<string, StateEdge[]>();
  for (const rank of RANKS) {
    for (const edge of edges) {
      if (rankOf(edge) === rank) ways.set(edge.from, [...(ways.get(edge.from) ?? []), edge]);
    }
  }
  return ways;
}

function backwards(ways: Ways, start: string): Set<StateEdge> {
  const found = new Set<StateEdge>();
  const seen = new Set<string>();
  const trail = new Set<string>();
  const walk = (name: string): void => {
    seen.add(name);
    trail.add(name);
    for (const edge of ways.get(name) ?? []) {
      if (trail.has(edge.to)) found.add(edge);
      else if (!seen.has(edge.to)) walk(edge.to);
    }
    trail.delete(name);
  };
  walk(start);
  return found;
}

function longestWay(ways: Ways, back: ReadonlySet<StateEdge>, start: string): string[] {
  const known = new Map<string, readonly string[]>();
  const from = (name: string): readonly string[] => {
    const before = known.get(name);
    if (before) return before;
    let longest: readonly string[] = [];
    for (const edge of ways.get(name) ?? []) {
      if (rankOf(edge) !== "ordinary" || back.has(edge)) continue;
      const rest = from(edge.to);
      // Of two as long, the one that needs no condition.
      if (rest.length > longest.length || (rest.length === longest.length && edge.kind === "default")) {
        longest = rest;
      }
    }
    const way = [name, ...longest];
    known.set(name, way);
    return way;
  };
  return [...from(start)];
}

interface Known {
  readonly nodes: readonly StateNode[];
  readonly ways: Ways;
  readonly back: ReadonlySet<StateEdge>;
  readonly spine: readonly string[];
}

function asidesOf({ nodes, ways, back, spine }: Known): Aside[] {
  const asides: Aside[] = [];
  const placed = new Set(spine);
  const fromSpine = spine.flatMap((name) => ways.get(name) ?? []).filter((edge) => rankOf(edge) !== "catch");
  /** These stand where the spine leads to them, whatever else does. */
  const direct = new Set(fromSpine.map(({ to }) => to));
  const place = (edge: StateEdge, side: Side): void => {
    placed.add(edge.to);
    asides.push({ name: edge.to, side, anchor: edge.from });
    for (const next of ways.get(edge.to) ?? [])
      if (!placed.has(next.to) && !direct.has(next.to)) place(next, sideOf(next, side));
  };
  const leadsBack = (name: string): boolean => (ways.get(name) ?? []).some((edge) => back.has(edge));
  const sideOf = (edge: StateEdge, otherwise: Side): Side =>
    rankOf(edge) === "catch" || leadsBack(edge.to) ? "left" : otherwise;
  for (const rank of RANKS) {
    // What errors of many states lead to stands below the last of them.
    for (const name of rank === "catch" ? spine.toReversed() : spine) {
      for (const edge of ways.get(name) ?? []) {
        if (placed.has(edge.to) || rankOf(edge) !== rank) continue;
        place(edge, sideOf(edge, "right"));
      }
    }
  }
  const stray = nodes.filter(({ name }) => !placed.has(name));
  return [...asides, ...stray.map(({ name }): Aside => ({ name, side: "left", anchor: name }))];
}
