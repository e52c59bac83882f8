/** The history of one execution as it lasts: a row an event. */
import type { Rows, Store } from "../../store/store.ts";
import type { HistoryEvent } from "./history-event.ts";

export interface KeptHistory {
  read(): HistoryEvent[];
  add(event: HistoryEvent): void;
}

const PLACE = "states.history";
/** Rows are in the order of the ids, and one execution's ARN is no beginning of another's key. */
const keyOf = (executionArn: string, id: number | ""): string => `${executionArn}#${id}`;

export function keptHistory(store: Store, executionArn: string): KeptHistory | undefined {
  const rows = store.rows(PLACE);
  return rows && historyIn(rows, executionArn);
}

const historyIn = (rows: Rows, executionArn: string): KeptHistory => ({
  read: () => [...rows.entries(keyOf(executionArn, ""))].map(([, text]) => JSON.parse(text) as HistoryEvent),
  add: (event) => rows.put(keyOf(executionArn, event.id), JSON.stringify(event)),
});

export function forgetHistory(store: Store, executionArn: string): void {
  const rows = store.rows(PLACE);
  for (const [key] of rows?.entries(keyOf(executionArn, "")) ?? []) rows?.delete(key);
}
