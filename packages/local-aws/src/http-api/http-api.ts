/**
 * Amazon API Gateway HTTP API: routes, JWT authorizer, throttle, CORS, and Lambda integrations in payload format 2.0.
 *
 * H1 What the API refuses never reaches a function, and has the shape {"message"}.
 * H2 Every reply names its request in `apigw-requestid`.
 */
import type { JSONWebKeySet } from "jose";
import type { LocalAws } from "../local-aws.ts";
import type { ResourceTypes } from "../resource.ts";
import type { Admission } from "./admission.ts";
import { apiResources } from "./api-resources.ts";
import type { ApiStore } from "./api-resources.ts";
import type { Api, Route, Stage } from "./apis.ts";
import { preflightReply, withCors } from "./cors.ts";
import { gatewayReply, newRequestId } from "./http-message.ts";
import type { HttpRequest, HttpResponse } from "./http-message.ts";
import { invokeFunction } from "./invoke-function.ts";
import { authorize } from "./jwt-authorizer.ts";
import type { Authorized } from "./jwt-authorizer.ts";
import { proxyEvent } from "./proxy-event.ts";
import { matchRoute } from "./route-key.ts";
import type { RouteMatch } from "./route-key.ts";
import { createThrottle } from "./throttle.ts";

export type { HttpRequest, HttpResponse };

const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** What a server may read of a request, and what API Gateway answers when there is more. */
export const APP_BODY = {
  bytes: MAX_BODY_BYTES,
  refusal: (): HttpResponse => gatewayReply(413, { "apigw-requestid": newRequestId() }),
};

export interface HttpApiOptions {
  readonly jwksOf: (issuer: string) => JSONWebKeySet | undefined;
  /** Where the API is reached, such as `http://127.0.0.1:4000`: the value of `ApiEndpoint`. */
  readonly endpoint: string;
  /** Refuses what this process cannot serve in time; without it everything is tried. */
  readonly admission?: Admission | undefined;
}

export interface ApiSummary {
  readonly apiId: string;
  readonly name: string;
  readonly routes: readonly {
    readonly routeKey: string;
    readonly authorizationType: "JWT" | "NONE";
    readonly scopes: readonly string[];
  }[];
}

export interface HttpApi {
  readonly resources: ResourceTypes;
  handle(request: HttpRequest): Promise<HttpResponse>;
  apis(): readonly ApiSummary[];
}

/** A request that has found its route. */
interface Routed {
  readonly api: Api;
  readonly stage: Stage;
  readonly match: RouteMatch<Route>;
  readonly request: HttpRequest;
  readonly requestId: string;
}

export function createHttpApi(localAws: LocalAws, options: HttpApiOptions): HttpApi {
  const store: ApiStore = { ...options, localAws, apis: new Map() };
  const throttle = createThrottle(localAws.clock);

  async function answer(api: Api, request: HttpRequest, requestId: string): Promise<HttpResponse> {
    const { stage, cors } = api;
    if (!stage) return gatewayReply(404);
    if (!throttle.admit(stage)) return withCors(cors, request, gatewayReply(429));
    const match = matchRoute(api.routes, request.method, request.path);
    if (match) return withCors(cors, request, await admitted({ api, stage, match, request, requestId }));
    localAws.meter("http-api:request", 1);
    if (cors && request.method === "OPTIONS") return preflightReply(cors, request);
    return withCors(cors, request, gatewayReply(404));
  }

  async function admitted(routed: Routed): Promise<HttpResponse> {
    const { admission } = options;
    if (!admission) return serve(routed);
    const reply = await admission.admit(() => serve(routed));
    return reply ?? gatewayReply(503, { "retry-after": String(admission.retryAfterSeconds()) });
  }

  async function serve(routed: Routed): Promise<HttpResponse> {
    const { api, match, request } = routed;
    const authorized = await admit(api, match.route, request);
    if (authorized && "status" in authorized) return authorized;
    localAws.meter("http-api:request", 1);
    if ((request.body?.length ?? 0) > MAX_BODY_BYTES) return gatewayReply(413);
    return integrate(routed, authorized);
  }

  async function admit(
    api: Api,
    route: Route,
    request: HttpRequest,
  ): Promise<Authorized | HttpResponse | undefined> {
    const authorizer = route.authorizerId && api.authorizers.get(route.authorizerId);
    if (!authorizer) return undefined;
    return authorize({ authorizer, route, request, clock: localAws.clock, jwksOf: options.jwksOf });
  }

  function integrate(routed: Routed, authorized: Authorized | undefined): Promise<HttpResponse> {
    const { api, stage, match, request, requestId } = routed;
    const { key, integrationId } = match.route;
    const integration = api.integrations.get(integrationId);
    if (!integration) throw new Error(`route ${key.text} has no integration ${integrationId}`);
    const event = proxyEvent(request, {
      account: localAws.account,
      region: localAws.region,
      apiId: api.id,
      endpoint: options.endpoint,
      stage: stage.name,
      routeKey: key.text,
      pathParameters: match.pathParameters,
      requestId,
      nowMs: localAws.clock.now(),
      authorized,
    });
    const resource = key.text === "$default" ? "$default" : `${request.method}${key.path}`;
    const sourceArn = localAws.arn("execute-api", `${api.id}/${stage.name}/${resource}`);
    return invokeFunction(localAws, { integration, event, sourceArn });
  }

  return {
    resources: apiResources(store),
    async handle(request) {
      const startedMs = localAws.clock.now();
      const requestId = newRequestId();
      const [api] = store.apis.values();
      const reply = api ? await answer(api, request, requestId) : gatewayReply(404);
      const { method, path } = request;
      const durationMs = localAws.clock.now() - startedMs;
      localAws.emit({ kind: "request", method, path, status: reply.status, durationMs });
      return { ...reply, headers: { ...reply.headers, "apigw-requestid": requestId } };
    },
    apis: () => [...store.apis.values()].map(summaryOf),
  };
}

const summaryOf = ({ id, name, routes }: Api): ApiSummary => ({
  apiId: id,
  name,
  routes: routes.map(({ key, authorizerId, scopes }) => ({
    routeKey: key.text,
    authorizationType: authorizerId === undefined ? "NONE" : "JWT",
    scopes,
  })),
});
