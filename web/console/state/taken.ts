/** Which lines and states of a graph an execution took, and when. */
import type { StateEdge } from "./graph.ts";
import type { Path, Visit } from "./path.ts";

export interface TakenState {
  readonly visits: readonly Visit[];
  readonly isHere: boolean;
  /** How the last visit went. */
  readonly outcome: Visit["outcome"];
}

export function takenStates({ visits, here }: Path): ReadonlyMap<string, TakenState> {
  const taken = new Map<string, TakenState>();
  for (const visit of visits) {
    const { name, outcome } = visit;
    const before = taken.get(name)?.visits ?? [];
    taken.set(name, { visits: [...before, visit], isHere: here.includes(name), outcome });
  }
  return taken;
}

/** How often each line was taken. An error that leads where the ordinary way leads too is a line of its own. */
export function takenEdges<Edge extends StateEdge>(
  { steps }: Path,
  edges: readonly Edge[],
): Map<Edge, number> {
  const taken = new Map<Edge, number>();
  for (const { from, to, caught } of steps) {
    const between = edges.filter((edge) => edge.from === from && edge.to === to);
    const edge = between.find(({ kind }) => (kind === "catch") === caught) ?? between[0];
    if (edge) taken.set(edge, (taken.get(edge) ?? 0) + 1);
  }
  return taken;
}
