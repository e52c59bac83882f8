/** The password policy of a user pool. */
import { AwsError } from "../local-aws.ts";

export interface PasswordPolicy {
  readonly MinimumLength: number;
  readonly RequireUppercase: boolean;
  readonly RequireLowercase: boolean;
  readonly RequireNumbers: boolean;
  readonly RequireSymbols: boolean;
}

/** What a pool gets whose template says nothing. */
export const DEFAULT_POLICY: PasswordPolicy = {
  MinimumLength: 8,
  RequireUppercase: true,
  RequireLowercase: true,
  RequireNumbers: true,
  RequireSymbols: true,
};

const SYMBOL = /[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`=+\- ]/;

function flaw(policy: PasswordPolicy, password: string): string | undefined {
  if (password.length < policy.MinimumLength) return "Password not long enough";
  if (policy.RequireUppercase && !/[A-Z]/.test(password)) return "Password must have uppercase characters";
  if (policy.RequireLowercase && !/[a-z]/.test(password)) return "Password must have lowercase characters";
  if (policy.RequireNumbers && !/[0-9]/.test(password)) return "Password must have numeric characters";
  if (policy.RequireSymbols && !SYMBOL.test(password)) return "Password must have symbol characters";
  return undefined;
}

export function checkPassword(policy: PasswordPolicy, password: string): void {
  const found = flaw(policy, password);
  if (found) throw new AwsError("InvalidPasswordException", `Password did not conform with policy: ${found}`);
}
