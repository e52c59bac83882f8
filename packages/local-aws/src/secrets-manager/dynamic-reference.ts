/** `{{resolve:secretsmanager:secret-id:SecretString:json-key:version-stage:version-id}}` in a template. */
import { secretWith, type Secrets, versionWith } from "./secrets.ts";

/** The secret is a name, or an ARN with its own colons. */
const REFERENCE =
  /\{\{resolve:secretsmanager:(arn:aws:secretsmanager:[^:]+:\d+:secret:[^:}]+|[^:}]+)(?::SecretString)?(?::([^:}]*))?(?::([^:}]*))?(?::([^:}]*))?\}\}/g;

export function resolveReferences(secrets: Secrets, text: string): string {
  return text.replace(
    REFERENCE,
    (reference, id: string, key?: string, stage?: string, versionId?: string) => {
      const version = versionWith(secretWith(secrets, id), versionId || undefined, stage || undefined);
      if (version.text === undefined) throw new Error(`${reference}: the secret has no SecretString`);
      return key ? member(reference, version.text, key) : version.text;
    },
  );
}

function member(reference: string, text: string, key: string): string {
  const value = (JSON.parse(text) as Readonly<Record<string, unknown>>)[key];
  if (value === undefined) throw new Error(`${reference}: the secret has no key ${key}`);
  return typeof value === "string" ? value : JSON.stringify(value);
}
