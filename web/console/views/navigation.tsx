/** The address bar as a store, and links that change it without loading the page again. */
import { type MouseEvent, type ReactNode, useSyncExternalStore } from "react";
import { type Route, routeOf, urlOf } from "../state/route.ts";

const changed = new Set<() => void>();
const tell = (): void => {
  for (const listener of changed) listener();
};
window.addEventListener("popstate", tell);

function subscribe(listener: () => void): () => void {
  changed.add(listener);
  return () => void changed.delete(listener);
}

const address = (): string => `${location.pathname}${location.search}`;

export function useRoute(): Route {
  const [path = "", query = ""] = useSyncExternalStore(subscribe, address).split(/\?(.*)/s);
  return routeOf(path, query);
}

export function goTo(route: Route): void {
  history.pushState(null, "", urlOf(route));
  tell();
}

/** What is typed into a filter is not worth a step back each. */
export function replaceWith(route: Route): void {
  history.replaceState(null, "", urlOf(route));
  tell();
}

interface LinkProps {
  readonly to: Route;
  readonly className?: string;
  readonly current?: boolean;
  readonly children: ReactNode;
}

export function Link({ to, className, current, children }: LinkProps) {
  const follow = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    goTo(to);
    window.scrollTo(0, 0);
  };
  return (
    <a href={urlOf(to)} className={className} onClick={follow} aria-current={current ? "page" : undefined}>
      {children}
    </a>
  );
}
