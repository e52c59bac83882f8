/** Which page of the console is open: each has an address. */

export type Route =
  | { readonly page: "calls"; readonly filter: CallsFilter }
  | {
      readonly page: "call";
      readonly callId: string;
      readonly state?: string;
      readonly execution?: string;
      /** Kinds of the timeline that are not shown, with a dot between them. */
      readonly hide?: string;
    }
  | { readonly page: "overview" }
  | { readonly page: "search"; readonly q: string }
  | { readonly page: "clients"; readonly search: string; readonly order?: string; readonly next?: string }
  | { readonly page: "client"; readonly clientId: string }
  | { readonly page: "stages" }
  | { readonly page: "clean-ups" }
  | { readonly page: "clean-up"; readonly operationId: string; readonly state?: string }
  | { readonly page: "events"; readonly type: string; readonly call: string; readonly text: string }
  | { readonly page: "dead-letters" }
  | { readonly page: "nowhere"; readonly path: string };

/** `next`: further back, as the server has named it. */
export const CALL_FILTERS = ["client", "status", "reason", "from", "to", "next"] as const;
export type CallsFilter = Partial<Readonly<Record<(typeof CALL_FILTERS)[number], string>>>;

/** The server lists the calls of whole ids only; anything else is a search for whose calls are meant. */
export const isClientId = (text: string): boolean =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

const ROOT = "/console";

export function routeOf(path: string, query: string): Route {
  const [page, id, ...more] = path.slice(ROOT.length).split("/").filter(Boolean).map(decoded);
  const params = new URLSearchParams(query);
  const text = (name: string): string => params.get(name) ?? "";
  const state = params.has("state") ? { state: text("state") } : {};
  const execution = params.has("execution") ? { execution: text("execution") } : {};
  const hide = params.has("hide") ? { hide: text("hide") } : {};
  const order = params.has("order") ? { order: text("order") } : {};
  const next = params.has("next") ? { next: text("next") } : {};
  const named = id !== undefined;
  if (more.length > 0) return { page: "nowhere", path };
  if ((page === undefined || page === "calls") && !named) {
    const given = CALL_FILTERS.filter((name) => text(name) !== "");
    return { page: "calls", filter: Object.fromEntries(given.map((name) => [name, text(name)])) };
  }
  if (page === "calls" && named) return { page: "call", callId: id, ...state, ...execution, ...hide };
  if (page === "clients") {
    return named ? { page: "client", clientId: id } : { page, search: text("search"), ...order, ...next };
  }
  if (page === "clean-ups") return named ? { page: "clean-up", operationId: id, ...state } : { page };
  if ((page === "stages" || page === "overview") && !named) return { page };
  if (page === "search" && !named) return { page, q: text("q") };
  if (page === "events" && !named)
    return { page, type: text("type"), call: text("call"), text: text("text") };
  if (page === "dead-letters" && !named) return { page };
  return { page: "nowhere", path };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A typed address may be no valid URL: it names nothing then.
    return part;
  }
}

export function urlOf(route: Route): string {
  const at = (path: string, params: Readonly<Record<string, string | undefined>> = {}): string => {
    const given = Object.entries(params).flatMap(([name, value]) => (value ? [[name, value]] : []));
    const query = new URLSearchParams(given).toString();
    return `${ROOT}/${path}${query && `?${query}`}`;
  };
  const id = encodeURIComponent;
  switch (route.page) {
    case "calls":
      return at("calls", route.filter);
    case "call":
      return at(`calls/${id(route.callId)}`, {
        state: route.state,
        execution: route.execution,
        hide: route.hide,
      });
    case "clients":
      return at("clients", { search: route.search, order: route.order, next: route.next });
    case "search":
      return at("search", { q: route.q });
    case "client":
      return at(`clients/${id(route.clientId)}`);
    case "clean-up":
      return at(`clean-ups/${id(route.operationId)}`, { state: route.state });
    case "events":
      return at("events", { type: route.type, call: route.call, text: route.text });
    case "overview":
    case "stages":
    case "clean-ups":
    case "dead-letters":
      return at(route.page);
    case "nowhere":
      return route.path;
  }
}

/** Where the facts of a page come from; undefined: it shows none. */
export function factsUrlOf(route: Route): string | undefined {
  const at = (view: string, params: Readonly<Record<string, string | undefined>> = {}): string => {
    const given = Object.entries(params).flatMap(([name, value]) => (value ? [[name, value]] : []));
    const query = new URLSearchParams(given).toString();
    return `${ROOT}/api/${view}${query && `?${query}`}`;
  };
  const id = encodeURIComponent;
  switch (route.page) {
    case "calls": {
      const { next: page, client, ...filter } = route.filter;
      return at("calls", { ...filter, client: client && isClientId(client) ? client : undefined, page });
    }
    case "call":
      return at(`calls/${id(route.callId)}`);
    case "clients":
      return at("clients", { search: route.search, order: route.order, page: route.next });
    case "search":
      return at("search", { q: route.q });
    case "client":
      return at(`clients/${id(route.clientId)}`);
    case "clean-ups":
      return at("operations");
    case "clean-up":
      return at(`operations/${id(route.operationId)}`);
    case "events":
      return at("events", { type: route.type, call: route.call, text: route.text });
    case "overview":
    case "stages":
    case "dead-letters":
      return at(route.page);
    case "nowhere":
      return undefined;
  }
}
