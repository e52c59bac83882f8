/** A day's calls as a file, for a spreadsheet: a day as this browser's time zone has it. */
import { useState } from "react";
import { dayOf } from "../state/day.ts";
import { useWorld } from "./world.tsx";

export function DayAsCsv() {
  const { now } = useWorld();
  const [day, choose] = useState(() => dayOf(now()).name);
  const { fromMs, toMs } = dayOf(new Date(`${day}T12:00:00`).getTime());
  return (
    <div className="field day-as-csv">
      <label htmlFor="csv-day">
        <span>A day as CSV</span>
      </label>
      <span className="together">
        <input
          id="csv-day"
          type="date"
          value={day}
          max={dayOf(now()).name}
          onChange={({ target }) => target.value !== "" && choose(target.value)}
        />
        <a
          className="button small"
          href={`/console/api/calls.csv?from=${fromMs}&to=${toMs}`}
          download={`calls-${day}.csv`}
        >
          Download
        </a>
      </span>
    </div>
  );
}
