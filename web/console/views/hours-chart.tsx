/** Calls by the hour in which they began, answered and not: bars, and the same as a table for who does not see them. */
import { exact } from "../state/durations.ts";
import type { OverviewFacts } from "../state/overview-facts.ts";

type Hour = OverviewFacts["hours"][number];

const WIDTH = 720;
const HEIGHT = 180;
const FLOOR = HEIGHT - 22;
const GAP = 0.25;

const hourOf = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

export function HoursChart({ hours }: { readonly hours: readonly Hour[] }) {
  const most = Math.max(1, ...hours.map(({ answered, unanswered }) => answered + unanswered));
  const slot = WIDTH / Math.max(hours.length, 6);
  const every = Math.ceil(hours.length / 8);
  const heightOf = (calls: number): number => (calls / most) * (FLOOR - 16);
  return (
    <figure className="hours">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
        <line x1="0" x2={WIDTH} y1={FLOOR} y2={FLOOR} className="hours-floor" />
        <text x={WIDTH} y="10" textAnchor="end">
          {most} an hour at most
        </text>
        {hours.map(({ fromMs, answered, unanswered }, index) => {
          const x = index * slot + (slot * GAP) / 2;
          const width = slot * (1 - GAP);
          return (
            <g key={fromMs}>
              <title>{`${hourOf.format(fromMs)}: ${answered} answered, ${unanswered} not`}</title>
              <rect
                x={x}
                width={width}
                y={FLOOR - heightOf(answered)}
                height={heightOf(answered)}
                className="is-answered"
              />
              <rect
                x={x}
                width={width}
                y={FLOOR - heightOf(answered + unanswered)}
                height={heightOf(unanswered)}
                className="is-unanswered"
              />
              {index % every === 0 && (
                <text x={x} y={HEIGHT - 5}>
                  {hourOf.format(fromMs)}
                </text>
              )}
            </g>
          );
        })}
      </svg>
      <figcaption>
        <span className="swatch is-answered" aria-hidden="true" /> answered{" "}
        <span className="swatch is-unanswered" aria-hidden="true" /> not
      </figcaption>
      <table className="visually-hidden">
        <caption>Calls by the hour in which they began</caption>
        <thead>
          <tr>
            <th scope="col">Hour</th>
            <th scope="col">Answered</th>
            <th scope="col">Not answered</th>
          </tr>
        </thead>
        <tbody>
          {hours.map(({ fromMs, answered, unanswered }) => (
            <tr key={fromMs}>
              <th scope="row">
                <time dateTime={exact(fromMs)}>{hourOf.format(fromMs)}</time>
              </th>
              <td>{answered}</td>
              <td>{unanswered}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}
