/** Clean-ups: deletions of clients, the latest first. */
import { Ring } from "../../look/ring.tsx";
import { spell } from "../state/durations.ts";
import { type OperationRow, operationsSchema } from "../state/facts.ts";
import { factsUrlOf, type Route } from "../state/route.ts";
import { originWord, shortId } from "../state/words.ts";
import { Moment } from "./moment.tsx";
import { Link } from "./navigation.tsx";
import { operationWords, Progress, ringOfOperation } from "./operation-counts.tsx";
import { Empty, Page } from "./page.tsx";
import { useLive, useNow } from "./world.tsx";

export function CleanUpsPage({ route }: { readonly route: Route }) {
  const facts = useLive(factsUrlOf(route) ?? "", operationsSchema);
  return (
    <Page title="Clean-ups" facts={facts}>
      {({ operations }) =>
        operations.length === 0 ? (
          <Empty title="No clean-up yet">
            One starts each night, or when an app sends <code>deleteClientIds</code>.
          </Empty>
        ) : (
          <ul className="operation-list">
            {operations.map((operation) => (
              <Row key={operation.operationId} operation={operation} />
            ))}
          </ul>
        )
      }
    </Page>
  );
}

function Row({ operation }: { readonly operation: OperationRow }) {
  const { operationId, status, startedAtMs, endedAtMs, origin } = operation;
  const nowMs = useNow(status === "running");
  return (
    <li>
      <Link to={{ page: "clean-up", operationId }} className="operation-row">
        <Ring state={ringOfOperation(status)} size={28} />
        <span className="what">
          <strong>{operationWords(operation)}</strong>
          <span className="quiet">
            <Moment atMs={startedAtMs} nowMs={nowMs} />, {originWord(origin)},{" "}
            {spell((endedAtMs ?? nowMs) - startedAtMs)}, <code>{shortId(operationId)}</code>
          </span>
        </span>
        <Progress operation={operation} nowMs={nowMs} />
      </Link>
    </li>
  );
}
