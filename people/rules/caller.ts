/** The caller: a person who is signed in to the user pool. */
import type { AppSyncIdentityCognito, Context } from "@aws-appsync/utils";

// Only such persons reach the fields that ask for it: the schema closes them to IAM.
const identity = (ctx: Context) => ctx.identity as AppSyncIdentityCognito;

export const subOf = (ctx: Context): string => identity(ctx).sub;

export function isOperator(ctx: Context): boolean {
  const groups = identity(ctx).groups ?? [];
  return groups.indexOf("operators") >= 0;
}
