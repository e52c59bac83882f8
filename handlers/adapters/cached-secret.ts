/** What a secret in Secrets Manager holds, read at most every five minutes and made anew only when it has changed. */
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type * as z from "zod";
import { clientOptions } from "./client-options.ts";

/** A new value takes effect within this time. */
const CACHE_MS = 5 * 60_000;

export interface SecretSource {
  readonly region: string;
  readonly now: () => number;
}

/** Gives what `make` makes of the secret's text. A reading that fails is not kept. */
export function cachedSecret<Made>(
  { region, now }: SecretSource,
  SecretId: string,
  make: (text: string) => Made,
): () => Promise<Made> {
  const client = new SecretsManagerClient(clientOptions(region));
  let made: { readonly text: string; readonly value: Made } | undefined;
  let reading: { readonly untilMs: number; readonly value: Promise<Made> } | undefined;

  async function read(): Promise<Made> {
    const { SecretString: text = "" } = await client.send(new GetSecretValueCommand({ SecretId }));
    if (made?.text !== text) made = { text, value: make(text) };
    return made.value;
  }

  return () => {
    if (!reading || now() >= reading.untilMs) {
      const value = read();
      const begun = { untilMs: now() + CACHE_MS, value };
      reading = begun;
      value.catch(() => reading === begun && (reading = undefined));
    }
    return reading.value;
  };
}

/** Reads a secret's JSON. An error names the secret and its member, and repeats nothing of its text. */
export function parseSecret<Schema extends z.ZodType>(
  secretId: string,
  schema: Schema,
  text: string,
): z.output<Schema> {
  const parsed = schema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, code }) => `${path.join(".") || "its text"} (${code})`);
  throw new Error(
    `secret ${secretId} does not hold what docs/push-credentials.md describes: ${wrong.join(", ")}`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message would repeat a part of the text.
    return undefined;
  }
}
