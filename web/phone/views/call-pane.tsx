/** The call, whatever its state. Screen readers hear what changes. */
import { useEffect, useRef } from "react";
import type { Home } from "../open-phone.ts";
import type { Shown as Screen } from "../state/phone.ts";
import { headlineOf } from "../state/words.ts";
import type { CallViewProps } from "./call-view.ts";
import { EndedView } from "./ended-view.tsx";
import { IdleView } from "./idle-view.tsx";
import { InCallView } from "./in-call-view.tsx";
import { RingingView } from "./ringing-view.tsx";
import { useLanguage } from "./use-language.tsx";
import { useOthers } from "./use-names.tsx";
import { WaitingView } from "./waiting-view.tsx";
import "./call-pane.css";

interface CallPaneProps {
  readonly home: Home;
  readonly screen: Screen;
  /** The list of calls is beside it. */
  readonly besideCalls: boolean;
}

export function CallPane({ home, screen, besideCalls }: CallPaneProps) {
  const { t } = useLanguage();
  const others = useOthers(home, screen);
  const headline = screen.kind === "idle" ? undefined : headlineOf(t, screen, others);
  const pane = useRef<HTMLElement>(null);
  useEffect(() => {
    document.title = headline ?? t.app.name;
  }, [headline, t]);
  // After a pressed button is gone, keyboard focus goes on from the call, not from the top of the page.
  useEffect(() => {
    if (screen.kind !== "idle") pane.current?.focus({ preventScroll: true });
  }, [screen.kind]);
  return (
    <section
      ref={pane}
      className="call-pane"
      aria-label={t.call.region}
      tabIndex={-1}
      data-screen={screen.kind}
    >
      <p className="visually-hidden" role="alert">
        {headline}
      </p>
      {screen.kind === "idle" ? (
        <IdleView home={home} hasLastCalls={!besideCalls} />
      ) : (
        <ViewOf home={home} screen={screen} others={others} />
      )}
    </section>
  );
}

function ViewOf({ home, screen, others }: CallViewProps<Exclude<Screen, { kind: "idle" }>>) {
  switch (screen.kind) {
    case "ringing":
      return <RingingView home={home} screen={screen} others={others} />;
    case "dialling":
    case "calling":
    case "connecting":
      return <WaitingView home={home} screen={screen} others={others} />;
    case "in-call":
    case "reconnecting":
      return <InCallView home={home} screen={screen} others={others} />;
    case "ended":
      return <EndedView home={home} screen={screen} others={others} />;
  }
}
