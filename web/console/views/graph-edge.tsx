/** A line of the graph: faint, or thick if the execution took it. */
import { lineThrough } from "../state/lanes.ts";
import type { PlacedEdge } from "../state/lanes.ts";

interface GraphEdgeProps {
  readonly edge: PlacedEdge;
  /** How often it was taken. */
  readonly times: number;
  readonly isNear: boolean;
}

export function GraphEdge({ edge, times, isNear }: GraphEdgeProps) {
  const classes = ["graph-edge", `is-${edge.kind}`, times > 0 && "is-taken", isNear && "is-near"];
  const at = edge.points[1] ?? edge.points[0];
  return (
    <>
      <path
        className={classes.filter(Boolean).join(" ")}
        d={lineThrough(edge.points)}
        markerEnd="url(#arrow)"
      >
        {edge.label !== undefined && <title>{edge.label}</title>}
      </path>
      {times > 1 && at && (
        <text className="graph-times" x={at.x + 6} y={at.y - 5}>
          ×{times}
        </text>
      )}
    </>
  );
}
