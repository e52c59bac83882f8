/** The call, whatever its state. Screen readers hear what changes. */
import { useEffect, useRef } from "react";
import { Ring } from "../../look/ring.tsx";
import type { Home } from "../open-phone.ts";
import type { Shown as Screen } from "../state/phone.ts";
import { headlineOf } from "../state/words.ts";
import type { CallViewProps } from "./call-view.ts";
import { EndedView } from "./ended-view.tsx";
import { InCallView } from "./in-call-view.tsx";
import { RingingView } from "./ringing-view.tsx";
import { useStore } from "./use-store.tsx";
import { WaitingView } from "./waiting-view.tsx";
import "./call-pane.css";

interface CallPaneProps {
  readonly home: Home;
  readonly screen: Screen;
}

export function CallPane({ home, screen }: CallPaneProps) {
  useStore(home.directory);
  const name = nameIn(home, screen);
  const pane = useRef<HTMLElement>(null);
  useEffect(() => {
    document.title = screen.kind === "idle" ? "Ringmaster" : headlineOf(screen, name);
  }, [screen, name]);
  // After a pressed button is gone, keyboard focus goes on from the call, not from the top of the page.
  useEffect(() => {
    if (screen.kind !== "idle") pane.current?.focus({ preventScroll: true });
  }, [screen.kind]);
  return (
    <section ref={pane} className="call-pane" aria-label="Call" tabIndex={-1} data-screen={screen.kind}>
      <p className="visually-hidden" role="alert">
        {screen.kind === "idle" ? "" : headlineOf(screen, name)}
      </p>
      <ViewOf home={home} screen={screen} name={name} />
    </section>
  );
}

/** The directory's name, else the push's. */
function nameIn({ directory }: Home, screen: Screen): string {
  if (screen.kind === "idle") return "";
  const other = "talk" in screen ? screen.talk.other : screen.other;
  return directory.nameOf(other.clientId) ?? other.name ?? "Someone";
}

function ViewOf({ home, screen, name }: CallViewProps) {
  switch (screen.kind) {
    case "idle":
      return <Idle />;
    case "ringing":
      return <RingingView home={home} screen={screen} name={name} />;
    case "dialling":
    case "calling":
    case "connecting":
      return <WaitingView home={home} screen={screen} name={name} />;
    case "in-call":
    case "reconnecting":
      return <InCallView home={home} screen={screen} name={name} />;
    case "ended":
      return <EndedView home={home} screen={screen} name={name} />;
  }
}

function Idle() {
  return (
    <div className="face idle">
      <Ring state="idle" size={220} />
      <p>Pick a person to call. Calls to you ring here while this page is open.</p>
    </div>
  );
}
