/**
 * Stands in for `@aws-sdk/credential-provider-node` in the bundles: Lambda always supplies credentials in the
 * environment, so the SSO, profile, process and HTTP providers would be 130 kB of code that never runs.
 */

export interface LambdaCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

// Read once at start: Lambda sets them before the first import and never changes them in the life of the process.
const {
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_SESSION_TOKEN: sessionToken,
} = process.env;

/** The name under which the SDK's clients import it. */
export function defaultProvider(): () => Promise<LambdaCredentials> {
  return async () => {
    if (!accessKeyId || !secretAccessKey) {
      throw new Error("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY were not in the environment at start");
    }
    return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
  };
}
