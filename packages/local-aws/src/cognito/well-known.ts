/** The public documents of a user pool, which its issuer address leads to. */
import type { JSONWebKeySet } from "jose";
import type { Shape } from "../local-aws.ts";
import type { UserPool, UserPools } from "./user-pools.ts";

export interface WellKnown {
  readonly status: number;
  readonly body: Shape;
}

export const keySetOf = ({ key }: UserPool): JSONWebKeySet => ({ keys: [key.public] });

function configurationOf({ issuer }: UserPool): Shape {
  return {
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    id_token_signing_alg_values_supported: ["RS256"],
    response_types_supported: ["code", "token"],
    scopes_supported: ["openid", "email", "phone", "profile"],
    subject_types_supported: ["public"],
  };
}

/** The answer to `GET /<pool id>/.well-known/…`; undefined if the path is another one. */
export function wellKnown({ pools }: UserPools, path: string): WellKnown | undefined {
  const [, id = "", document] =
    /^\/([^/]+)\/\.well-known\/(jwks\.json|openid-configuration)$/.exec(path) ?? [];
  if (!document) return undefined;
  const pool = pools.get(id);
  if (!pool) return { status: 404, body: { message: `User pool ${id} does not exist.` } };
  return { status: 200, body: document === "jwks.json" ? { ...keySetOf(pool) } : configurationOf(pool) };
}
