/** GenerateSecretString of AWS::SecretsManager::Secret: a random password, alone or inside a JSON template. */
import { randomInt } from "node:crypto";
import * as z from "zod";

const DEFAULT_LENGTH = 32;
const flag = z.stringbool().or(z.boolean()).default(false);

const properties = z.strictObject({
  ExcludeCharacters: z.string().default(""),
  ExcludeLowercase: flag,
  ExcludeNumbers: flag,
  ExcludePunctuation: flag,
  ExcludeUppercase: flag,
  GenerateStringKey: z.string().optional(),
  IncludeSpace: flag,
  PasswordLength: z.coerce.number().int().min(1).max(4_096).default(DEFAULT_LENGTH),
  RequireEachIncludedType: z.stringbool().or(z.boolean()).default(true),
  SecretStringTemplate: z.string().optional(),
});

type Rules = z.infer<typeof properties>;

/** The only randomness of generated values. */
const below = (limit: number): number => randomInt(limit);

export function generateSecretString(given: unknown): string {
  const rules = properties.parse(given);
  const password = generatePassword(rules);
  const { SecretStringTemplate: template, GenerateStringKey: key } = rules;
  if (template === undefined && key === undefined) return password;
  if (template === undefined || key === undefined) {
    throw new Error("SecretStringTemplate and GenerateStringKey go together");
  }
  const filled = z.record(z.string(), z.unknown()).parse(JSON.parse(template));
  return JSON.stringify({ ...filled, [key]: password });
}

function generatePassword(rules: Rules): string {
  const kinds = characterKinds(rules);
  const all = kinds.join("");
  const required = rules.RequireEachIncludedType ? kinds : [];
  if (all === "" || required.length > rules.PasswordLength) {
    throw new Error("GenerateSecretString leaves no character to choose from, or too short a password");
  }
  const pick = (from: string): string => from.charAt(below(from.length));
  const password = required.map(pick);
  while (password.length < rules.PasswordLength) password.splice(below(password.length + 1), 0, pick(all));
  return password.join("");
}

function characterKinds(rules: Rules): string[] {
  const kinds = [
    rules.ExcludeLowercase ? "" : "abcdefghijklmnopqrstuvwxyz",
    rules.ExcludeUppercase ? "" : "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    rules.ExcludeNumbers ? "" : "0123456789",
    rules.ExcludePunctuation ? "" : "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    rules.IncludeSpace ? " " : "",
  ];
  const allowed = (kind: string): string =>
    kind
      .split("")
      .filter((character) => !rules.ExcludeCharacters.includes(character))
      .join("");
  return kinds.map(allowed).filter((kind) => kind !== "");
}
