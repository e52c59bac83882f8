/** Calls by the hour in which they began, answered and not: bars, and the same as a table for screen readers. */
import { exact } from "../state/durations.ts";
import type { OverviewFacts } from "../state/overview-facts.ts";

type Hour = OverviewFacts["hours"][number];

/** Of an hour in the drawing, which is stretched to the width of the page. */
const SLOT = 10;
const BAR = 7;
const HEIGHT = 100;
/** A day that has just begun has wide hours, not one that fills the page. */
const FEWEST_SLOTS = 8;
const MOST_LABELS = 6;

const hourOf = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

export function HoursChart({ hours }: { readonly hours: readonly Hour[] }) {
  const most = Math.max(1, ...hours.map(({ answered, unanswered }) => answered + unanswered));
  const slots = Math.max(hours.length, FEWEST_SLOTS);
  const every = Math.ceil(slots / MOST_LABELS);
  return (
    <figure className="hours">
      <figcaption>
        <span className="swatch is-answered" aria-hidden="true" /> answered
        <span className="swatch is-unanswered" aria-hidden="true" /> not
        <span className="hours-most">{most} in an hour at most</span>
      </figcaption>
      <svg viewBox={`0 0 ${slots * SLOT} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {hours.map((hour, index) => (
          <Bars key={hour.fromMs} hour={hour} x={index * SLOT} scale={HEIGHT / most} />
        ))}
      </svg>
      <div className="hours-axis" style={{ "--slots": slots }} aria-hidden="true">
        {hours.map(({ fromMs }, index) => (
          <span key={fromMs}>{index % every === 0 ? hourOf.format(fromMs) : ""}</span>
        ))}
      </div>
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

interface BarsProps {
  readonly hour: Hour;
  readonly x: number;
  /** Of one call. */
  readonly scale: number;
}

function Bars({ hour: { fromMs, answered, unanswered }, x, scale }: BarsProps) {
  const all = (answered + unanswered) * scale;
  return (
    <g>
      <title>{`${hourOf.format(fromMs)}: ${answered} answered, ${unanswered} not`}</title>
      <rect
        x={x}
        width={BAR}
        y={HEIGHT - answered * scale}
        height={answered * scale}
        className="is-answered"
      />
      <rect x={x} width={BAR} y={HEIGHT - all} height={unanswered * scale} className="is-unanswered" />
    </g>
  );
}
