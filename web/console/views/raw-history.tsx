/** The history of an execution as Step Functions has it. */
import { sinceStart } from "../state/durations.ts";
import type { Execution } from "../state/facts.ts";
import { Copyable, CopyButton } from "./copy.tsx";

export function RawHistory({ execution }: { readonly execution: Execution }) {
  const { history, startedAtMs, executionArn } = execution;
  return (
    <section aria-labelledby="history">
      <details className="raw">
        <summary>
          <h2 id="history">Raw history</h2>
          <span className="quiet">{history.length} events</span>
        </summary>
        <div className="raw-head">
          <Copyable text={executionArn} what="execution’s ARN" />
          <CopyButton value={execution} what="JSON" />
        </div>
        <ol>
          {history.map((event) => (
            <li key={event.id}>
              <details>
                <summary>
                  <span className="mono quiet">{event.id}</span>
                  <span className="mono quiet">{sinceStart(event.atMs - startedAtMs)}</span>
                  <span>{event.type}</span>
                  <span className="quiet">{nameIn(event.details)}</span>
                </summary>
                <Json value={event} />
              </details>
            </li>
          ))}
        </ol>
      </details>
    </section>
  );
}

const nameIn = (details: Readonly<Record<string, unknown>> | undefined): string => {
  const name = details?.["name"] ?? details?.["error"] ?? details?.["resource"];
  return typeof name === "string" ? name : "";
};

export function Json({ value }: { readonly value: unknown }) {
  return (
    <pre className="json" tabIndex={-1}>
      {JSON.stringify(value, undefined, 2)}
    </pre>
  );
}
