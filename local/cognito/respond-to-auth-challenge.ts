/** RespondToAuthChallenge: the proof of the password, or the new password that an operator has asked for. */
import * as z from "zod";
import { AwsError } from "../door.ts";
import type { Operation, Shape } from "../door.ts";
import { invalidParameter, notAuthorized, wrongCredentials } from "./refusals.ts";
import { read, unsigned } from "./request.ts";
import type { Challenge, SignIns } from "./sign-ins.ts";
import { isClaim, sharedKey } from "./srp.ts";
import { findUser, identityOf } from "./user-pools.ts";
import type { PoolClient, User, UserPool, UserPools } from "./user-pools.ts";
import { setPassword, updateUser } from "./users.ts";

const request = z.object({
  ChallengeName: z.enum(["PASSWORD_VERIFIER", "NEW_PASSWORD_REQUIRED"]),
  ClientId: z.string(),
  Session: z.string().optional(),
  ChallengeResponses: z.record(z.string(), z.string()).default({}),
});

interface KnownUser {
  readonly pool: UserPool;
  readonly client: PoolClient;
  readonly user: User;
}

export const respondToAuthChallenge = (pools: UserPools, signIns: SignIns): Operation =>
  unsigned((input) => {
    const { ChallengeName, ClientId, Session, ChallengeResponses } = read(request, input);
    const { pool, client } = pools.client(ClientId);
    const response = (name: string): string => {
      const value = ChallengeResponses[name];
      if (!value) throw invalidParameter(`Missing required parameter ${name}`);
      return value;
    };
    const handle = ChallengeName === "PASSWORD_VERIFIER" ? response("PASSWORD_CLAIM_SECRET_BLOCK") : Session;
    const challenge = signIns.take(handle ?? "");
    if (challenge.name !== ChallengeName || challenge.clientId !== ClientId) {
      throw notAuthorized("Invalid session for the user.");
    }
    if (challenge.srp && !isProof(pool, challenge, response)) throw wrongCredentials();
    const user = findUser(pool, challenge.username);
    if (!user) throw wrongCredentials();
    if (challenge.name === "NEW_PASSWORD_REQUIRED") {
      setPassword(pools, pool, user, response("NEW_PASSWORD"));
      updateUser(pools, user, { status: "CONFIRMED" });
    }
    return finishSignIn({ pool, client, user }, signIns);
  });

function isProof(pool: UserPool, { srp, username }: Challenge, response: (name: string) => string): boolean {
  if (!srp) return false;
  return isClaim(sharedKey(srp.stored, srp.key, srp.clientPublic), identityOf(pool, username), {
    secretBlock: response("PASSWORD_CLAIM_SECRET_BLOCK"),
    timestamp: response("TIMESTAMP"),
    signature: response("PASSWORD_CLAIM_SIGNATURE"),
  });
}

/** What follows the right password: tokens, unless the account is not ready for them. */
export async function finishSignIn({ pool, client, user }: KnownUser, signIns: SignIns): Promise<Shape> {
  switch (user.status) {
    case "UNCONFIRMED":
      throw new AwsError("UserNotConfirmedException", "User is not confirmed.");
    case "FORCE_CHANGE_PASSWORD":
      return askForNewPassword({ pool, client, user }, signIns);
    case "CONFIRMED":
      return { AuthenticationResult: await signIns.start(pool, client, user), ChallengeParameters: {} };
  }
}

function askForNewPassword({ client, user }: KnownUser, signIns: SignIns): Shape {
  const { username, attributes } = user;
  const challenge: Challenge = { name: "NEW_PASSWORD_REQUIRED", clientId: client.id, username };
  return {
    ChallengeName: "NEW_PASSWORD_REQUIRED",
    Session: signIns.ask(challenge, client.signInSeconds),
    ChallengeParameters: {
      USER_ID_FOR_SRP: username,
      requiredAttributes: "[]",
      userAttributes: JSON.stringify(attributes),
    },
  };
}
