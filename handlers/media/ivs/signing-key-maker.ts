/** Where a new signing key goes: its public half into IVS, its private half into the stack's secret. */
import {
  DeletePublicKeyCommand,
  ImportPublicKeyCommand,
  IVSRealTimeClient,
  ListPublicKeysCommand,
  ResourceNotFoundException,
  ServiceQuotaExceededException,
} from "@aws-sdk/client-ivs-realtime";
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException as SecretNotFound,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import * as z from "zod/mini";
import type { IvsEnvironment } from "./environment.ts";
import type { SigningKeyMaker } from "./make-signing-key.ts";
import { clientOptions } from "../../edge/client-options.ts";

/** IVS keeps 3 keys a Region. */
const MOST_LISTED = 50;

/** A secret of an earlier release does not say what it was made for. */
const madeKey = z.object({ kid: z.string(), madeFor: z.optional(z.string()) });

export function signingKeyMaker({
  AWS_REGION,
  SIGNING_KEY_SECRET_ARN: SecretId,
}: IvsEnvironment<"AWS_REGION" | "SIGNING_KEY_SECRET_ARN">): SigningKeyMaker {
  const ivs = new IVSRealTimeClient(clientOptions(AWS_REGION));
  const secrets = new SecretsManagerClient(clientOptions(AWS_REGION));
  return {
    async importPublicKey(publicKeyMaterial, name) {
      const command = new ImportPublicKeyCommand({ publicKeyMaterial, name });
      const { publicKey } = await ivs.send(command).catch(explainFullQuota(AWS_REGION));
      return z.string().check(z.startsWith("arn:")).parse(publicKey?.arn);
    },
    async publicKeysNamed(name) {
      const { publicKeys = [] } = await ivs.send(new ListPublicKeysCommand({ maxResults: MOST_LISTED }));
      return publicKeys.flatMap(({ arn, name: given }) => (arn && given === name ? arn : []));
    },
    async deletePublicKey(arn) {
      try {
        await ivs.send(new DeletePublicKeyCommand({ arn }));
      } catch (error) {
        if (!(error instanceof ResourceNotFoundException)) throw error;
      }
    },
    async putSecret(value) {
      await secrets.send(new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify(value) }));
    },
    async readSecret() {
      try {
        const { SecretString = "" } = await secrets.send(new GetSecretValueCommand({ SecretId }));
        return madeKey.safeParse(JSON.parse(SecretString)).data;
      } catch (error) {
        if (error instanceof SecretNotFound || error instanceof SyntaxError) return undefined;
        throw error;
      }
    },
  };
}

/** CloudFormation shows the reason to those who deploy. */
const explainFullQuota =
  (region: string) =>
  (error: unknown): never => {
    if (!(error instanceof ServiceQuotaExceededException)) throw error;
    const why = `IVS keeps 3 public keys in a Region, and ${region} has them: each stack needs one`;
    const remedy = "Delete a stack there, or a key that nothing uses (aws ivs-realtime list-public-keys)";
    throw new Error(`${why}. ${remedy}, or deploy to another Region.`, { cause: error });
  };
