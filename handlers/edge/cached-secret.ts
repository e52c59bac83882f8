/**
 * The value of a secret in Secrets Manager, read at most every five minutes and parsed again only when it has changed. Once it has
 * been read, calls do not depend on Secrets Manager: a read that fails keeps the value in memory, and logs it.
 */
import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import type * as z from "zod/mini";
import { count, logger, withDeadline } from "./handler.ts";
import { clientOptions } from "./client-options.ts";

/** A new value takes effect within this time. */
const CACHE_MS = 5 * 60_000;
/** A failed read is tried again after this. */
const STALE_MS = 10_000;
/** No caller waits longer for a new read while a value is in memory. */
const REREAD_MS = 1_000;
/** A value read longer ago is not used any more. */
const MOST_STALE_MS = 12 * 3600_000;

export interface SecretSource {
  readonly region: string;
  readonly now: () => number;
}

/**
 * Returns what `make` makes of the secret's text; undefined if the secret does not exist or has no value yet. Errors of `make`
 * or of Secrets Manager are thrown until there is a value; after that they are logged and counted, and the value stays.
 */
export function cachedSecret<Made>(
  { region, now }: SecretSource,
  SecretId: string,
  make: (text: string | undefined) => Made,
): () => Promise<Made> {
  const client = new SecretsManagerClient(clientOptions(region));
  let made: { readonly text: string; readonly value: Made; readonly readAtMs: number } | undefined;
  let reading: { readonly untilMs: number; readonly value: Promise<Made> } | undefined;

  async function read(): Promise<Made> {
    const text = await textOf(client, SecretId);
    if (text === undefined && made) throw new Error(`secret ${SecretId} has no value any more`);
    const value = made && made.text === text ? made.value : make(text);
    if (text !== undefined) made = { text, value, readAtMs: now() };
    return value;
  }

  async function readAgain(last: Made): Promise<Made> {
    try {
      return await withDeadline(REREAD_MS, read);
    } catch (error) {
      logger.error("secret not read: the one in memory stays in force", asError(error));
      count("SecretsUnreadable");
      if (reading) reading = { ...reading, untilMs: now() + STALE_MS };
      return last;
    }
  }

  return () => {
    if (!reading || now() >= reading.untilMs) {
      if (made && now() - made.readAtMs > MOST_STALE_MS) made = undefined;
      const value = made ? readAgain(made.value) : read();
      const begun = { untilMs: now() + CACHE_MS, value };
      reading = begun;
      value.catch(() => reading === begun && (reading = undefined));
    }
    return reading.value;
  };
}

async function textOf(client: SecretsManagerClient, SecretId: string): Promise<string | undefined> {
  try {
    return (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString || undefined;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** The documentation of a secret's value. */
export interface Described {
  readonly secretId: string;
  readonly page: string;
}

export const pushSecret = (secretId: string): Described => ({ secretId, page: "docs/push-credentials.md" });

/** Reads a secret's JSON. An error names the secret and its member, and never quotes its text. */
export function parseSecret<Schema extends z.ZodMiniType>(
  { secretId, page }: Described,
  schema: Schema,
  text: string | undefined,
): z.output<Schema> {
  const parsed = schema.safeParse(jsonOf(text ?? ""));
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, code }) => `${path.join(".") || "its text"} (${code})`);
  throw new Error(`secret ${secretId} does not hold what ${page} describes: ${wrong.join(", ")}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message would quote part of the text.
    return undefined;
  }
}
