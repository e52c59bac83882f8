/** Participant tokens that IVS lets in: signed with the key in the secret, or issued by IVS while there is none. */
import { generateKeyPairSync } from "node:crypto";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Call } from "../../calls/call.ts";
import { renewToken } from "../../calls/rules.ts";
import { ivsStages } from "../../handlers/adapters/ivs-stages.ts";
import { type ParticipantTokens, participantTokens } from "../../handlers/adapters/participant-tokens.ts";
import { PERSON, type Shape } from "../../local/door.ts";
import { createIvsRealtime, type IvsRealtime } from "../../local/ivs-realtime/ivs-realtime.ts";
import { createSecretsManager } from "../../local/secrets-manager/secrets-manager.ts";
import { ALICE, BOB, callFrom } from "./builders.ts";
import { type LocalAws, openLocalAws, REGION } from "./served-door.ts";

const CALLER = 1;
const MINUTE_MS = 60_000;

let aws: LocalAws;
let ivs: IvsRealtime;
let secretArn: string;
let tokens: ParticipantTokens;
let call: Call;

const ask = (service: string, operation: string, input: Shape): Promise<Shape> =>
  aws.door.call({ service, operation, input, caller: PERSON });
const tokensOf = (SIGNING_KEY_SECRET_ARN: string) =>
  participantTokens({ AWS_REGION: REGION, SIGNING_KEY_SECRET_ARN });
const sign = async (nowMs = aws.clock.now()): Promise<string> =>
  (await tokens.sign(call, CALLER, nowMs)).token.reveal();
const kidOf = (token: string) => decodeProtectedHeader(token).kid;
const reads = () => aws.asked.filter((operation) => operation === "GetSecretValue").length;

beforeEach(async () => {
  aws = await openLocalAws();
  ivs = createIvsRealtime(aws.door);
  aws.door.register(ivs.service);
  aws.door.register(createSecretsManager(aws.door).service);
  secretArn = String((await ask("secretsmanager", "CreateSecret", { Name: "signing-key" }))["ARN"]);
  tokens = tokensOf(secretArn);
  const stages = ivsStages({ AWS_REGION: REGION, STACK_NAME: "ringmaster" });
  call = callFrom(ALICE, BOB, { on: await stages.create(), nowMs: aws.clock.now() });
});
afterEach(() => aws.close());

/** Makes a key pair, imports its public half and puts the private half into the secret. */
async function newKey(): Promise<string> {
  const { publicKey, privateKey: pem } = generateKeyPairSync("ec", {
    namedCurve: "P-384",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const imported = await ask("ivs", "ImportPublicKey", { publicKeyMaterial: publicKey });
  const kid = (imported["publicKey"] as { arn: string }).arn;
  await ask("secretsmanager", "PutSecretValue", {
    SecretId: secretArn,
    SecretString: JSON.stringify({ kid, pem }),
  });
  return kid;
}

test("a signed token lets its leg in, as the participant that the call names", async () => {
  const kid = await newKey();
  const token = await sign();
  expect(decodeProtectedHeader(token)).toEqual({ alg: "ES384", typ: "JWT", kid });
  expect(await ivs.join(token)).toMatchObject({
    participantId: `${call.callId}-1-1`,
    userId: ALICE.clientId,
    attributes: { callId: call.callId, leg: "1", media: "video" },
    mayPublish: true,
    maySubscribe: true,
  });
  expect(aws.asked).not.toContain("CreateParticipantToken");
});

test("signed a second time it is the same participant with the same expiry; renewed it is another", async () => {
  await newKey();
  const first = decodeJwt(await sign());
  await aws.clock.advance(10_000);
  const second = decodeJwt(await sign());
  expect([second.jti, second.exp]).toEqual([first.jti, first.exp]);
  const decision = renewToken(CALLER)(call, aws.clock.now());
  if (decision.kind !== "changed") throw new Error("the token was not renewed");
  call = decision.call;
  expect(decodeJwt(await sign()).jti).toBe(`${call.callId}-1-2`);
});

test("a token lets nobody in once it has expired", async () => {
  await newKey();
  const token = await sign();
  await aws.clock.advance(45_000 + 2 * MINUTE_MS - 1_000);
  await ivs.join(token);
  await aws.clock.advance(1_000);
  await expect(ivs.join(token)).rejects.toMatchObject({ name: "StageError", code: "TOKEN_EXPIRED" });
});

test("a new key signs within five minutes, and until then the secret is read once", async () => {
  const oldKid = await newKey();
  const startMs = aws.clock.now();
  await tokens.ready(startMs);
  const newKid = await newKey();
  expect(kidOf(await sign(startMs + 5 * MINUTE_MS - 1))).toBe(oldKid);
  expect(reads()).toBe(1);
  expect(kidOf(await sign(startMs + 5 * MINUTE_MS))).toBe(newKid);
  expect(reads()).toBe(2);
});

test.each([
  ["while the secret has no value yet", () => secretArn],
  ["without a secret", () => aws.door.arn("secretsmanager", "secret:no-such-secret")],
])("%s IVS issues the token itself", async (_when, arn) => {
  tokens = tokensOf(arn());
  const token = await sign();
  expect(aws.asked).toContain("CreateParticipantToken");
  expect(await ivs.join(token)).toMatchObject({
    stageArn: call.stage?.arn,
    userId: ALICE.clientId,
    attributes: { callId: call.callId, leg: "1", media: "video" },
    mayPublish: true,
    maySubscribe: true,
    // 45 s of ringing and 120 s after it, in the whole minutes that the API takes.
    expiresAtMs: aws.clock.now() + 3 * MINUTE_MS,
  });
});

test("a key that is made later is found within five minutes", async () => {
  const startMs = aws.clock.now();
  await tokens.ready(startMs);
  const kid = await newKey();
  expect(kidOf(await sign(startMs + 5 * MINUTE_MS))).toBe(kid);
});

test("a secret that cannot be read is an error, not a reason to ask IVS", async () => {
  await ask("secretsmanager", "DeleteSecret", { SecretId: secretArn, RecoveryWindowInDays: 7 });
  await expect(sign()).rejects.toMatchObject({ name: "InvalidRequestException" });
  expect(aws.asked).not.toContain("CreateParticipantToken");
});
