/** Credentials for push networks that exist on this machine only. */
import { generateKeyPairSync, type KeyObject } from "node:crypto";

export interface FcmCredentials {
  readonly projectId: string;
  readonly clientEmail: string;
  readonly privateKeyId: string;
  readonly privateKey: string;
  readonly publicKey: KeyObject;
}

export interface ApnsCredentials {
  readonly bundleId: string;
  readonly teamId: string;
  readonly keyId: string;
  readonly key: string;
  readonly publicKey: KeyObject;
}

const pem = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();

export function makeFcmCredentials(): FcmCredentials {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    projectId: "local-app",
    clientEmail: "push@local-app.iam.gserviceaccount.com",
    privateKeyId: "local",
    privateKey: pem(privateKey),
    publicKey,
  };
}

export function makeApnsCredentials(): ApnsCredentials {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    bundleId: "com.example.app",
    teamId: "LOCALTEAM1",
    keyId: "LOCALKEY01",
    key: pem(privateKey),
    publicKey,
  };
}

/** A service account's key file. */
export const serviceAccountFile = (fcm: FcmCredentials, tokenUri: string): string =>
  JSON.stringify({
    type: "service_account",
    project_id: fcm.projectId,
    private_key_id: fcm.privateKeyId,
    private_key: fcm.privateKey,
    client_email: fcm.clientEmail,
    token_uri: tokenUri,
  });
