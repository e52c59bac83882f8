/** InitiateAuth: the first step of signing in, by SRP, by password, or with a refresh token. */
import * as z from "zod";
import type { Operation, Shape } from "../local-aws.ts";
import { invalidParameter, userNotFound, wrongCredentials } from "./refusals.ts";
import { read, unsigned } from "./request.ts";
import { finishSignIn } from "./respond-to-auth-challenge.ts";
import type { SignIns } from "./sign-ins.ts";
import { decoyPassword, isPassword, readPublicKey, serverKey } from "./srp.ts";
import { findUser, identityOf, nameOf } from "./user-pools.ts";
import type { PoolClient, UserPool, UserPools } from "./user-pools.ts";

const request = z.object({
  AuthFlow: z.enum(["USER_SRP_AUTH", "USER_PASSWORD_AUTH", "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"]),
  ClientId: z.string(),
  AuthParameters: z.record(z.string(), z.string()).default({}),
});

interface Start {
  readonly pools: UserPools;
  readonly pool: UserPool;
  readonly client: PoolClient;
  readonly parameter: (name: string) => string;
}

export const initiateAuth = (pools: UserPools, signIns: SignIns): Operation =>
  unsigned((input) => {
    const { AuthFlow, ClientId, AuthParameters } = read(request, input);
    const start: Start = {
      pools,
      ...pools.client(ClientId),
      parameter(name) {
        const value = AuthParameters[name];
        if (!value) throw invalidParameter(`Missing required parameter ${name}`);
        return value;
      },
    };
    switch (AuthFlow) {
      case "USER_SRP_AUTH":
        requireFlow(start, "ALLOW_USER_SRP_AUTH", "USER_SRP_AUTH is not enabled for the client.");
        return bySrp(start, signIns);
      case "USER_PASSWORD_AUTH":
        requireFlow(start, "ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH flow not enabled for this client");
        return byPassword(start, signIns);
      case "REFRESH_TOKEN_AUTH":
      case "REFRESH_TOKEN":
        requireFlow(start, "ALLOW_REFRESH_TOKEN_AUTH", "REFRESH_TOKEN_AUTH flow not enabled for this client");
        return byRefreshToken(start, signIns);
    }
  });

function requireFlow({ client }: Start, flow: string, refusal: string): void {
  if (!client.flows.has(flow)) throw invalidParameter(refusal);
}

function bySrp({ pool, client, parameter }: Start, signIns: SignIns): Shape {
  const given = parameter("USERNAME");
  const clientPublic = readPublicKey(parameter("SRP_A"));
  if (clientPublic === undefined) throw invalidParameter("SRP_A must be a number that is not 0 mod N.");
  const user = findUser(pool, given);
  if (!user && !client.hidesUsers) throw userNotFound("User does not exist.");
  const username = user?.username ?? given;
  const stored = user?.password ?? decoyPassword(identityOf(pool, username));
  const key = serverKey(stored);
  const secretBlock = signIns.ask(
    { name: "PASSWORD_VERIFIER", clientId: client.id, username, srp: { stored, key, clientPublic } },
    client.signInSeconds,
  );
  return {
    ChallengeName: "PASSWORD_VERIFIER",
    ChallengeParameters: {
      SALT: stored.salt.toString(16),
      SECRET_BLOCK: secretBlock,
      SRP_B: key.public.toString(16),
      USERNAME: username,
      USER_ID_FOR_SRP: username,
    },
  };
}

function byPassword({ pools, pool, client, parameter }: Start, signIns: SignIns): Promise<Shape> {
  const username = parameter("USERNAME");
  const password = parameter("PASSWORD");
  const user = findUser(pool, username);
  if (!user && !client.hidesUsers) throw userNotFound("User does not exist.");
  const isRight = (): boolean =>
    user !== undefined && isPassword(identityOf(pool, user.username), user.password, password);
  if (!pools.attempts.password(nameOf(pool, username), isRight) || !user) throw wrongCredentials();
  return finishSignIn(pools, signIns, { pool, client, user });
}

/** With rotation only GetTokensFromRefreshToken renews: this flow has no place for the next refresh token. */
async function byRefreshToken({ client, parameter }: Start, signIns: SignIns): Promise<Shape> {
  if (client.rotationGraceSeconds !== undefined) {
    throw invalidParameter("REFRESH_TOKEN_AUTH flow not enabled for this client");
  }
  const AuthenticationResult = await signIns.refresh(client.id, parameter("REFRESH_TOKEN"));
  return { AuthenticationResult, ChallengeParameters: {} };
}
