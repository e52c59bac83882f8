/** The numbers at the top of the overview. */
import type { ReactNode } from "react";
import { dollars } from "../state/cost.ts";
import { spell } from "../state/durations.ts";
import { costOfDay, type OverviewFacts, partOf } from "../state/overview-facts.ts";

export function Numbers({ day }: { readonly day: OverviewFacts }) {
  const { living, mostLiving, ended, answered, toRingMs, rang, pushes, failures, byReason } = day;
  const cost = costOfDay(day);
  const refused = failures.reduce((sum, { devices }) => sum + devices, 0);
  const failed = byReason.find(({ reason }) => reason === "failed")?.calls ?? 0;
  return (
    <dl className="numbers">
      <Figure name="Calls now" note={living > 0 ? "ringing or talking" : "none"}>
        {living}
        {living >= mostLiving && " or more"}
      </Figure>
      <Figure name="Calls that ended" note={`${failed} failed`}>
        {ended.toLocaleString("en-GB")}
      </Figure>
      <Figure name="Answered" note={`${answered.toLocaleString("en-GB")} calls`}>
        {partOf(answered, ended)}
      </Figure>
      <Figure
        name="Time to ring"
        note={
          toRingMs
            ? `p99 ${spell(toRingMs.p99)}, of ${rang.toLocaleString("en-GB")} that rang`
            : "none rang yet"
        }
      >
        {toRingMs && <>{spell(toRingMs.p50)}</>}
      </Figure>
      <Figure name="Pushes refused" note={`of ${pushes.toLocaleString("en-GB")}`}>
        {refused}
      </Figure>
      <Figure
        name="Cost, about"
        note={`media ${dollars(cents(cost.media))}, the rest ${dollars(cents(cost.orchestration))}`}
      >
        {dollars(cents(cost.media + cost.orchestration))}
      </Figure>
    </dl>
  );
}

/** What is an estimate has two digits that count. */
const cents = (amount: number): number => Number(amount.toPrecision(2));

interface FigureProps {
  readonly name: string;
  readonly note: string;
  readonly children: ReactNode;
}

function Figure({ name, note, children }: FigureProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <span className="figure">{children ?? "–"}</span>
        <span className="quiet">{note}</span>
      </dd>
    </div>
  );
}
