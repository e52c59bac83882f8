/** Participant tokens that IVS accepts: signed with the key in the secret, or issued by IVS while there is no key. */
import { generateKeyPairSync } from "node:crypto";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { IVSRealTimeClient } from "@aws-sdk/client-ivs-realtime";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openForEach } from "../opened.ts";
import type { Call } from "../../calls/call.ts";
import { participantOfLeg } from "../../calls/participant.ts";
import { renewToken } from "../../calls/participant-tokens.ts";
import { ivsStages } from "../../handlers/media/ivs/ivs-stages.ts";
import { participantTokens } from "../../handlers/media/ivs/participant-tokens.ts";
import type { ParticipantTokens } from "../../handlers/media/port.ts";
import { logger } from "../../handlers/edge/handler.ts";
import { PERSON, type Shape } from "../../packages/local-aws/src/local-aws.ts";
import {
  createIvsRealtime,
  type IvsRealtime,
} from "../../packages/local-aws/src/ivs-realtime/ivs-realtime.ts";
import { createSecretsManager } from "../../packages/local-aws/src/secrets-manager/secrets-manager.ts";
import { ALICE, BOB, callFrom } from "./builders.ts";
import { type TestAws, serveTestAws, REGION } from "../../packages/local-aws/test/served-aws.ts";

const CALLER = 1;
const MINUTE_MS = 60_000;

let aws: TestAws;
let ivs: IvsRealtime;
let secretArn: string;
let tokens: ParticipantTokens;
let call: Call;

const ask = (service: string, operation: string, input: Shape): Promise<Shape> =>
  aws.localAws.call({ service, operation, input, caller: PERSON });
const tokensOf = (SIGNING_KEY_SECRET_ARN: string) =>
  participantTokens({ AWS_REGION: REGION, SIGNING_KEY_SECRET_ARN }, () => aws.clock.now());
const sign = async (nowMs = aws.clock.now()): Promise<string> =>
  (await tokens.sign(participantOfLeg(call, CALLER), nowMs)).token.reveal();
const kidOf = (token: string) => decodeProtectedHeader(token).kid;
const reads = () => aws.asked.filter((operation) => operation === "GetSecretValue").length;

openForEach(serveTestAws, async (opened) => {
  aws = opened;
  ivs = createIvsRealtime(aws.localAws);
  aws.localAws.register(ivs.service);
  aws.localAws.register(createSecretsManager(aws.localAws).service);
  secretArn = String((await ask("secretsmanager", "CreateSecret", { Name: "signing-key" }))["ARN"]);
  tokens = tokensOf(secretArn);
  const on = await ivsStages({ AWS_REGION: REGION, STACK_NAME: "ringmaster" }).create();
  if (typeof on === "string") throw new Error(on);
  call = callFrom(ALICE, BOB, { on, nowMs: aws.clock.now() });
});

/** Makes a key pair, imports its public half and stores the private half in the secret. */
async function newKey(): Promise<string> {
  const { publicKey, privateKey: pem } = generateKeyPairSync("ec", {
    namedCurve: "P-384",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const imported = await ask("ivs", "ImportPublicKey", { publicKeyMaterial: publicKey });
  const kid = (imported["publicKey"] as { arn: string }).arn;
  await putSecret(JSON.stringify({ kid, pem }));
  return kid;
}

const putSecret = (SecretString: string) =>
  ask("secretsmanager", "PutSecretValue", { SecretId: secretArn, SecretString });

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

test("a token signed again is the same participant with the same expiry, and a renewed one is another participant", async () => {
  await newKey();
  const first = decodeJwt(await sign());
  await aws.clock.advance(10_000);
  const second = decodeJwt(await sign());
  expect([second.jti, second.exp]).toEqual([first.jti, first.exp]);
  // 45 s of ringing and 60 s after it, of which 14 are left.
  await aws.clock.advance(81_000);
  const decision = renewToken(CALLER)(call, aws.clock.now());
  if (decision.kind !== "changed") throw new Error("the token was not renewed");
  call = decision.call;
  expect(decodeJwt(await sign()).jti).toBe(`${call.callId}-1-2`);
});

test("a token lets no participant in once it has expired", async () => {
  await newKey();
  const token = await sign();
  await aws.clock.advance(45_000 + MINUTE_MS - 1_000);
  await ivs.join(token);
  await aws.clock.advance(1_000);
  await expect(ivs.join(token)).rejects.toMatchObject({ name: "StageError", code: "TOKEN_EXPIRED" });
});

test("a new key signs within five minutes, and until then the secret is read once", async () => {
  const oldKid = await newKey();
  await tokens.ready();
  const newKid = await newKey();
  await aws.clock.advance(5 * MINUTE_MS - 1);
  expect(kidOf(await sign())).toBe(oldKid);
  expect(reads()).toBe(1);
  await aws.clock.advance(1);
  expect(kidOf(await sign())).toBe(newKid);
  expect(reads()).toBe(2);
});

test.each([
  ["while the secret has no value yet", () => secretArn],
  ["without a secret", () => aws.localAws.arn("secretsmanager", "secret:no-such-secret")],
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
    // 45 s of ringing and 60 s after it, in the API's whole minutes.
    expiresAtMs: aws.clock.now() + 2 * MINUTE_MS,
  });
});

test("the tokens that IVS issues share one SDK client, and its connection", async () => {
  await sign();
  const made = vi.spyOn(IVSRealTimeClient.prototype, "send");
  await sign();
  await sign();
  expect(new Set(made.mock.instances).size).toBe(1);
  made.mockRestore();
});

test("a key that is made later is found within five minutes", async () => {
  await tokens.ready();
  const kid = await newKey();
  await aws.clock.advance(5 * MINUTE_MS);
  expect(kidOf(await sign())).toBe(kid);
});

test("a secret that cannot be read is an error, and IVS is not asked instead", async () => {
  await ask("secretsmanager", "DeleteSecret", { SecretId: secretArn, RecoveryWindowInDays: 7 });
  await expect(sign()).rejects.toMatchObject({ name: "InvalidRequestException" });
  expect(aws.asked).not.toContain("CreateParticipantToken");
});

const P256 = generateKeyPairSync("ec", {
  namedCurve: "P-256",
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
}).privateKey;

test.each([
  ["no JSON", "hush", "its text ("],
  ["an empty object", "{}", "kid ("],
  ["no key", JSON.stringify({ kid: "arn:aws:ivs:key", pem: "hush" }), "pem ("],
  ["a truncated key", JSON.stringify({ kid: "arn:aws:ivs:key", pem: "-----BEGIN hush" }), "pem must be"],
  ["a key of another curve", JSON.stringify({ kid: "arn:aws:ivs:key", pem: P256 }), "pem must be a P-384"],
])(
  "a secret that holds %s is an error with the reason, and IVS is not asked instead",
  async (_what, text, message) => {
    await putSecret(text);
    const error: unknown = await sign().catch((thrown: unknown) => thrown);
    expect(String(error)).toContain(message);
    expect(String(error)).not.toContain("hush");
    expect(aws.asked).not.toContain("CreateParticipantToken");
  },
);

describe("a key in memory", () => {
  let kid: string;
  const told: unknown[] = [];
  beforeEach(async () => {
    told.length = 0;
    vi.spyOn(logger, "error").mockImplementation((...line) => void told.push(line[0]));
    kid = await newKey();
    await tokens.ready();
  });
  afterEach(() => vi.restoreAllMocks());

  /** The key that signs while the secret cannot be read again. */
  const signedBlind = async () => {
    await aws.clock.advance(5 * MINUTE_MS);
    const signedBy = kidOf(await sign());
    expect(told).toEqual([expect.stringContaining("secret not read")]);
    expect(aws.asked).not.toContain("CreateParticipantToken");
    return signedBy;
  };

  test("signs on while Secrets Manager cannot be read, which is tried again after 10 seconds", async () => {
    const away = vi.spyOn(SecretsManagerClient.prototype, "send").mockImplementation(() => {
      throw new Error("connect ECONNREFUSED");
    });
    expect(await signedBlind()).toBe(kid);
    away.mockRestore();
    const next = await newKey();
    await aws.clock.advance(9_999);
    expect(kidOf(await sign())).toBe(kid);
    await aws.clock.advance(1);
    expect(kidOf(await sign())).toBe(next);
  });

  test("signs on while Secrets Manager does not answer, and a caller waits for a second at most", async () => {
    await aws.clock.advance(5 * MINUTE_MS);
    const never = new Promise<never>(() => undefined);
    vi.spyOn(SecretsManagerClient.prototype, "send").mockImplementation((): void => never as never);
    const signing = sign();
    await aws.clock.advance(1_000);
    expect(kidOf(await signing)).toBe(kid);
  });

  test("signs on for half a day at most", async () => {
    vi.spyOn(SecretsManagerClient.prototype, "send").mockImplementation(() => {
      throw new Error("connect ECONNREFUSED");
    });
    await aws.clock.advance(12 * 60 * MINUTE_MS);
    expect(kidOf(await sign())).toBe(kid);
    await aws.clock.advance(5 * MINUTE_MS);
    await expect(sign()).rejects.toThrow("ECONNREFUSED");
  });

  test.each(["hush", "{}"])("signs on when the secret is overwritten with %s", async (text) => {
    await putSecret(text);
    expect(await signedBlind()).toBe(kid);
  });
});
