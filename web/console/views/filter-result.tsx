/** What a filter has found: what its first page has, or what it finds as it goes on further back. */
import { useMemo, useSyncExternalStore } from "react";
import type { CallsFacts } from "../state/facts.ts";
import { goOn, type GoneOn } from "../state/going-on.ts";
import { type CallsFilter, factsUrlOf } from "../state/route.ts";
import { count } from "../state/words.ts";
import { CallList } from "./call-list.tsx";
import { Moment } from "./moment.tsx";
import { Link } from "./navigation.tsx";
import { Empty } from "./page.tsx";
import { useWorld } from "./world.tsx";

interface NothingYetProps {
  readonly first: CallsFacts;
  readonly filter: CallsFilter;
}

/** The first page has nothing that fits. */
export function NothingYet({ first, filter }: NothingYetProps) {
  const { ask, now } = useWorld();
  const address = JSON.stringify(filter);
  // A live page is sent again and again: one that says the same goes on where it was.
  const going = useMemo(
    () => {
      const urlOf = (page: string): string =>
        factsUrlOf({ page: "calls", filter: { ...filter, next: page } }) ?? "";
      return goOn({ ask, urlOf }, first);
    },
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- only where it begins says what it finds
    [ask, address, first.nextPage],
  );
  const gone = useSyncExternalStore(going.subscribe, going.snapshot);
  const nowMs = now();
  return (
    <>
      <Standing gone={gone} nowMs={nowMs} stop={going.stop} filter={filter} />
      {gone.calls.length > 0 && <CallList calls={gone.calls} nowMs={nowMs} />}
    </>
  );
}

interface StandingProps {
  readonly gone: GoneOn;
  readonly nowMs: number;
  readonly stop: () => void;
  readonly filter: CallsFilter;
}

function Standing({ gone, nowMs, stop, filter }: StandingProps) {
  const { step, nextPage, problem } = gone;
  const all = <Link to={{ page: "calls", filter: {} }}>Show all calls</Link>;
  const further = nextPage !== undefined && (
    <Link to={{ page: "calls", filter: { ...filter, next: nextPage } }}>Look further back</Link>
  );
  switch (step) {
    case "at-the-end":
      return (
        <Empty title="No call fits">
          <p>
            Looked at <HowFar gone={gone} nowMs={nowMs} />, which is all there are.
          </p>
          {all}
        </Empty>
      );
    case "looking":
      return (
        <div className="notice">
          <output>
            Nothing yet: looked at <HowFar gone={gone} nowMs={nowMs} />, and going on.
          </output>
          <button type="button" className="button small" onClick={stop}>
            Stop
          </button>
        </div>
      );
    case "found":
    case "stopped":
      return (
        <div className="notice">
          <output>
            {step === "found" ? "Found" : "Nothing so far"}: looked at <HowFar gone={gone} nowMs={nowMs} />.
          </output>
          {further}
        </div>
      );
    case "refused":
      return (
        <div className="notice wrong" role="alert">
          <p>
            <strong>{problem?.title}</strong> Looked at <HowFar gone={gone} nowMs={nowMs} />.
          </p>
          {further}
        </div>
      );
  }
}

function HowFar({ gone: { lookedAt, lookedBackToMs }, nowMs }: Pick<StandingProps, "gone" | "nowMs">) {
  return (
    <>
      {count(lookedAt, "call", "calls")}
      {lookedBackToMs !== undefined && (
        <>
          {" "}
          back to <Moment atMs={lookedBackToMs} nowMs={nowMs} />
        </>
      )}
    </>
  );
}
