/** What a signed-in person may ask about themselves: GetUser, new tokens, ChangePassword, RevokeToken, GlobalSignOut, DeleteUser. */
import * as z from "zod";
import { AwsError } from "../local-aws.ts";
import type { Operation } from "../local-aws.ts";
import { attributesOf } from "./attributes.ts";
import { limitExceeded, wrongCredentials } from "./refusals.ts";
import { read, unsigned } from "./request.ts";
import type { SignIns } from "./sign-ins.ts";
import { isPassword } from "./srp.ts";
import { forgetUser, identityOf, nameOf } from "./user-pools.ts";
import type { UserPools } from "./user-pools.ts";
import { setPassword } from "./users.ts";

const withToken = z.object({ AccessToken: z.string() });
const withPasswords = withToken.extend({ PreviousPassword: z.string(), ProposedPassword: z.string() });
const renewal = z.object({ ClientId: z.string(), RefreshToken: z.string() });
const revocation = z.object({ ClientId: z.string(), Token: z.string() });

export const getUser = (signIns: SignIns): Operation =>
  unsigned(async (input) => {
    const { user } = await signIns.ofAccessToken(read(withToken, input).AccessToken);
    return { Username: user.username, UserAttributes: attributesOf(user) };
  });

/** What current versions of Amplify ask for instead of InitiateAuth with REFRESH_TOKEN_AUTH. */
export const getTokensFromRefreshToken = (pools: UserPools, signIns: SignIns): Operation =>
  unsigned(async (input) => {
    const { ClientId, RefreshToken } = read(renewal, input);
    const { client } = pools.client(ClientId);
    return { AuthenticationResult: await signIns.refresh(client.id, RefreshToken) };
  });

export const changePassword = (pools: UserPools, signIns: SignIns): Operation =>
  unsigned(async (input) => {
    const { AccessToken, PreviousPassword, ProposedPassword } = read(withPasswords, input);
    const { pool, user } = await signIns.ofAccessToken(AccessToken);
    const isRight = (): boolean =>
      isPassword(identityOf(pool, user.username), user.password, PreviousPassword);
    if (!pools.attempts.password(`${nameOf(pool, user.username)} change`, isRight, limitExceeded)) {
      throw wrongCredentials();
    }
    setPassword(pools, pool, user, ProposedPassword);
    return {};
  });

export const revokeToken = (pools: UserPools, signIns: SignIns): Operation =>
  unsigned((input) => {
    const { ClientId, Token } = read(revocation, input);
    const { client } = pools.client(ClientId);
    if (!client.revocable) {
      throw new AwsError("UnsupportedOperationException", "Token revocation is not enabled for this client");
    }
    // Access and id tokens are JSON Web Tokens; a refresh token is not.
    if (Token.startsWith("eyJ"))
      throw new AwsError("UnsupportedTokenTypeException", "Unsupported token type");
    signIns.revoke(client.id, Token);
    return {};
  });

export const globalSignOut = (signIns: SignIns): Operation =>
  unsigned(async (input) => {
    const { user } = await signIns.ofAccessToken(read(withToken, input).AccessToken);
    signIns.revokeAll(user);
    return {};
  });

export const deleteUser = (signIns: SignIns): Operation =>
  unsigned(async (input) => {
    const { pool, user } = await signIns.ofAccessToken(read(withToken, input).AccessToken);
    signIns.revokeAll(user);
    forgetUser(pool, user);
    return {};
  });
