/** The frame of each page: its title, whether it is live, and what to say while there is nothing to show. */
import { type ReactNode, useEffect, useRef } from "react";
import { Ring } from "../../look/ring.tsx";
import type { Problem } from "../state/live.ts";
import type { Watched } from "./world.tsx";
import "./page.css";

interface PageProps<View> {
  readonly title: string;
  /** Above the facts, whatever becomes of them: filters. */
  readonly before?: ReactNode;
  readonly facts: Watched<View>;
  /** The focus stays where it is: in a field that is typed into. */
  readonly quietly?: boolean;
  readonly children: (view: View) => ReactNode;
}

export function Page<View>({ title, before, facts, quietly = false, children }: PageProps<View>) {
  return (
    <>
      <header className="page-head">
        <PageTitle quietly={quietly}>{title}</PageTitle>
        <Liveness facts={facts} />
      </header>
      {before}
      <Facts facts={facts}>{children}</Facts>
    </>
  );
}

interface PageTitleProps {
  readonly children: string;
  readonly quietly?: boolean;
}

/** Tells screen readers which page a link has opened. */
export function PageTitle({ children, quietly = false }: PageTitleProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${children} · Ringmaster console`;
  }, [children]);
  useEffect(() => {
    if (!quietly) heading.current?.focus({ preventScroll: true });
  }, [quietly]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}

export function Liveness({ facts: { connection, problem } }: { readonly facts: Watched<unknown> }) {
  const [state, words] =
    connection === "open" && !problem
      ? (["answered", "Live"] as const)
      : connection === "connecting"
        ? (["calling", "Connecting"] as const)
        : (["broken", "Not live"] as const);
  return (
    <output className="liveness">
      <Ring state={state} size={16} />
      {words}
    </output>
  );
}

interface FactsProps<View> {
  readonly facts: Watched<View>;
  readonly children: (view: View) => ReactNode;
}

export function Facts<View>({ facts, children }: FactsProps<View>) {
  const { view, problem, connection, again } = facts;
  return (
    <>
      {problem && <ProblemNotice problem={problem} again={again} stale={view !== undefined} />}
      {!problem && connection === "lost" && (
        <p className="notice wrong" role="alert">
          The connection to the console&rsquo;s server is lost. This page goes on trying
          {view !== undefined && "; what it shows may be old"}.
        </p>
      )}
      {view !== undefined && children(view)}
      {view === undefined && !problem && (
        <div className="waiting">
          <Ring state="calling" size={56} />
          <p className="quiet">Reading the stack</p>
        </div>
      )}
    </>
  );
}

interface ProblemProps {
  readonly problem: Problem;
  readonly again: () => void;
  readonly stale: boolean;
}

function ProblemNotice({ problem: { title, detail }, again, stale }: ProblemProps) {
  return (
    <div className="notice wrong" role="alert">
      <p>
        <strong>{title}</strong>
        {detail && <> — {detail}</>}
        {stale && " What is shown below may be old."}
      </p>
      <button type="button" className="button small" onClick={again}>
        Try again
      </button>
    </div>
  );
}

interface EmptyProps {
  readonly title: string;
  readonly children?: ReactNode;
}

export function Empty({ title, children }: EmptyProps) {
  return (
    <div className="empty">
      <Ring state="idle" size={56} />
      <p className="empty-title">{title}</p>
      {children && <div className="quiet">{children}</div>}
    </div>
  );
}
