/** A clean-up: how far it is, what failed, and the way its workflow took. */
import { useMemo } from "react";
import { Ring } from "../../look/ring.tsx";
import { spell } from "../state/durations.ts";
import { type OperationFacts, operationSchema } from "../state/facts.ts";
import { pathOf } from "../state/path.ts";
import { byReason } from "../state/progress.ts";
import { factsUrlOf, type Route, urlOf } from "../state/route.ts";
import { failureWord, originWord, shortId } from "../state/words.ts";
import { ExecutionLine } from "./execution-line.tsx";
import { MachineGraph } from "./machine-graph.tsx";
import { Moment } from "./moment.tsx";
import { Link, replaceWith } from "./navigation.tsx";
import { operationWords, Progress, ringOfOperation } from "./operation-counts.tsx";
import { Page } from "./page.tsx";
import { RawHistory } from "./raw-history.tsx";
import { useLive, useNow } from "./world.tsx";
import "./call-page.css";

type CleanUpRoute = Extract<Route, { page: "clean-up" }>;

export function CleanUpPage({ route }: { readonly route: CleanUpRoute }) {
  const facts = useLive(factsUrlOf(route) ?? "", operationSchema);
  return (
    <Page title={`Clean-up ${shortId(route.operationId)}`} facts={facts}>
      {(operation) => <CleanUp route={route} operation={operation} />}
    </Page>
  );
}

interface CleanUpProps {
  readonly route: CleanUpRoute;
  readonly operation: OperationFacts;
}

function CleanUp({ route, operation }: CleanUpProps) {
  const { execution, status, startedAtMs, endedAtMs, batches, origin } = operation;
  const nowMs = useNow(status === "running");
  const path = useMemo(() => pathOf(execution.history), [execution]);
  const at = (state: string | undefined): Route => ({ ...route, state: state ?? "" });
  return (
    <>
      <div className="call-head">
        <Ring state={ringOfOperation(status)} size={72} />
        <div className="call-title">
          <strong>{operationWords(operation)}</strong>
          <Progress operation={operation} nowMs={nowMs} />
        </div>
        <dl className="facts">
          <div>
            <dt>Started</dt>
            <dd>
              <Moment atMs={startedAtMs} nowMs={nowMs} />
            </dd>
          </div>
          <div>
            <dt>Took</dt>
            <dd>{spell((endedAtMs ?? nowMs) - startedAtMs)}</dd>
          </div>
          <div>
            <dt>Origin</dt>
            <dd>{originWord(origin)}</dd>
          </div>
          {batches && (
            <div>
              <dt>Batches</dt>
              <dd>
                {batches.succeeded} of {batches.total}
                {batches.running > 0 && `, ${batches.running} running`}
                {batches.failed > 0 && `, ${batches.failed} failed`}
              </dd>
            </div>
          )}
        </dl>
      </div>
      <Failures operation={operation} />
      <section aria-labelledby="way">
        <h2 id="way">The way it took</h2>
        <ExecutionLine execution={execution} />
        <MachineGraph
          definition={execution.definition}
          path={path}
          startMs={execution.startedAtMs}
          nowMs={nowMs}
          selected={route.state || undefined}
          hrefOf={(state) => urlOf(at(state))}
          select={(state) => replaceWith(at(state))}
        />
      </section>
      <RawHistory execution={execution} />
    </>
  );
}

function Failures({ operation: { failures, counts } }: { readonly operation: OperationFacts }) {
  if (counts.failed === 0) return null;
  return (
    <section aria-labelledby="failures" className="failures">
      <h2 id="failures">What failed</h2>
      {byReason(failures).map(({ reason, count, clientIds }) => (
        <details key={reason}>
          <summary>
            <strong>{count}</strong> {failureWord(reason)}
          </summary>
          <ul>
            {clientIds.map((clientId) => (
              <li key={clientId}>
                <Link to={{ page: "client", clientId }}>
                  <code>{clientId}</code>
                </Link>
              </li>
            ))}
            {count > clientIds.length && <li className="quiet">and {count - clientIds.length} more</li>}
          </ul>
        </details>
      ))}
    </section>
  );
}
