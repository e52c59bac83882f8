/** Values of CDK context: `cdk -c key=value` gives text, `cdk.json` gives JSON, and both forms count. */

/** An invalid setting: the message names it, and what was expected. */
export class SettingError extends Error {}

/** Gives the context value of a key, or undefined. */
export type ReadContext = (key: string) => unknown;

interface Range {
  readonly default: number;
  readonly min: number;
  readonly max: number;
}

export function wholeNumber(context: ReadContext, key: string, range: Range): number {
  const given = context(key) ?? range.default;
  const value = typeof given === "string" && given.trim() !== "" ? Number(given) : given;
  if (typeof value === "number" && Number.isInteger(value) && value >= range.min && value <= range.max) {
    return value;
  }
  throw refusal(key, `a whole number from ${range.min} to ${range.max}`, given);
}

/** The first choice is the default. */
export function oneOf<const Choice extends string>(
  context: ReadContext,
  key: string,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  const given = context(key) ?? choices[0];
  const choice = choices.find((candidate) => candidate === given);
  if (choice === undefined) throw refusal(key, choices.join(" or "), given);
  return choice;
}

export function flag(context: ReadContext, key: string, byDefault: boolean): boolean {
  const given = context(key) ?? byDefault;
  if (given === true || given === "true") return true;
  if (given === false || given === "false") return false;
  throw refusal(key, "true or false", given);
}

export function matching(context: ReadContext, key: string, form: RegExp, byDefault: string): string {
  const given = context(key) ?? byDefault;
  if (typeof given === "string" && form.test(given)) return given;
  throw refusal(key, `a value such as ${byDefault}`, given);
}

/** A member of that name if the key is given, else none. */
export function matchingIfGiven<const Key extends string>(
  context: ReadContext,
  key: Key,
  { form, expected }: { readonly form: RegExp; readonly expected: string },
): { readonly [K in Key]?: string } {
  const given = context(key);
  if (given === undefined) return {};
  if (typeof given === "string" && form.test(given)) return { [key]: given } as { [K in Key]: string }; // computed keys widen
  throw refusal(key, expected, given);
}

export function refusal(key: string, expected: string, given: unknown): SettingError {
  return new SettingError(`context "${key}": expected ${expected}, got ${JSON.stringify(given)}`);
}
