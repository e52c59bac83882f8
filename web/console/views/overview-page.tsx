/** Overview: today in numbers. What is counted leads to what it counts. */
import type { ReactNode } from "react";
import { dayOf } from "../state/day.ts";
import { type OverviewFacts, overviewSchema } from "../state/overview-facts.ts";
import { factsUrlOf, type Route } from "../state/route.ts";
import { networkOf } from "../state/told-phones.ts";
import { reasonWord } from "../state/words.ts";
import { HoursChart } from "./hours-chart.tsx";
import { Moment } from "./moment.tsx";
import { Link } from "./navigation.tsx";
import { Numbers } from "./overview-numbers.tsx";
import { Page } from "./page.tsx";
import { useLive, useWorld } from "./world.tsx";
import "./overview-page.css";
import "./stages-page.css";

export function OverviewPage({ route }: { readonly route: Route }) {
  const { now } = useWorld();
  const { fromMs } = dayOf(now());
  const facts = useLive(`${factsUrlOf(route)}?from=${fromMs}`, overviewSchema);
  return (
    <Page title="Today" facts={facts}>
      {(day) => <Day day={day} nowMs={now()} />}
    </Page>
  );
}

interface DayProps {
  readonly day: OverviewFacts;
  readonly nowMs: number;
}

function Day({ day, nowMs }: DayProps) {
  const { fromMs, untilMs, isWhole, hours, byReason, ended, failures, pushes, pool } = day;
  const today = { from: String(fromMs) };
  return (
    <>
      <p className="quiet note">
        Since <Moment atMs={fromMs} nowMs={nowMs} />, from the log of events.
      </p>
      {!isWhole && (
        <output className="notice">
          <span>
            Counted as far as <Moment atMs={untilMs} nowMs={nowMs} />; counting on.
          </span>
        </output>
      )}
      <Numbers day={day} />
      <section aria-labelledby="by-hour">
        <h2 id="by-hour">By the hour</h2>
        <HoursChart hours={hours} />
      </section>
      <div className="overview-columns">
        <section aria-labelledby="by-reason">
          <h2 id="by-reason">How calls ended</h2>
          {byReason.length === 0 && <p className="quiet">None has ended yet.</p>}
          <Bars>
            {byReason.map(({ reason, calls }) => (
              <Bar key={reason} amount={calls} most={ended} wrong={reason === "failed"}>
                <Link to={{ page: "calls", filter: { ...today, reason } }}>{reasonWord(reason)}</Link>
              </Bar>
            ))}
          </Bars>
        </section>
        <section aria-labelledby="refused">
          <h2 id="refused">Pushes that were refused</h2>
          {failures.length === 0 ? (
            <p className="quiet">{pushes === 0 ? "Nothing was pushed yet." : "None: all were accepted."}</p>
          ) : (
            <Bars>
              {failures.map(({ channel, outcome, reason, devices }) => (
                <Bar key={`${channel} ${outcome} ${reason}`} amount={devices} most={pushes} wrong>
                  <strong>{networkOf(channel)}</strong> {reason ?? outcome.replaceAll("_", " ")}{" "}
                  <span className="quiet">
                    {channel}, {outcome.replaceAll("_", " ")}
                  </span>
                </Bar>
              ))}
            </Bars>
          )}
        </section>
      </div>
      <section aria-labelledby="the-pool">
        <h2 id="the-pool">
          <Link to={{ page: "stages" }}>The pool of stages</Link>
        </h2>
        <Pool pool={pool} />
      </section>
    </>
  );
}

const Bars = ({ children }: { readonly children: ReactNode }) => <ul className="bars">{children}</ul>;

interface BarProps {
  readonly amount: number;
  readonly most: number;
  readonly wrong?: boolean;
  readonly children: ReactNode;
}

function Bar({ amount, most, wrong = false, children }: BarProps) {
  return (
    <li>
      <span className="bar-what">{children}</span>
      <span className="bar-amount">{amount.toLocaleString("en-GB")}</span>
      <span
        className={`bar ${wrong ? "is-wrong" : ""}`}
        style={{ "--part": most === 0 ? 0 : amount / most }}
        aria-hidden="true"
      />
    </li>
  );
}

const STATES = ["leased", "resting", "free", "retiring"] as const;
const STATE_WORDS = {
  leased: "in calls",
  resting: "resting",
  free: "free",
  retiring: "on their way out",
} as const;

function Pool({ pool: { maxStages, counts } }: Pick<OverviewFacts, "pool">) {
  const total = STATES.reduce((sum, state) => sum + counts[state], 0);
  return (
    <>
      <div className="pool-bar" aria-hidden="true">
        {STATES.map((state) =>
          counts[state] === 0 ? null : (
            <span
              key={state}
              className={`is-${state}`}
              style={{ "--part": counts[state] / Math.max(1, total) }}
            />
          ),
        )}
      </div>
      <ul className="pool-key">
        {STATES.filter((state) => counts[state] > 0 || state === "free").map((state) => (
          <li key={state}>
            <span className={`swatch is-${state}`} aria-hidden="true" />
            {counts[state]} {STATE_WORDS[state]}
          </li>
        ))}
        <li className="quiet">may grow to {maxStages}</li>
      </ul>
    </>
  );
}
