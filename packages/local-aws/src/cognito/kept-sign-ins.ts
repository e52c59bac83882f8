/** What lasts of the sign-ins: an app that holds a refresh token goes on with it after a restart. */
import type { Form } from "../store/store.ts";
import type { SignIn } from "./sign-in.ts";
import { findUser, type UserPools } from "./user-pools.ts";

type KeptSignIn = Omit<SignIn, "replaced" | "pool" | "client" | "user"> & {
  readonly replaced: readonly (readonly [string, number])[];
  readonly clientId: string;
  readonly username: string;
  readonly sub: string;
};

export const keptSignIns = (pools: UserPools): Map<string, SignIn> =>
  pools.localAws.store.map("cognito.sign-ins", signInForm(pools));

/** One whose client or user is gone is dropped. */
const signInForm = (pools: UserPools): Form<SignIn> => ({
  write: ({ originJti, refreshToken, replaced, client, user, ...rest }): KeptSignIn => ({
    originJti,
    refreshToken,
    replaced: [...replaced],
    clientId: client.id,
    username: user.username,
    sub: user.sub,
    authTimeSeconds: rest.authTimeSeconds,
    expiresAtMs: rest.expiresAtMs,
    revoked: rest.revoked,
  }),
  read({ replaced, clientId, username, sub, ...signIn }: KeptSignIn): SignIn | undefined {
    const client = pools.clients.get(clientId);
    const pool = client && pools.pools.get(client.poolId);
    const user = pool && findUser(pool, username);
    if (!client || !pool || user?.sub !== sub) return undefined;
    return { ...signIn, replaced: new Map(replaced), pool, client, user };
  },
});
