/** A call: how it stands, the way it took, and all that happened to it. */
import { useMemo } from "react";
import { type CallFacts, callSchema, type Execution } from "../state/facts.ts";
import { pathOf } from "../state/path.ts";
import { factsUrlOf, type Route, urlOf } from "../state/route.ts";
import { timelineOf } from "../state/timeline.ts";
import { shortId } from "../state/words.ts";
import { CallHead } from "./call-head.tsx";
import { Copyable } from "./copy.tsx";
import { CostTable } from "./cost-table.tsx";
import { ExecutionLine } from "./execution-line.tsx";
import { LegTable } from "./leg-table.tsx";
import { MachineGraph } from "./machine-graph.tsx";
import { Link, replaceWith } from "./navigation.tsx";
import { Empty, Facts, Liveness, PageTitle } from "./page.tsx";
import { RawHistory } from "./raw-history.tsx";
import { TimelineList } from "./timeline-list.tsx";
import { useLive, useNow } from "./world.tsx";
import "./call-page.css";

type CallRoute = Extract<Route, { page: "call" }>;

export function CallPage({ route }: { readonly route: CallRoute }) {
  const facts = useLive(factsUrlOf(route) ?? "", callSchema);
  return (
    <>
      <header className="page-head call-crumbs">
        <Link to={{ page: "calls", filter: {} }}>Calls</Link>
        <span className="quiet">/</span>
        <Copyable text={route.callId} what="call id" />
        <Liveness facts={facts} />
      </header>
      {facts.view === undefined && <PageTitle>{`Call ${shortId(route.callId)}`}</PageTitle>}
      <Facts facts={facts}>{(view) => <Call route={route} facts={view} />}</Facts>
    </>
  );
}

interface CallProps {
  readonly route: CallRoute;
  readonly facts: CallFacts;
}

function Call({ route, facts }: CallProps) {
  const { call, executions, parties } = facts;
  const walks = useMemo(
    () => executions.map((execution) => ({ execution, ...pathOf(execution.history) })),
    [executions],
  );
  const timeline = useMemo(() => timelineOf(facts, walks), [facts, walks]);
  const goesOn = call ? call.status !== "ended" : executions.some(({ status }) => status === "RUNNING");
  const nowMs = useNow(goesOn);
  const walk = walks.find(({ execution }) => execution.name === route.execution) ?? walks[0];
  const at = (state: string | undefined): Route => ({ ...route, state: state ?? "" });
  return (
    <>
      <CallHead facts={facts} nowMs={nowMs} />
      <div className="call-body">
        <section aria-labelledby="way" className="call-way">
          <h2 id="way">The way it took</h2>
          {walk ? (
            <>
              <Executions executions={executions} shown={walk.execution} route={route} />
              <MachineGraph
                definition={walk.execution.definition}
                path={walk}
                startMs={timeline.startMs}
                nowMs={nowMs}
                talking={call?.status === "answered"}
                selected={route.state || undefined}
                hrefOf={(state) => urlOf(at(state))}
                select={(state) => replaceWith(at(state))}
              />
            </>
          ) : (
            <Empty title="No execution yet">
              The workflow of a call starts a moment after the call. If it does not, the sweeper starts it
              within two minutes.
            </Empty>
          )}
        </section>
        <TimelineList
          timeline={timeline}
          nowMs={nowMs}
          selected={route.state || undefined}
          hrefOf={(state) => urlOf(at(state))}
          select={(state) => replaceWith(at(state === route.state ? undefined : state))}
          hidden={new Set(route.hide?.split("."))}
          hide={(kinds) => replaceWith({ ...route, hide: [...kinds].filter(Boolean).join(".") })}
        />
      </div>
      {call && <LegTable call={call} parties={parties} nowMs={nowMs} />}
      <CostTable facts={facts} walks={walks} nowMs={nowMs} />
      {walk && <RawHistory execution={walk.execution} />}
    </>
  );
}

interface ExecutionsProps {
  readonly executions: readonly Execution[];
  readonly shown: Execution;
  readonly route: CallRoute;
}

/** Mostly one. A call that was repaired has more. */
function Executions({ executions, shown, route }: ExecutionsProps) {
  return (
    <ExecutionLine execution={shown}>
      {executions.length > 1 &&
        executions.map(({ name }) => (
          <Link key={name} to={{ ...route, execution: name }} current={name === shown.name}>
            {name === route.callId ? "first execution" : name.replace(`${route.callId}-`, "")}
          </Link>
        ))}
    </ExecutionLine>
  );
}
