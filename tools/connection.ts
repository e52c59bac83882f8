/** How a command reaches AWS: what its options say of profile, Region and endpoint. */
import { fromNodeProviderChain } from "@aws-sdk/credential-providers";
import type { SFNClientConfig } from "@aws-sdk/client-sfn";

export interface ConnectionOptions {
  readonly profile: string | undefined;
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
}

/** Of every client of the SDK. */
export type ClientSettings = Pick<SFNClientConfig, "region" | "profile" | "credentials" | "endpoint">;

const LOCAL_ENDPOINT = /\/\/(?:127\.0\.0\.1|localhost)\b/;

/** What answers on this machine takes any credentials; AWS takes those of the profile, or of the environment. */
export function connectionSettings({ profile, region, endpoint }: ConnectionOptions): ClientSettings {
  if (endpoint !== undefined && LOCAL_ENDPOINT.test(endpoint)) {
    const credentials = { accessKeyId: "local", secretAccessKey: "local" };
    return { endpoint, credentials, region: region ?? "us-east-1" };
  }
  return {
    ...(endpoint !== undefined && { endpoint }),
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile, credentials: fromNodeProviderChain({ profile }) }),
  };
}

/** An SDK takes "localhost:4566" for a URL of the protocol "localhost:", and fails far from here. */
export function requireEndpoint(option: string, endpoint: string | undefined): void {
  if (endpoint === undefined || /^https?:$/.test(URL.parse(endpoint)?.protocol ?? "")) return;
  throw new Error(`${option}: expected a URL such as http://127.0.0.1:4566, got "${endpoint}"`);
}
