/** Histories that AWS has recorded, and histories written here. */
import type { HistoryEvent } from "../../../web/console/state/facts.ts";

interface Recorded {
  readonly content: {
    readonly get_execution_history: { readonly events: readonly Readonly<Record<string, unknown>>[] };
  };
}

/** In the shape of the console's server, with one event a second, because the times were not recorded. */
export function recordedHistory({ content }: Recorded): HistoryEvent[] {
  return content.get_execution_history.events.map((event, index) => {
    const [, details] = Object.entries(event).find(([name]) => name.endsWith("EventDetails")) ?? [];
    return {
      // An event's details are an object, for every type.
      ...(event as { id: number; previousEventId: number; type: string }),
      atMs: index * 1000,
      ...(details !== undefined && { details: details as Record<string, unknown> }),
    };
  });
}

type Details = Readonly<Record<string, unknown>>;
type Written = readonly [type: string, details?: Details, previousEventId?: number];

/** Ids count from 1. Each event follows the one before, unless it names another. */
export const history = (...events: readonly Written[]): HistoryEvent[] =>
  events.map(([type, details, previousEventId], index) => ({
    id: index + 1,
    previousEventId: previousEventId ?? index,
    type,
    atMs: index * 1000,
    ...(details && { details }),
  }));

export const enters = (kind: string, name: string, previousEventId?: number): Written => [
  `${kind}StateEntered`,
  { name },
  previousEventId,
];
export const leaves = (kind: string, name: string, previousEventId?: number): Written => [
  `${kind}StateExited`,
  { name },
  previousEventId,
];
export const fails = (error: string): Written => ["TaskFailed", { error, cause: "because" }];
