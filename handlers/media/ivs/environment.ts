/** The variables of functions that use IVS, beside those of every function. */
import { name, readVariables, type ValuesOf, wholeNumber } from "../../edge/environment.ts";
import { MAX_STAGES, MIN_STAGES } from "./quotas.ts";

const variables = {
  AWS_REGION: name,
  STAGES_TABLE: name,
  SIGNING_KEY_SECRET_ARN: name,
  STACK_NAME: name,
  MIN_STAGES: wholeNumber(MIN_STAGES),
  MAX_STAGES: wholeNumber(MAX_STAGES),
} as const;

type Variables = typeof variables;
export type IvsVariable = keyof Variables;
export type IvsEnvironment<Name extends keyof Variables> = ValuesOf<Pick<Variables, Name>>;

export function readIvsEnvironment<Name extends keyof Variables>(
  ...names: readonly Name[]
): IvsEnvironment<Name> {
  return readVariables(
    Object.fromEntries(names.map((one) => [one, variables[one]])) as Pick<Variables, Name>,
  );
}
