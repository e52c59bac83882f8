/** The private key that participant tokens are signed with: `{kid, pem}` in Secrets Manager. */
import { createPrivateKey, type KeyObject } from "node:crypto";
import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import * as z from "zod";
import type { Environment } from "../environment.ts";
import { clientOptions } from "./client-options.ts";

/** A rotation takes effect within this time. */
const CACHE_MS = 5 * 60_000;

export const signingKeySchema = z.object({
  /** ARN of the public key as imported into IVS. */
  kid: z.string().startsWith("arn:"),
  /** P-384 private key, PKCS 8. */
  pem: z.string().startsWith("-----BEGIN"),
});

export interface SigningKey {
  readonly kid: string;
  readonly key: KeyObject;
}

/** Undefined while no key has been made: tokens then come from the IVS API. */
export function signingKeys({
  AWS_REGION,
  SIGNING_KEY_SECRET_ARN: SecretId,
}: Environment<"AWS_REGION" | "SIGNING_KEY_SECRET_ARN">): (nowMs: number) => Promise<SigningKey | undefined> {
  const client = new SecretsManagerClient(clientOptions(AWS_REGION));
  let cached: { readonly key: SigningKey | undefined; readonly untilMs: number } | undefined;
  return async (nowMs) => {
    if (!cached || nowMs >= cached.untilMs)
      cached = { key: await load(client, SecretId), untilMs: nowMs + CACHE_MS };
    return cached.key;
  };
}

async function load(client: SecretsManagerClient, SecretId: string): Promise<SigningKey | undefined> {
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }));
    const found = signingKeySchema.safeParse(JSON.parse(SecretString || "{}"));
    return found.success ? { kid: found.data.kid, key: createPrivateKey(found.data.pem) } : undefined;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}
