/** A function's configuration, read once when it loads: a missing variable stops the load and is named. */
import * as z from "zod/mini";
import english from "zod/v4/locales/en.js";
import {
  DELETIONS_PER_HOUR,
  MAX_CALL_SECONDS,
  REGISTRATIONS_PER_HOUR,
  REMOVAL_GRACE_SECONDS,
  RING_ATTEMPTS_PER_MINUTE,
  RING_SECONDS,
  STALE_DAYS,
  TOKEN_SECONDS,
} from "../../calls/limits.ts";
import { PUSH_PROVIDERS } from "../push/port.ts";

// Without it every fault reads "Invalid input". Apps see these messages in 400 errors.
z.config(english());

export const name = z.string().check(z.minLength(1));
export const wholeNumber = ({ min, max }: { min: number; max: number }) =>
  z.coerce.number().check(z.int(), z.gte(min), z.lte(max));

/** Every variable that a function may read; those of a push or media provider are in its folder. */
const variables = {
  AWS_REGION: name,
  OWNERS_TABLE: name,
  CLIENTS_TABLE: name,
  DEVICES_TABLE: name,
  PEOPLE_TABLE: name,
  CALLS_TABLE: name,
  BUS_NAME: name,
  DOUBTS_QUEUE_URL: z.url(),
  BLINKS_QUEUE_URL: z.url(),
  ENDINGS_QUEUE_URL: z.url(),
  REMOVALS_QUEUE_URL: z.url(),
  REMOVAL_GRACE_SECONDS: wholeNumber(REMOVAL_GRACE_SECONDS),
  CALL_WORKFLOW_ARN: name,
  CLEAN_UP_WORKFLOW_ARN: name,
  CLEAN_UP_BUCKET: name,
  STALE_DAYS: wholeNumber(STALE_DAYS),
  CALL_HISTORY: z.enum(["delete", "keep"]),
  STACK_NAME: name,
  PUSH: z.enum(PUSH_PROVIDERS),
  RING_SECONDS: wholeNumber(RING_SECONDS),
  MAX_CALL_SECONDS: wholeNumber(MAX_CALL_SECONDS),
  TOKEN_SECONDS: wholeNumber(TOKEN_SECONDS),
  RING_ATTEMPTS_PER_MINUTE: wholeNumber(RING_ATTEMPTS_PER_MINUTE),
  REGISTRATIONS_PER_HOUR: wholeNumber(REGISTRATIONS_PER_HOUR),
  DELETIONS_PER_HOUR: wholeNumber(DELETIONS_PER_HOUR),
  SIGN_IN_CLAIM: z._default(name, "origin_jti"),
} as const;

type Variables = typeof variables;
export type StackVariable = keyof Variables;
export type Environment<Name extends keyof Variables> = ValuesOf<Pick<Variables, Name>>;

/** Throws an error that names every variable that is missing or wrong. */
export function readEnvironment<Name extends keyof Variables>(...names: readonly Name[]): Environment<Name> {
  const shape = Object.fromEntries(names.map((one) => [one, variables[one]])) as Pick<Variables, Name>;
  return readVariables(shape);
}

type Shape = Readonly<Record<string, z.ZodMiniType>>;
export type ValuesOf<S extends Shape> = { readonly [Name in keyof S]: z.output<S[Name]> };

/** The same for variables that are described elsewhere. */
export function readVariables<S extends Shape>(shape: S): ValuesOf<S> {
  const parsed = z.object(shape).safeParse(process.env);
  if (parsed.success) return parsed.data as ValuesOf<S>;
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`the function's environment is not complete: ${wrong.join("; ")}`);
}
