/** The HTTP API of a template: its routes, integrations, authorizers and stage. */
import type { RouteKey } from "./route-key.ts";

export interface Integration {
  readonly functionArn: string;
  readonly timeoutMs: number;
}

export interface JwtAuthorizer {
  readonly issuer: string;
  readonly audience: readonly string[];
  /** Lower-case name of the header that holds the token. */
  readonly header: string;
}

export interface Route {
  readonly id: string;
  readonly key: RouteKey;
  readonly integrationId: string;
  /** Undefined: open without a token. */
  readonly authorizerId: string | undefined;
  /** One of these is needed; empty: none. */
  readonly scopes: readonly string[];
}

export interface Cors {
  readonly allowOrigins: readonly string[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly allowCredentials: boolean;
  readonly maxAgeSeconds: number | undefined;
}

export interface Stage {
  readonly name: string;
  readonly ratePerSecond: number;
  readonly burst: number;
}

export interface Api {
  readonly id: string;
  readonly name: string;
  readonly cors: Cors | undefined;
  readonly integrations: Map<string, Integration>;
  readonly authorizers: Map<string, JwtAuthorizer>;
  routes: readonly Route[];
  stage: Stage | undefined;
}
