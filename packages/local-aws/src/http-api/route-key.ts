/**
 * Route keys and which of them a request meets: a full match first, then the longest greedy one, then `$default`.
 * Among full matches literal segments go before `{variables}`, and a named method before ANY.
 */
export interface RouteKey {
  /** As in the template: `GET /orders/{orderId}` or `$default`. */
  readonly text: string;
  readonly method: string;
  readonly path: string;
  readonly segments: readonly string[];
}

export interface RouteMatch<Route> {
  readonly route: Route;
  readonly pathParameters: Readonly<Record<string, string>>;
}

const METHODS = new Set(["ANY", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]);

const isGreedy = (segment: string | undefined): boolean => /^\{[^{}]+\+\}$/.test(segment ?? "");
const isVariable = (segment: string): boolean => /^\{[^{}]+\}$/.test(segment);
const nameOf = (segment: string): string => segment.replace(/^\{|\+?\}$/g, "");
const segmentsOf = (path: string): string[] => path.slice(1).split("/");

export function parseRouteKey(text: string): RouteKey {
  if (text === "$default") return { text, method: "ANY", path: "", segments: [] };
  const [method = "", path = "", ...rest] = text.split(" ");
  const segments = segmentsOf(path);
  const greedyTooEarly = segments.slice(0, -1).some(isGreedy);
  if (!METHODS.has(method) || !path.startsWith("/") || rest.length > 0 || greedyTooEarly) {
    throw new Error(`The provided route key is not formatted properly for HTTP protocol: ${text}`);
  }
  return { text, method, path, segments };
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function parametersOf({ segments }: RouteKey, path: string): Record<string, string> | undefined {
  const given = segmentsOf(path);
  const greedy = isGreedy(segments.at(-1));
  const last = segments.length - 1;
  if (greedy ? given.length < segments.length : given.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const value = greedy && index === last ? given.slice(last).join("/") : (given[index] ?? "");
    if (!isVariable(segment)) {
      if (segment !== value) return undefined;
    } else if (value === "") return undefined;
    else parameters[nameOf(segment)] = decoded(value);
  }
  return parameters;
}

/** Sorts by rank: each digit says how exactly one segment was met, greedy and `$default` routes go last. */
function rank({ text, method, segments }: RouteKey): string {
  if (text === "$default") return "9";
  const exactness = segments.map((segment) => (isGreedy(segment) ? 3 : isVariable(segment) ? 2 : 1)).join("");
  return `${isGreedy(segments.at(-1)) ? 5 : 1}${exactness}${method === "ANY" ? 8 : 0}`;
}

export function matchRoute<Route extends { readonly key: RouteKey }>(
  routes: readonly Route[],
  method: string,
  path: string,
): RouteMatch<Route> | undefined {
  const matches = routes.flatMap((route) => {
    if (route.key.method !== "ANY" && route.key.method !== method) return [];
    const pathParameters = route.key.text === "$default" ? {} : parametersOf(route.key, path);
    return pathParameters ? [{ route, pathParameters }] : [];
  });
  return matches.sort((a, b) => (rank(a.route.key) < rank(b.route.key) ? -1 : 1))[0];
}
