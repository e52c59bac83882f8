/**
 * The server's API keys: `{"keys": [{"key", "secret"}]}` in Secrets Manager. The first signs; webhooks signed with any of them are
 * accepted. To rotate: put the new key second and give it to the server, put it first, then take the old one away.
 */
import * as z from "zod/mini";
import { cachedSecret, parseSecret, type SecretSource } from "../../edge/cached-secret.ts";

const apiKeySchema = z.object({
  key: z.string().check(z.minLength(1)),
  secret: z.string().check(z.minLength(1)),
});
export type ApiKey = z.infer<typeof apiKeySchema>;

const apiKeysSchema = z.object({
  keys: z.tuple([apiKeySchema], apiKeySchema),
});

/** The key that signs, and all that webhooks may be signed with. */
export interface ApiKeys {
  readonly current: ApiKey;
  readonly all: readonly ApiKey[];
}

export type ReadApiKeys = () => Promise<ApiKeys>;

/** A secret that is not there or holds anything else is an error. */
export function apiKeys(source: SecretSource, secretId: string): ReadApiKeys {
  return cachedSecret(source, secretId, (text) => {
    const { keys } = parseSecret({ secretId, page: "docs/livekit.md" }, apiKeysSchema, text);
    return { current: keys[0], all: keys };
  });
}
