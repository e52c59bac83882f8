/** The API, routes, integrations, authorizers and stage of a template. */
import type { JSONWebKeySet } from "jose";
import * as z from "zod";
import type { LocalAws } from "../local-aws.ts";
import { type CreatedResource, identityOf, type ResourceRequest, type ResourceTypes } from "../resource.ts";
import { typedResource } from "../typed-resource.ts";
import type { Api } from "./apis.ts";
import { lastingId } from "./http-message.ts";
import { parseRouteKey } from "./route-key.ts";

export interface ApiStore {
  readonly localAws: LocalAws;
  readonly endpoint: string;
  readonly apis: Map<string, Api>;
  readonly jwksOf: (issuer: string) => JSONWebKeySet | undefined;
}

/** What an account allows where a stage says nothing. */
const ACCOUNT_RATE_PER_SECOND = 10_000;
const ACCOUNT_BURST = 5_000;
const MAX_TIMEOUT_MS = 30_000;

const strings = z.array(z.string()).default([]);

const apiProperties = z.object({
  Name: z.string(),
  ProtocolType: z.literal("HTTP"),
  CorsConfiguration: z
    .strictObject({
      AllowOrigins: strings,
      AllowMethods: strings,
      AllowHeaders: strings,
      ExposeHeaders: strings,
      AllowCredentials: z.boolean().default(false),
      MaxAge: z.number().optional(),
    })
    .optional(),
});

const integrationProperties = z.object({
  ApiId: z.string(),
  IntegrationType: z.literal("AWS_PROXY"),
  IntegrationUri: z.string(),
  PayloadFormatVersion: z.literal("2.0"),
  TimeoutInMillis: z.number().min(50).max(MAX_TIMEOUT_MS).default(MAX_TIMEOUT_MS),
});

const authorizerProperties = z.object({
  ApiId: z.string(),
  AuthorizerType: z.literal("JWT"),
  IdentitySource: z.tuple([z.string().regex(/^\$request\.header\.[\w-]+$/)]),
  JwtConfiguration: z.strictObject({ Audience: z.array(z.string()), Issuer: z.string() }),
});

const routeProperties = z.object({
  ApiId: z.string(),
  RouteKey: z.string(),
  AuthorizationType: z.enum(["NONE", "JWT"]).default("NONE"),
  AuthorizationScopes: strings,
  AuthorizerId: z.string().optional(),
  Target: z.string().regex(/^integrations\/./),
});

const stageProperties = z.object({
  ApiId: z.string(),
  StageName: z.literal("$default"),
  AutoDeploy: z.literal(true),
  DefaultRouteSettings: z
    .strictObject({
      ThrottlingRateLimit: z.number().default(ACCOUNT_RATE_PER_SECOND),
      ThrottlingBurstLimit: z.number().default(ACCOUNT_BURST),
      DetailedMetricsEnabled: z.boolean().optional(),
    })
    .prefault({}),
});

function apiOf({ apis }: ApiStore, id: string): Api {
  const api = apis.get(id);
  if (!api) throw new Error(`Invalid API identifier specified ${id}`);
  return api;
}

export function apiResources(store: ApiStore): ResourceTypes {
  const apiWith = (id: unknown): Api | undefined => store.apis.get(String(id));
  return {
    "AWS::ApiGatewayV2::Api": {
      ...typedResource(apiProperties, "Description Tags", (properties, request) =>
        createApi(store, properties, request),
      ),
      renewedBy: ["ProtocolType"],
      remove: (id) => void store.apis.delete(id),
    },
    "AWS::ApiGatewayV2::Integration": {
      ...typedResource(
        integrationProperties,
        "Description IntegrationMethod ConnectionType",
        (properties, request) => createIntegration(store, properties, request),
      ),
      renewedBy: ["ApiId"],
      remove: (id, { ApiId }) => void apiWith(ApiId)?.integrations.delete(id),
    },
    "AWS::ApiGatewayV2::Authorizer": {
      ...typedResource(authorizerProperties, "Name", (properties, request) =>
        createAuthorizer(store, properties, request),
      ),
      renewedBy: ["ApiId"],
      remove: (id, { ApiId }) => void apiWith(ApiId)?.authorizers.delete(id),
    },
    "AWS::ApiGatewayV2::Route": {
      ...typedResource(routeProperties, "OperationName", (properties, request) =>
        createRoute(store, properties, request),
      ),
      renewedBy: ["ApiId"],
      remove(id, { ApiId }) {
        const api = apiWith(ApiId);
        if (api) api.routes = api.routes.filter((route) => route.id !== id);
      },
    },
    "AWS::ApiGatewayV2::Stage": {
      ...typedResource(stageProperties, "Description Tags AccessLogSettings", (properties) =>
        createStage(store, properties),
      ),
      renewedBy: ["ApiId", "StageName"],
      remove(_name, { ApiId }) {
        const api = apiWith(ApiId);
        if (api) api.stage = undefined;
      },
    },
  };
}

function createApi(
  store: ApiStore,
  wanted: z.infer<typeof apiProperties>,
  request: ResourceRequest,
): CreatedResource {
  const id = lastingId(identityOf(request), 10);
  const before = store.apis.get(id);
  const [other] = store.apis.values();
  if (other && !before) {
    const { logicalId } = request;
    throw new Error(`${logicalId}: the local runtime serves one HTTP API, and ${other.name} is it`);
  }
  const cors = wanted.CorsConfiguration;
  store.apis.set(id, {
    id,
    name: wanted.Name,
    cors: cors && {
      allowOrigins: cors.AllowOrigins,
      allowMethods: cors.AllowMethods,
      allowHeaders: cors.AllowHeaders,
      exposeHeaders: cors.ExposeHeaders,
      allowCredentials: cors.AllowCredentials,
      maxAgeSeconds: cors.MaxAge,
    },
    integrations: before?.integrations ?? new Map(),
    authorizers: before?.authorizers ?? new Map(),
    routes: before?.routes ?? [],
    stage: before?.stage,
  });
  return { ref: id, attributes: { ApiId: id, ApiEndpoint: store.endpoint } };
}

function createIntegration(
  store: ApiStore,
  wanted: z.infer<typeof integrationProperties>,
  request: ResourceRequest,
): CreatedResource {
  const { logicalId } = request;
  const uri = wanted.IntegrationUri;
  const [, functionArn = uri] = /:lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/.exec(uri) ?? [];
  if (!functionArn.startsWith("arn:aws:lambda:")) throw new Error(`${logicalId}: ${uri} is not a function`);
  const id = lastingId(identityOf(request), 7);
  apiOf(store, wanted.ApiId).integrations.set(id, { functionArn, timeoutMs: wanted.TimeoutInMillis });
  return { ref: id, attributes: { IntegrationId: id } };
}

function createAuthorizer(
  store: ApiStore,
  wanted: z.infer<typeof authorizerProperties>,
  request: ResourceRequest,
): CreatedResource {
  const { logicalId } = request;
  const { Audience: audience, Issuer: issuer } = wanted.JwtConfiguration;
  if (!store.jwksOf(issuer)) throw new Error(`${logicalId}: no user pool of the template is ${issuer}`);
  const header = wanted.IdentitySource[0].replace("$request.header.", "").toLowerCase();
  const id = lastingId(identityOf(request), 6);
  apiOf(store, wanted.ApiId).authorizers.set(id, { issuer, audience, header });
  return { ref: id, attributes: { AuthorizerId: id } };
}

function createRoute(
  store: ApiStore,
  wanted: z.infer<typeof routeProperties>,
  request: ResourceRequest,
): CreatedResource {
  const { logicalId } = request;
  const id = lastingId(identityOf(request), 7);
  const api = apiOf(store, wanted.ApiId);
  const key = parseRouteKey(wanted.RouteKey);
  const others = api.routes.filter((route) => route.id !== id);
  if (others.some((route) => route.key.text === key.text)) {
    throw new Error(`${logicalId}: Route with key ${key.text} already exists for this API`);
  }
  const integrationId = wanted.Target.slice("integrations/".length);
  const authorizerId = wanted.AuthorizationType === "JWT" ? (wanted.AuthorizerId ?? "none") : undefined;
  if (!api.integrations.has(integrationId)) throw new Error(`${logicalId}: no integration ${integrationId}`);
  if (authorizerId && !api.authorizers.has(authorizerId)) {
    throw new Error(`${logicalId}: no authorizer ${authorizerId}`);
  }
  api.routes = [...others, { id, key, integrationId, authorizerId, scopes: wanted.AuthorizationScopes }];
  return { ref: id, attributes: { RouteId: id } };
}

function createStage(store: ApiStore, wanted: z.infer<typeof stageProperties>): CreatedResource {
  const { ThrottlingRateLimit: ratePerSecond, ThrottlingBurstLimit: burst } = wanted.DefaultRouteSettings;
  apiOf(store, wanted.ApiId).stage = { name: wanted.StageName, ratePerSecond, burst };
  return { ref: wanted.StageName };
}
