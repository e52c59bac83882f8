/** Where a new signing key goes: its public half into IVS, its private half into the stack's secret. */
import {
  DeletePublicKeyCommand,
  ImportPublicKeyCommand,
  IVSRealTimeClient,
  ResourceNotFoundException,
} from "@aws-sdk/client-ivs-realtime";
import { PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import * as z from "zod";
import type { Environment } from "../environment.ts";
import type { SigningKeyMaker } from "../make-signing-key.ts";
import { clientOptions } from "./client-options.ts";

export function signingKeyMaker({
  AWS_REGION,
  SIGNING_KEY_SECRET_ARN: SecretId,
}: Environment<"AWS_REGION" | "SIGNING_KEY_SECRET_ARN">): SigningKeyMaker {
  const ivs = new IVSRealTimeClient(clientOptions(AWS_REGION));
  const secrets = new SecretsManagerClient(clientOptions(AWS_REGION));
  return {
    async importPublicKey(publicKeyMaterial) {
      const { publicKey } = await ivs.send(
        new ImportPublicKeyCommand({ publicKeyMaterial, name: "ringmaster" }),
      );
      return z.string().startsWith("arn:").parse(publicKey?.arn);
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
  };
}
