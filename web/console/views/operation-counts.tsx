/** How far a clean-up has come. */
import type { Ring } from "../../look/ring.tsx";
import type { OperationRow } from "../state/facts.ts";
import { rateOf } from "../state/progress.ts";
import "./operation-counts.css";

export type RingOf = Parameters<typeof Ring>[0]["state"];
export const ringOfOperation = (status: OperationRow["status"]): RingOf =>
  ({ running: "calling", done: "over", failed: "broken" } as const)[status];

export const operationWords = ({ status, dryRun }: OperationRow): string => {
  const words = { running: "Running", done: "Done", failed: "Given up" }[status];
  return dryRun ? `${words}, dry run` : words;
};

export function Progress({ operation, nowMs }: { readonly operation: OperationRow; readonly nowMs: number }) {
  const { counts, dryRun } = operation;
  const done = counts.deleted + counts.alreadyGone + counts.failed;
  const total = counts.total ?? done + (counts.pending ?? 0);
  const rate = rateOf(operation, nowMs);
  const part = (count: number): { readonly "--part": number } => ({
    "--part": total > 0 ? count / total : 0,
  });
  return (
    <div className="progress">
      <div className="progress-bar" aria-hidden="true">
        <span className="is-deleted" style={part(counts.deleted)} />
        <span className="is-gone" style={part(counts.alreadyGone)} />
        <span className="is-failed" style={part(counts.failed)} />
      </div>
      <p>
        <strong>{counts.deleted}</strong> {dryRun ? "would be deleted" : "deleted"}
        {total > 0 && ` of ${total}`}
        {counts.alreadyGone > 0 && `, ${counts.alreadyGone} already gone`}
        {counts.failed > 0 && <span className="wrong">, {counts.failed} failed</span>}
        {counts.callsEnded > 0 && `, ${counts.callsEnded} calls ended`}
        {rate !== undefined && <span className="quiet">, {rate} a second</span>}
      </p>
    </div>
  );
}
