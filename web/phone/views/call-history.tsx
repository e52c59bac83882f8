/** Past calls: who, when, how it ended, call back, and block. */
import { useEffect } from "react";
import { ringOf } from "../../look/ring.tsx";
import type { Home } from "../open-phone.ts";
import { isMissed } from "../state/history.ts";
import type { OwnCall } from "../../../packages/client/src/wire/own-call.ts";
import { pastWords, saidOfProblem } from "../state/words.ts";
import { Avatar } from "./avatar.tsx";
import { BlockButton } from "./block-button.tsx";
import { CallButtons } from "./call-buttons.tsx";
import { Icon } from "./icon.tsx";
import { useLanguage } from "./use-language.tsx";
import { useNames } from "./use-names.tsx";
import { useStore } from "./use-store.tsx";
import "./list.css";
import "./call-history.css";

interface CallHistoryProps {
  readonly home: Home;
}

export function CallHistory({ home }: CallHistoryProps) {
  const { history } = home;
  const { t } = useLanguage();
  const { calls, status, problem, hasMore } = useStore(history);
  useEffect(() => history.looked(), [history, calls]);
  return (
    <>
      <h1 className="page-title">{t.home.calls}</h1>
      <CallRows home={home} calls={calls} />
      <div className="below" aria-live="polite">
        {status === "loading" && calls.length === 0 && <p className="quiet">{t.people.looking}</p>}
        {status === "ready" && calls.length === 0 && <p className="quiet">{t.history.none}</p>}
      </div>
      {status === "failed" && problem && (
        <div className="notice wrong" role="alert">
          <p>{saidOfProblem(t, problem).title}</p>
          <button type="button" className="button" onClick={() => history.refresh()}>
            {t.app.tryAgain}
          </button>
        </div>
      )}
      {hasMore && (
        <button type="button" className="button more" onClick={() => history.more()}>
          {t.history.earlier}
        </button>
      )}
    </>
  );
}

export function CallRows({ home, calls }: CallHistoryProps & { readonly calls: readonly OwnCall[] }) {
  return (
    <ul className="rows">
      {calls.map((call) => (
        <CallRow key={call.callId} home={home} call={call} />
      ))}
    </ul>
  );
}

function CallRow({ home, call }: CallHistoryProps & { readonly call: OwnCall }) {
  const { t } = useLanguage();
  const { otherClientId } = call;
  const name = useNames(home)(otherClientId);
  return (
    <li className="row past">
      <Avatar name={name} state={ringOf("ended", call.endReason ?? undefined)} size={44} />
      <details className="name">
        <summary title={t.people.options(name)}>
          <span>{name}</span>
          <Outcome call={call} nowMs={home.clock.now()} />
        </summary>
        <BlockButton home={home} clientId={otherClientId} name={name} />
      </details>
      <CallButtons home={home} clientId={otherClientId} name={name} />
    </li>
  );
}

function Outcome({ call, nowMs }: { readonly call: OwnCall; readonly nowMs: number }) {
  const { t, formats } = useLanguage();
  const { answeredAtMs, endedAtMs, createdAtMs } = call;
  const spokeMs = answeredAtMs && endedAtMs ? endedAtMs - answeredAtMs : undefined;
  return (
    <span className={isMissed(call) ? "outcome missed" : "outcome quiet"}>
      <Icon name={call.role === "caller" ? "out" : "in"} size={16} />
      <span>{pastWords(t, call)}</span>
      {spokeMs !== undefined && <span>{formats.duration(spokeMs)}</span>}
      <time dateTime={new Date(createdAtMs).toISOString()}>{formats.timeOrDay(createdAtMs, nowMs)}</time>
    </span>
  );
}
