/** What a call cost, as far as its history tells. */
import { costOfCall, dollars, type Walked } from "../state/cost.ts";
import type { CallFacts } from "../state/facts.ts";

interface CostTableProps {
  readonly facts: CallFacts;
  readonly walks: readonly Walked[];
  readonly nowMs: number;
}

export function CostTable({ facts, walks, nowMs }: CostTableProps) {
  const lines = costOfCall(facts, walks, nowMs);
  if (lines.length === 0) return null;
  const total = lines.reduce((sum, line) => sum + line.dollars, 0);
  return (
    <section aria-labelledby="cost">
      <h2 id="cost">What it cost: {dollars(total)}</h2>
      <table className="table cost">
        <tbody>
          {lines.map(({ what, amount, unit, dollars: cost }) => (
            <tr key={what}>
              <th scope="row">{what}</th>
              <td className="number">
                {Number(amount.toFixed(2))} {unit}
              </td>
              <td className="number">{dollars(cost)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="quiet note">
        List prices of us-east-1, nothing free. Functions are counted with 0.5 GB. The table, the HTTP API,
        AppSync and logs are not in it: no history tells them.
      </p>
    </section>
  );
}
