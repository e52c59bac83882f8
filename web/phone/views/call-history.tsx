/** Past calls: who, when, how it ended, call back, and block. */
import { useEffect } from "react";
import { ringOf } from "../../look/ring.tsx";
import type { Home } from "../open-phone.ts";
import { isMissed } from "../state/history.ts";
import type { OwnCall } from "../../../packages/client/src/wire/own-call.ts";
import { durationOf, pastWords, saidOfProblem } from "../state/words.ts";
import { Avatar } from "./avatar.tsx";
import { CallButtons } from "./call-buttons.tsx";
import { Icon } from "./icon.tsx";
import { useStore } from "./use-store.tsx";
import "./list.css";
import "./call-history.css";

interface CallHistoryProps {
  readonly home: Home;
}

export function CallHistory({ home }: CallHistoryProps) {
  const { history, directory } = home;
  const { calls, status, problem, hasMore } = useStore(history);
  useStore(directory);
  useEffect(() => history.looked(), [history, calls]);
  return (
    <>
      <h1 className="page-title">Calls</h1>
      <ul className="rows">
        {calls.map((call) => (
          <CallRow key={call.callId} home={home} call={call} />
        ))}
      </ul>
      <div className="below" aria-live="polite">
        {status === "loading" && calls.length === 0 && <p className="quiet">Looking …</p>}
        {status === "ready" && calls.length === 0 && (
          <p className="quiet">No calls yet. Pick a person under People and call.</p>
        )}
      </div>
      {status === "failed" && problem && (
        <div className="notice wrong" role="alert">
          <p>{saidOfProblem(problem).title}</p>
          <button type="button" className="button" onClick={() => history.refresh()}>
            Try again
          </button>
        </div>
      )}
      {hasMore && (
        <button type="button" className="button more" onClick={() => history.more()}>
          Earlier calls
        </button>
      )}
    </>
  );
}

function CallRow({ home, call }: CallHistoryProps & { readonly call: OwnCall }) {
  const { directory, peace } = home;
  const { blocked } = useStore(peace);
  const name = directory.nameOf(call.otherClientId) ?? "Someone";
  const isBlocked = blocked.has(call.otherClientId);
  const ring = ringOf("ended", call.endReason ?? undefined);
  const spokeMs = call.answeredAtMs && call.endedAtMs ? call.endedAtMs - call.answeredAtMs : undefined;
  return (
    <li className="row past">
      <Avatar name={name} state={ring} size={44} />
      <details className="name">
        <summary>
          <span>{name}</span>
          <span className={isMissed(call) ? "outcome missed" : "outcome quiet"}>
            <Icon name={call.role === "caller" ? "out" : "in"} size={16} />
            {pastWords(call)}
            {spokeMs !== undefined && ` · ${durationOf(spokeMs)}`}
            {" · "}
            <time dateTime={new Date(call.createdAtMs).toISOString()}>{timeOf(call.createdAtMs)}</time>
          </span>
        </summary>
        <button
          type="button"
          className="button small"
          onClick={() => peace.block(call.otherClientId, !isBlocked)}
        >
          {isBlocked ? `Unblock ${name}` : `Block ${name}`}
        </button>
      </details>
      <CallButtons home={home} clientId={call.otherClientId} name={name} />
    </li>
  );
}

const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

/** Today's by the clock, older ones by the day. */
function timeOf(atMs: number): string {
  const at = new Date(atMs);
  return at.toDateString() === new Date().toDateString() ? time.format(at) : day.format(at);
}
