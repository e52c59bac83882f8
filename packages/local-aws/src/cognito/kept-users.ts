/** What lasts of a pool: its users and groups, and the key that its tokens are signed with. */
import { exportJWK, importJWK } from "jose";
import type { CryptoKey, JWK } from "jose";
import { asItIs, type Form, type Store } from "../store/store.ts";
import { poolKey } from "./tokens.ts";
import type { Code, CodePurpose, Group, PoolKey, User, UserPool } from "./user-pools.ts";

type KeptUser = Omit<User, "groups" | "codes" | "password"> & {
  readonly groups: readonly string[];
  readonly codes: readonly (readonly [CodePurpose, Code])[];
  readonly password: { readonly salt: string; readonly verifier: string };
};

const userForm: Form<User> = {
  write: ({ groups, codes, password, ...user }): KeptUser => ({
    ...user,
    groups: [...groups],
    codes: [...codes],
    password: { salt: String(password.salt), verifier: String(password.verifier) },
  }),
  read: ({ groups, codes, password, ...user }: KeptUser): User => ({
    ...user,
    groups: new Set(groups),
    codes: new Map(codes),
    password: { salt: BigInt(password.salt), verifier: BigInt(password.verifier) },
  }),
};

const placesOf = (poolId: string) => ({
  users: `cognito.users ${poolId}`,
  groups: `cognito.groups ${poolId}`,
});

export function keptMembers(store: Store, poolId: string): Pick<UserPool, "users" | "groups"> {
  const { users, groups } = placesOf(poolId);
  return { users: store.map(users, userForm), groups: store.map(groups, asItIs<Group>()) };
}

/** The key of a pool that was there before, else a new one. */
export async function keptKey(store: Store, poolId: string): Promise<PoolKey> {
  const keys = store.map("cognito.keys", asItIs<{ readonly private: JWK; readonly public: JWK }>());
  const kept = keys.get(poolId);
  if (!kept) {
    const made = await poolKey(poolId);
    // Only a store that lasts wants the private half.
    if (store.rows("cognito.keys"))
      keys.set(poolId, { private: await exportJWK(made.private), public: made.public });
    return made;
  }
  // A private key in JWK is never the bytes of a symmetric one.
  const key = (await importJWK(kept.private, "RS256")) as CryptoKey;
  return { kid: String(kept.public.kid), private: key, public: kept.public };
}

/** What was kept of a pool that the template has no longer. */
export function forgetMembers(store: Store, poolId: string): void {
  const { users, groups } = placesOf(poolId);
  store.forget(users);
  store.forget(groups);
  store.map("cognito.keys", asItIs()).delete(poolId);
}
