/** The one key pair of this machine's account: what signs a request here that must prove something. */
import { freshBytes } from "./fresh-bytes.ts";
import { asItIs, type Store } from "./store/store.ts";

export interface LocalCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Made once, and kept where state lasts. */
export function localCredentials(store: Store): LocalCredentials {
  const kept = store.map("account.credentials", asItIs<LocalCredentials>());
  const credentials = kept.get("person") ?? {
    accessKeyId: `AKIALOCAL${freshBytes(6).toString("hex").slice(0, 11).toUpperCase()}`,
    secretAccessKey: freshBytes(30).toString("base64"),
  };
  kept.set("person", credentials);
  return credentials;
}

/** As the SDKs and the CLI read them: `AWS_SHARED_CREDENTIALS_FILE`. */
export const credentialsFile = ({ accessKeyId, secretAccessKey }: LocalCredentials): string =>
  `[default]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
