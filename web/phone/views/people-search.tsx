/** The field that finds people, and what is said when there are none. */
import type { ReactNode } from "react";
import type { Home } from "../open-phone.ts";
import { saidOfProblem } from "../state/words.ts";
import { Icon } from "./icon.tsx";
import { useLanguage } from "./use-language.tsx";
import { useStore } from "./use-store.tsx";
import "./list.css";

interface PeopleSearchProps {
  readonly home: Pick<Home, "directory">;
  /** The list of those who were found. */
  readonly children: ReactNode;
}

export function PeopleSearch({ home: { directory }, children }: PeopleSearchProps) {
  const { t } = useLanguage();
  const { typed, people, status, problem, hasMore } = useStore(directory);
  return (
    <>
      <label className="search">
        <span className="visually-hidden">{t.people.find}</span>
        <Icon name="search" />
        <input
          type="search"
          placeholder={t.people.placeholder}
          value={typed}
          autoComplete="off"
          onChange={({ target }) => directory.type(target.value)}
        />
      </label>
      {children}
      <div className="below" aria-live="polite">
        {status === "loading" && people.length === 0 && <p className="quiet">{t.people.looking}</p>}
        {status === "ready" && people.length === 0 && (
          <p className="quiet">{typed ? t.people.noMatch(typed) : t.people.none}</p>
        )}
      </div>
      {status === "failed" && problem && (
        <div className="notice wrong" role="alert">
          <p>{saidOfProblem(t, problem).title}</p>
          <button type="button" className="button" onClick={() => directory.again()}>
            {t.app.tryAgain}
          </button>
        </div>
      )}
      {hasMore && (
        <button type="button" className="button more" onClick={() => directory.more()}>
          {t.people.more}
        </button>
      )}
    </>
  );
}
