/** The user pools, their app clients and their users. */
import type { CryptoKey, JWK } from "jose";
import type { Door } from "../door.ts";
import type { PasswordPolicy } from "./password-policy.ts";
import { notFound } from "./refusals.ts";
import type { Identity, StoredPassword } from "./srp.ts";

export type UserStatus = "UNCONFIRMED" | "CONFIRMED" | "FORCE_CHANGE_PASSWORD";

export interface User {
  readonly username: string;
  readonly sub: string;
  readonly createdAtMs: number;
  readonly groups: Set<string>;
  modifiedAtMs: number;
  attributes: Readonly<Record<string, string>>;
  status: UserStatus;
  password: StoredPassword;
  code?: { readonly value: string; readonly expiresAtMs: number };
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
  readonly autoVerified: readonly string[];
  readonly required: readonly string[];
  readonly custom: readonly string[];
  readonly caseSensitive: boolean;
  readonly selfSignUp: boolean;
  readonly groups: Set<string>;
  /** By username, in lower case unless the pool is case sensitive. */
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
  readonly hidesUsers: boolean;
}

export interface UserPools {
  readonly door: Door;
  readonly pools: Map<string, UserPool>;
  readonly clients: Map<string, PoolClient>;
  readonly pool: (id: string) => UserPool;
  readonly client: (id: string) => { pool: UserPool; client: PoolClient };
}

export function createUserPools(door: Door): UserPools {
  const pools = new Map<string, UserPool>();
  const clients = new Map<string, PoolClient>();
  function pool(id: string): UserPool {
    const found = pools.get(id);
    if (!found) throw notFound(`User pool ${id} does not exist.`);
    return found;
  }
  return {
    door,
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

export const findUser = (pool: UserPool, username: string): User | undefined =>
  pool.users.get(keyOf(pool, username));

export const keepUser = (pool: UserPool, user: User): void =>
  void pool.users.set(keyOf(pool, user.username), user);

export const identityOf = (pool: UserPool, username: string): Identity => ({
  poolName: pool.id.slice(pool.id.indexOf("_") + 1),
  username,
});
