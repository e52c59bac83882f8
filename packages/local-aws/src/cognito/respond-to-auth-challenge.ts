/** RespondToAuthChallenge: the proof of the password, or the new password that an operator has asked for. */
import * as z from "zod";
import { AwsError } from "../local-aws.ts";
import type { Operation, Shape } from "../local-aws.ts";
import { missingAttributes, refuseFlags, writeAttributes } from "./attributes.ts";
import { checkPassword } from "./password-policy.ts";
import { invalidParameter, notAuthorized, userDisabled, wrongCredentials } from "./refusals.ts";
import { read, unsigned } from "./request.ts";
import type { Challenge, SignIns } from "./sign-ins.ts";
import { isClaim, sharedKey } from "./srp.ts";
import { findUser, identityOf, nameOf } from "./user-pools.ts";
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
    const isProven = ChallengeName === "PASSWORD_VERIFIER";
    const handle = isProven ? response("PASSWORD_CLAIM_SECRET_BLOCK") : (Session ?? "");
    const challenge = signIns.find(handle);
    if (challenge.name !== ChallengeName || challenge.clientId !== ClientId) {
      throw notAuthorized("Invalid session for the user.");
    }
    const user = findUser(pool, challenge.username);
    if (isProven) {
      signIns.spend(handle);
      // Cognito tells so whatever the password is (amplify-js#11209).
      if (user?.status === "UNCONFIRMED") return finishSignIn(pools, signIns, { pool, client, user });
      const isRight = (): boolean => isProof(pool, challenge, response);
      if (!pools.attempts.password(nameOf(pool, challenge.username), isRight)) throw wrongCredentials();
    }
    if (!user) throw wrongCredentials();
    if (!isProven) {
      takeNewPassword(pools, { pool, user }, response("NEW_PASSWORD"), ChallengeResponses);
      signIns.spend(handle);
    }
    return finishSignIn(pools, signIns, { pool, client, user });
  });

const ATTRIBUTE = "userAttributes.";

/** Attributes that the pool requires and the operator did not give come with the password. */
function takeNewPassword(
  pools: UserPools,
  { pool, user }: { pool: UserPool; user: User },
  password: string,
  responses: Readonly<Record<string, string>>,
): void {
  const given = Object.fromEntries(
    Object.entries(responses).flatMap(([name, value]) =>
      name.startsWith(ATTRIBUTE) ? [[name.slice(ATTRIBUTE.length), value]] : [],
    ),
  );
  refuseFlags(given);
  const [missing] = missingAttributes(pool, { ...user.attributes, ...given });
  if (missing) throw invalidParameter(`Invalid attributes given, ${missing} is missing`);
  checkPassword(pool.passwordPolicy, password);
  writeAttributes(pools, { pool, user }, given);
  setPassword(pools, pool, user, password);
  updateUser(pools, user, { status: "CONFIRMED" });
}

function isProof(pool: UserPool, { srp, username }: Challenge, response: (name: string) => string): boolean {
  if (!srp) return false;
  return isClaim(sharedKey(srp.stored, srp.key, srp.clientPublic), identityOf(pool, username), {
    secretBlock: response("PASSWORD_CLAIM_SECRET_BLOCK"),
    timestamp: response("TIMESTAMP"),
    signature: response("PASSWORD_CLAIM_SIGNATURE"),
  });
}

/** What follows the right password: tokens, unless the account is not ready for them. */
export async function finishSignIn(pools: UserPools, signIns: SignIns, known: KnownUser): Promise<Shape> {
  const { pool, client, user } = known;
  if (!user.enabled) throw userDisabled();
  switch (user.status) {
    case "UNCONFIRMED":
      throw new AwsError("UserNotConfirmedException", "User is not confirmed.");
    case "RESET_REQUIRED":
      throw new AwsError("PasswordResetRequiredException", "Password reset required for the user");
    case "FORCE_CHANGE_PASSWORD":
      if ((user.passwordExpiresAtMs ?? Infinity) <= pools.localAws.clock.now()) {
        throw notAuthorized("Temporary password has expired and must be reset by an administrator.");
      }
      return askForNewPassword(known, signIns);
    case "CONFIRMED":
      return { AuthenticationResult: await signIns.start(pool, client, user), ChallengeParameters: {} };
  }
}

function askForNewPassword({ pool, client, user }: KnownUser, signIns: SignIns): Shape {
  const { username, attributes } = user;
  const challenge: Challenge = { name: "NEW_PASSWORD_REQUIRED", clientId: client.id, username };
  const missing = missingAttributes(pool, attributes).map((name) => `${ATTRIBUTE}${name}`);
  return {
    ChallengeName: "NEW_PASSWORD_REQUIRED",
    Session: signIns.ask(challenge, client.signInSeconds),
    ChallengeParameters: {
      USER_ID_FOR_SRP: username,
      requiredAttributes: JSON.stringify(missing),
      userAttributes: JSON.stringify(attributes),
    },
  };
}
