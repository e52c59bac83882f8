/** The user pools, their app clients and their users. */
import type { CryptoKey, JWK } from "jose";
import type { LocalAws } from "../local-aws.ts";
import { createAttempts } from "./attempts.ts";
import type { Attempts } from "./attempts.ts";
import { createMailboxes } from "./mailboxes.ts";
import type { Mailboxes } from "./mailboxes.ts";
import type { PasswordPolicy } from "./password-policy.ts";
import { notFound } from "./refusals.ts";
import type { Identity, StoredPassword } from "./srp.ts";

export type UserStatus = "UNCONFIRMED" | "CONFIRMED" | "FORCE_CHANGE_PASSWORD" | "RESET_REQUIRED";

/** What a code proves: a new account, a forgotten password, a changed address. */
export type CodePurpose = "sign-up" | "password" | "email";

export interface Code {
  readonly value: string;
  readonly expiresAtMs: number;
  /** Where it went: proving it proves this address. */
  readonly address: string;
}

export interface User {
  readonly poolId: string;
  readonly username: string;
  readonly sub: string;
  readonly createdAtMs: number;
  /** Names of groups of the pool. */
  readonly groups: Set<string>;
  readonly codes: Map<CodePurpose, Code>;
  modifiedAtMs: number;
  enabled: boolean;
  attributes: Readonly<Record<string, string>>;
  status: UserStatus;
  password: StoredPassword;
  /** Only of a temporary password. */
  passwordExpiresAtMs?: number | undefined;
}

export interface Group {
  readonly name: string;
  readonly description?: string | undefined;
  readonly precedence?: number | undefined;
  readonly createdAtMs: number;
}

export interface PoolKey {
  readonly kid: string;
  readonly private: CryptoKey;
  readonly public: JWK;
}

export interface UserPool {
  readonly id: string;
  readonly name: string;
  readonly issuer: string;
  readonly createdAtMs: number;
  readonly key: PoolKey;
  readonly passwordPolicy: PasswordPolicy;
  readonly temporaryPasswordDays: number;
  /** The e-mail that brings a code; `{####}` stands for the code. */
  readonly codeMail: { readonly subject: string; readonly text: string };
  readonly autoVerified: readonly string[];
  /** Attributes that keep their value until the new one is verified. */
  readonly verifiedFirst: readonly string[];
  readonly required: readonly string[];
  readonly immutable: readonly string[];
  readonly custom: readonly string[];
  readonly caseSensitive: boolean;
  readonly selfSignUp: boolean;
  readonly deletionProtected: boolean;
  readonly groups: Map<string, Group>;
  /** By username, in lower case unless the pool is case sensitive. One that was changed is set again (`keepUser`). */
  readonly users: Map<string, User>;
}

export interface PoolClient {
  readonly id: string;
  readonly name: string;
  readonly poolId: string;
  readonly flows: ReadonlySet<string>;
  readonly accessSeconds: number;
  readonly idSeconds: number;
  readonly refreshSeconds: number;
  readonly signInSeconds: number;
  readonly revocable: boolean;
  /** How long a refresh token still works that rotation has replaced; undefined without rotation. */
  readonly rotationGraceSeconds: number | undefined;
  readonly hidesUsers: boolean;
}

export interface UserPools {
  readonly localAws: LocalAws;
  readonly mail: Mailboxes;
  readonly attempts: Attempts;
  readonly pools: Map<string, UserPool>;
  readonly clients: Map<string, PoolClient>;
  readonly pool: (id: string) => UserPool;
  readonly client: (id: string) => { pool: UserPool; client: PoolClient };
}

export function createUserPools(localAws: LocalAws): UserPools {
  const pools = new Map<string, UserPool>();
  const clients = new Map<string, PoolClient>();
  function pool(id: string): UserPool {
    const found = pools.get(id);
    if (!found) throw notFound(`User pool ${id} does not exist.`);
    return found;
  }
  return {
    localAws,
    mail: createMailboxes(localAws),
    attempts: createAttempts(localAws.clock),
    pools,
    clients,
    pool,
    client(id) {
      const client = clients.get(id);
      if (!client) throw notFound(`User pool client ${id} does not exist.`);
      return { client, pool: pool(client.poolId) };
    },
  };
}

const keyOf = (pool: UserPool, username: string): string =>
  pool.caseSensitive ? username : username.toLowerCase();

/** What attempts for a username are counted under, whether or not a user has it. */
export const nameOf = (pool: UserPool, username: string): string => `${pool.id} ${keyOf(pool, username)}`;

export const findUser = (pool: UserPool, username: string): User | undefined =>
  pool.users.get(keyOf(pool, username));

export const forgetUser = (pool: UserPool, user: User): void =>
  void pool.users.delete(keyOf(pool, user.username));

export const keepUser = (pool: UserPool, user: User): void =>
  void pool.users.set(keyOf(pool, user.username), user);

export const identityOf = (pool: UserPool, username: string): Identity => ({
  poolName: pool.id.slice(pool.id.indexOf("_") + 1),
  username,
});
