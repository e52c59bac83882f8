/** Access tokens for FCM, by the OAuth 2.0 of a Google service account: cached until they near their end. */
import { JWT } from "google-auth-library";
import * as z from "zod/mini";
import { withDeadline } from "../../edge/handler.ts";

const SCOPE = "https://www.googleapis.com/auth/firebase.messaging";
const TOKEN_MS = 3_000;

/** The members of a service account's key file that are used. */
export const serviceAccountSchema = z.object({
  project_id: z.string().check(z.minLength(1)),
  client_email: z.string().check(z.minLength(1)),
  private_key: z.string().check(z.startsWith("-----BEGIN")),
  token_uri: z._default(z.url(), "https://oauth2.googleapis.com/token"),
});
export type ServiceAccount = z.output<typeof serviceAccountSchema>;

export interface AccessTokens {
  /** Parallel callers share one request. */
  get(): Promise<string>;
  /** FCM no longer takes this token: the next one is new. */
  drop(token: string): void;
}

export function accessTokens(account: ServiceAccount): AccessTokens {
  let client = clientFor(account);
  return {
    async get() {
      try {
        const { token } = await client.getAccessToken();
        if (token) return token;
      } catch (error) {
        // The library's error holds the request with the signed assertion, so only its message is kept.
        throw new Error(`Google gave no access token for FCM: ${wordsOf(error)}`);
      }
      throw new Error("Google gave no access token for FCM");
    },
    drop(token) {
      if (client.credentials.access_token === token) client = clientFor(account);
    },
  };
}

function clientFor({ client_email: email, private_key: key, token_uri }: ServiceAccount): JWT {
  const fetchImplementation = (_url: unknown, init?: RequestInit) => fetchWhole(token_uri, init);
  // The sender retries, because it knows how long the phone may still ring.
  const transporterOptions = { fetchImplementation, retryConfig: { retry: 0, noResponseRetries: 0 } };
  return new JWT({ email, key, scopes: [SCOPE], transporterOptions });
}

/** Headers and body, under one deadline. */
function fetchWhole(url: string, init: RequestInit = {}): Promise<Response> {
  return withDeadline(TOKEN_MS, async (signal) => {
    const response = await fetch(url, { method: "POST", ...init, signal });
    return new Response(await response.text(), { status: response.status, headers: response.headers });
  });
}

const wordsOf = (error: unknown): string => {
  const words = error instanceof Error ? error.message : "unknown error";
  return words.slice(0, 200);
};
