/** A local user pool in virtual time, and what its tests do with it. */
import { createHash, createHmac, getDiffieHellman } from "node:crypto";
import { virtualClock } from "../src/clock.ts";
import { createCognito } from "../src/cognito/cognito.ts";
import { PERSON, openLocalAws } from "../src/local-aws.ts";
import type { RuntimeEvent, Shape } from "../src/local-aws.ts";

export type Pool = Awaited<ReturnType<typeof openPool>>;

export const PASSWORD = "Open shop 1!";

export async function openPool(client: Shape = {}, pool: Shape = {}) {
  const clock = virtualClock();
  const localAws = openLocalAws({
    clock,
    authorizer: { check() {} },
    region: "us-east-1",
    account: "000000000000",
    quotas: true,
  });
  const cognito = createCognito(localAws);
  localAws.register(cognito.service);
  const told: RuntimeEvent[] = [];
  localAws.observe((event) => told.push(event));
  const create = async (type: keyof typeof cognito.resources, logicalId: string, properties: Shape) => {
    const physicalName = () => `Orders-${logicalId}`;
    const request = { logicalId, properties, physicalName, assetPath: String };
    return (await cognito.resources[type]!.create(request)).ref;
  };
  const poolId = await create("AWS::Cognito::UserPool", "Users", {
    AutoVerifiedAttributes: ["email"],
    Schema: [{ Name: "email", Required: true, Mutable: true }],
    ...pool,
  });
  const ClientId = await create("AWS::Cognito::UserPoolClient", "App", {
    UserPoolId: poolId,
    ExplicitAuthFlows: ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    PreventUserExistenceErrors: "ENABLED",
    ...client,
  });
  await create("AWS::Cognito::UserPoolGroup", "Operators", { UserPoolId: poolId, GroupName: "operators" });
  const call = (operation: string, input: Shape): Promise<Shape> =>
    localAws.call({ service: "cognito-idp", operation, input, caller: PERSON });
  const signIn = (Username: string, Password = PASSWORD) =>
    call("InitiateAuth", {
      AuthFlow: "USER_PASSWORD_AUTH",
      ClientId,
      AuthParameters: { USERNAME: Username, PASSWORD: Password },
    }).then(tokensOf);
  const signUp = (Username: string, Password = PASSWORD) =>
    call("SignUp", {
      ClientId,
      Username,
      Password,
      UserAttributes: [{ Name: "email", Value: `${Username}@example.com` }],
    });
  const lastCode = () => told.findLast((event) => event.kind === "verification-code")?.code;
  const addBob = (groups: string[] = []) =>
    cognito.createConfirmedUser({ username: "bob", password: PASSWORD, email: "bob@example.com", groups });
  return { clock, cognito, create, call, signIn, signUp, lastCode, addBob, poolId, ClientId };
}

export const tokensOf = (reply: Shape) => reply.AuthenticationResult as Record<string, string>;

/** A client of the protocol, written from its definition and not from the server's code. */
export async function signInBySrp(
  pool: Pool,
  { username, password, thinkingMs = 0 }: { username: string; password: string; thinkingMs?: number },
): Promise<Shape> {
  const prime = BigInt(`0x${getDiffieHellman("modp15").getPrime("hex")}`);
  const power = (base: bigint, exponent: bigint): bigint =>
    exponent === 0n
      ? 1n
      : (power((base * base) % prime, exponent / 2n) * (exponent % 2n ? base : 1n)) % prime;
  const bytes = (value: bigint): Buffer => {
    const hex = value.toString(16);
    const even = hex.padStart(hex.length + (hex.length % 2), "0");
    return Buffer.from(parseInt(even.slice(0, 2), 16) > 127 ? `00${even}` : even, "hex");
  };
  const digest = (...parts: (Buffer | string)[]): Buffer => {
    const hash = createHash("sha256");
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
  const number = (buffer: Buffer): bigint => BigInt(`0x${buffer.toString("hex")}`);

  const secret = 123_456_789_123_456_789n;
  const clientPublic = power(2n, secret);
  const AuthParameters = { USERNAME: username, SRP_A: clientPublic.toString(16) };
  const started = await pool.call("InitiateAuth", {
    AuthFlow: "USER_SRP_AUTH",
    ClientId: pool.ClientId,
    AuthParameters,
  });
  const challenge = started.ChallengeParameters as Record<string, string>;
  await pool.clock.advance(thinkingMs);
  const serverPublic = BigInt(`0x${challenge.SRP_B}`);
  const identity = `${pool.poolId.split("_")[1]}${challenge.USER_ID_FOR_SRP}`;
  const x = number(digest(bytes(BigInt(`0x${challenge.SALT}`)), digest(`${identity}:${password}`)));
  const u = number(digest(bytes(clientPublic), bytes(serverPublic)));
  const k = number(digest(bytes(prime), bytes(2n)));
  const base = (((serverPublic - k * power(2n, x)) % prime) + prime) % prime;
  const shared = power(base, secret + u * x);
  const extracted = createHmac("sha256", bytes(u)).update(bytes(shared)).digest();
  const key = createHmac("sha256", extracted).update("Caldera Derived Key").update(Buffer.of(1)).digest();
  const timestamp = "Thu Jan 1 09:00:00 UTC 2026";
  const signature = createHmac("sha256", key.subarray(0, 16))
    .update(identity)
    .update(Buffer.from(challenge.SECRET_BLOCK!, "base64"))
    .update(timestamp)
    .digest("base64");
  return pool.call("RespondToAuthChallenge", {
    ChallengeName: "PASSWORD_VERIFIER",
    ClientId: pool.ClientId,
    ChallengeResponses: {
      USERNAME: username,
      PASSWORD_CLAIM_SECRET_BLOCK: challenge.SECRET_BLOCK,
      TIMESTAMP: timestamp,
      PASSWORD_CLAIM_SIGNATURE: signature,
    },
  });
}
