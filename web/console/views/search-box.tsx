/** The one search box, on every page: people by whatever is known of them, calls by their ids. `/` leads there. */
import { useEffect, useRef } from "react";
import type { Route } from "../state/route.ts";
import { goTo, replaceWith } from "./navigation.tsx";

export function SearchBox({ route }: { readonly route: Route }) {
  const input = useRef<HTMLInputElement>(null);
  const q = route.page === "search" ? route.q : "";
  useEffect(() => {
    const lead = (event: KeyboardEvent): void => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || isTyping(event.target)) return;
      event.preventDefault();
      input.current?.focus();
    };
    window.addEventListener("keydown", lead);
    return () => window.removeEventListener("keydown", lead);
  }, []);
  // What was searched for stands in the address; what is typed is ahead of it.
  useEffect(() => {
    if (input.current && document.activeElement !== input.current) input.current.value = q;
  }, [q]);
  return (
    <search className="search-box">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const text = input.current?.value.trim() ?? "";
          if (text !== "" && route.page !== "search") goTo({ page: "search", q: text });
        }}
      >
        <label>
          <span className="visually-hidden">Search people and calls</span>
          <input
            ref={input}
            type="search"
            placeholder="People and calls"
            title="Any part of a name, user name, e-mail address, device, client id or call id"
            aria-keyshortcuts="/"
            autoComplete="off"
            spellCheck={false}
            defaultValue={q}
            onChange={({ target }) => {
              const text = target.value.trim();
              if (route.page === "search") replaceWith({ page: "search", q: text });
              else if (text !== "") goTo({ page: "search", q: text });
            }}
          />
        </label>
      </form>
    </search>
  );
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && /^(?:INPUT|SELECT|TEXTAREA)$/.test(target.tagName);
