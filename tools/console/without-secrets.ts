/**
 * Removes what no reader may see: task tokens, which can continue an execution, and anything that looks like another kind of
 * token. Events and histories hold no device token and no participant token; this guards against a mistake.
 */

const REMOVED = "(removed)";
/** Names of members whose text is a token; a wait hands its own over as `:token`. */
const TOKEN_NAME = /^:?(?:(?:task|device|participant|access|id|refresh)_?)?token$/i;
const JWT = /eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g;
/** Ids, ARNs and addresses are shorter or have other characters between. */
const LONG_OPAQUE = /[\w+/=-]{100,}/g;

export function withoutSecrets(value: unknown): unknown {
  if (typeof value === "string") return textWithoutSecrets(value);
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      TOKEN_NAME.test(name) && holdsText(member) ? REMOVED : withoutSecrets(member),
    ]),
  );
}

export const textWithoutSecrets = (text: string): string =>
  text.replaceAll(JWT, REMOVED).replaceAll(LONG_OPAQUE, REMOVED);

/** A text, or one as DynamoDB writes it. */
const holdsText = (value: unknown): boolean =>
  typeof value === "string" || (typeof value === "object" && value !== null && "S" in value);
