/** Stages: the pool, and which call holds which. */
import { type StageFacts, stagesSchema } from "../state/facts.ts";
import { factsUrlOf, type Route } from "../state/route.ts";
import { shortId } from "../state/words.ts";
import { Copyable } from "./copy.tsx";
import { Moment } from "./moment.tsx";
import { Link } from "./navigation.tsx";
import { Scroller } from "./scroller.tsx";
import { Empty, Page } from "./page.tsx";
import { useLive, useNow } from "./world.tsx";
import "./stages-page.css";

const STATES = ["leased", "resting", "free", "retiring"] as const;
const STATE_WORDS: Readonly<Record<(typeof STATES)[number], string>> = {
  leased: "In calls",
  resting: "Resting",
  free: "Free",
  retiring: "On their way out",
};

export function StagesPage({ route }: { readonly route: Route }) {
  const facts = useLive(factsUrlOf(route) ?? "", stagesSchema);
  return (
    <Page title="Stages" facts={facts}>
      {(view) => (
        <>
          <Pool pool={view} />
          <StageTable pool={view} />
        </>
      )}
    </Page>
  );
}

function Pool({ pool: { maxStages, counts } }: { readonly pool: StageFacts }) {
  const total = STATES.reduce((sum, state) => sum + counts[state], 0);
  const wide = Math.max(1, total);
  return (
    <section aria-labelledby="pool">
      <h2 id="pool" className="visually-hidden">
        The pool
      </h2>
      <p className="pool-words">
        <strong>{counts.free}</strong> free of <strong>{total}</strong>; the pool may grow to{" "}
        <strong>{maxStages}</strong>
      </p>
      <div className="pool-bar" aria-hidden="true">
        {STATES.map((state) =>
          counts[state] === 0 ? null : (
            <span key={state} className={`is-${state}`} style={{ "--part": counts[state] / wide }} />
          ),
        )}
      </div>
      <ul className="pool-key">
        {STATES.filter((state) => counts[state] > 0 || state !== "retiring").map((state) => (
          <li key={state}>
            <span className={`swatch is-${state}`} aria-hidden="true" />
            {STATE_WORDS[state]} <strong>{counts[state]}</strong>
          </li>
        ))}
      </ul>
    </section>
  );
}

function StageTable({ pool: { stages } }: { readonly pool: StageFacts }) {
  const nowMs = useNow(false);
  if (stages.length === 0) {
    return (
      <Empty title="No stage yet">
        The deployment makes the first ones, and the keeper of the pool looks every minute.
      </Empty>
    );
  }
  return (
    <section aria-labelledby="stages">
      <h2 id="stages">Each of them</h2>
      <Scroller label="Table of stages">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Stage</th>
              <th scope="col">State</th>
              <th scope="col">Call</th>
              <th scope="col">Rests until</th>
            </tr>
          </thead>
          <tbody>
            {stages.map(({ stageId, state, callId, restsUntilMs }) => (
              <tr key={stageId}>
                <td>
                  <Copyable text={stageId} what="stage id" />
                </td>
                <td>
                  <span className={`swatch is-${state}`} aria-hidden="true" /> {state}
                </td>
                <td>
                  {callId === undefined ? "–" : <Link to={{ page: "call", callId }}>{shortId(callId)}</Link>}
                </td>
                <td>{restsUntilMs === undefined ? "–" : <Moment atMs={restsUntilMs} nowMs={nowMs} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
    </section>
  );
}
